// Looking at a node while a run is at work on it: the lock tells that from one that was broken off.
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "base/text.hpp"
#include "sys/lock.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kNo = 1;
constexpr int kBusy = 75;
constexpr const char* kAtWork =
    "warning: a run of node-ca-trust is at work; what it has not finished is no drift\n";

// A node with an anchor, whose pending manifest says that a run has not ended.
class Node {
 public:
  Node() {
    put(debian_node(), root());
    write_whole(scratch_.path() / "ca.pem", make_ca().pem);
    REQUIRE(command({"provision", "--from", scratch_.path() / "ca.pem"}).status == 0);
    fs::copy_file(state() / "manifest.toml", state() / "pending.toml");
  }
  [[nodiscard]] std::string root() const { return scratch_.path() / "root"; }
  [[nodiscard]] fs::path state() const { return fs::path(root()) / "var/lib/node-ca-trust"; }
  [[nodiscard]] fs::path anchor() const {
    const auto anchors = fs::path(root()) / "usr/local/share/ca-certificates/node-ca-trust";
    return fs::directory_iterator(anchors)->path();
  }
  [[nodiscard]] Finished command(std::vector<std::string> words) const {
    words.insert(words.begin(), NCT_BINARY);
    words.emplace_back("--root");
    words.push_back(root());
    return run({.argv = words});
  }
  void configure(std::string_view toml) const {
    fs::create_directories(fs::path(root()) / "etc/node-ca-trust");
    write_whole(fs::path(root()) / "etc/node-ca-trust/config.toml", toml);
  }
  [[nodiscard]] Lock lock() const {
    return Lock::take(root(), "/run/node-ca-trust/lock", std::chrono::milliseconds(0)).value();
  }

 private:
  Scratch scratch_;
};

}  // namespace

TEST_CASE("what is pending while a run holds the lock is no drift") {
  const Node node;
  std::optional<Lock> lock(node.lock());
  const auto status = node.command({"status"});
  CHECK(status.status == 0);
  CHECK(status.out.contains(kAtWork));
  CHECK_FALSE(status.out.contains("interrupted"));
  const auto verified = node.command({"verify"});
  CHECK(verified.status == 0);
  CHECK(verified.out.contains(kAtWork));
  CHECK(verified.out.ends_with("result: yes\n"));
  lock.reset();
  const auto broken_off = node.command({"verify"});
  CHECK(broken_off.status == kNo);
  CHECK(broken_off.out.starts_with(
      "drift interrupted: /var/lib/node-ca-trust/pending.toml\n  a run was broken off before its end\n"));
  CHECK(node.command({"status"}).out.contains("drift interrupted: "));
}

TEST_CASE("what a run has half done is waited for, and said as it is where that does not end") {
  const Node node;
  const auto anchor = node.anchor();
  const auto aside = fs::path(node.root()) / "tmp/aside";
  fs::rename(anchor, aside);
  std::optional<Lock> lock(node.lock());
  SUBCASE("it ends") {
    std::jthread run([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      fs::rename(aside, anchor);
      fs::remove(node.state() / "pending.toml");
      lock.reset();
    });
    const auto verified = node.command({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out);
    CHECK(node.command({"status"}).out.ends_with("result: as it should be\n"));
  }
  SUBCASE("it does not end") {
    node.configure("lock_timeout_ms = 200\n");
    const auto verified = node.command({"verify"});
    CHECK(verified.status == kBusy);
    CHECK(verified.err.starts_with("node-ca-trust: another run of node-ca-trust is at work"));
    const auto status = node.command({"status"});
    CHECK(status.status == 0);
    CHECK(status.out.contains(kAtWork));
    CHECK(status.out.contains("drift anchor-missing: "));
  }
}
