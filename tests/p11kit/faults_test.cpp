// The product killed at each call that changes something, and refused it, while it changes a store of
// p11-kit's.
#include "faults/change.hpp"
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// The keystore tells when it was made, and the record what was parsed.
std::vector<std::string> not_compared(const TrustNode& node) {
  return {"run", "var/lib/node-ca-trust/record", node.layout().keystore.substr(1)};
}

// Of a node that has A, B and a CA that is re-keyed, to B, C and that CA with its new key.
class Replacement {
 public:
  explicit Replacement(const std::string& family)
      : node_((scratch_.path() / "node").string(), family, 6),
        bundle_((scratch_.path() / "new.pem").string()) {
    const auto b = make_ca({.common_name = "B"});
    const auto old = (scratch_.path() / "old.pem").string();
    write_whole(old,
                concat(make_ca({.common_name = "A"}).pem, b.pem, make_ca({.common_name = "Re-keyed"}).pem,
                       make_ca({.common_name = "Re-keyed"}).pem));
    write_whole(bundle_,
                concat(b.pem, make_ca({.common_name = "C"}).pem, make_ca({.common_name = "Re-keyed"}).pem));
    const auto finished = node_.run_product("provision", {"--from", old});
    if (finished.status != 0) throw std::runtime_error(finished.err);
  }

  [[nodiscard]] Change change() const {
    return {"replacement",
            node_.directory(),
            [bundle = bundle_](const std::string& root) {
              return std::vector<std::string>{NCT_BINARY, "provision", "--root", root, "--from", bundle};
            },
            not_compared(node_),
            false,
            node_.layout().bundle};
  }

 private:
  Scratch scratch_{fast_directory()};
  TrustNode node_;
  std::string bundle_;
};

// All of them, or so many of each name, spread over the run.
std::vector<SystemCall> some_of(const std::vector<SystemCall>& calls, std::size_t most) {
  std::map<std::string, std::vector<SystemCall>> by_name;
  for (const auto& call : calls)
    by_name[call.name].push_back(call);
  std::vector<SystemCall> some;
  for (const auto& [name, all] : by_name)
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all.size() <= most || i * most / all.size() != (i + 1) * most / all.size()) some.push_back(all[i]);
  return some;
}

std::string joined(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  std::string lines;
  for (std::size_t i = 0; i < std::min<std::size_t>(texts.size(), 10); ++i)
    lines += concat("\n", texts[i]);
  return lines;
}

}  // namespace

TEST_CASE(
    "a kill or an error at any change of a store of p11-kit's leaves old or new, and the next run finishes") {
  std::string family;
  SUBCASE("Fedora 43") {
    family = "fedora43";
  }
  SUBCASE("Arch") {
    family = "arch";
  }
  SUBCASE("SUSE") {
    family = "suse";
  }
  CAPTURE(family);
  const Replacement replacement(family);
  const auto change = replacement.change();
  const auto calls = change.changing_calls();
  CHECK(calls.size() > 60);
  const auto chosen = some_of(calls, number_from("NCT_CALLS", 6));
  constexpr std::array kErrors{"EIO", "ENOSPC", "EROFS"};
  struct Injected {
    SystemCall call;
    std::string what;
  };
  std::vector<Injected> all;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    all.push_back({chosen[i], "signal=KILL"});
    all.push_back({chosen[i], concat("error=", kErrors.at(i % kErrors.size()))});
  }
  std::vector<std::string> bad;
  std::mutex mutex;
  const Scratch scratch(fast_directory());
  in_two_threads(all.size(), [&](std::size_t i) {
    const auto root = (scratch.path() / std::to_string(i)).string();
    change.prepare(root);
    const auto finished = change.run_injected(root, all[i].call, all[i].what);
    std::vector<std::string> wrong;
    const bool killed = all[i].what.ends_with("KILL");
    if (killed ? finished.signal != SIGKILL : finished.status == 0 && all[i].call.name != "sync_file_range")
      wrong.push_back(concat("exit status ", std::to_string(finished.status), ": ", finished.err));
    for (const auto& list : {change.missed_by_readers(root), change.unfinished(root)})
      wrong.insert(wrong.end(), list.begin(), list.end());
    std::filesystem::remove_all(root);
    const std::scoped_lock lock(mutex);
    for (const auto& text : wrong)
      bad.push_back(concat(all[i].what, " at ", all[i].call.text(), ": ", text));
  });
  CHECK_MESSAGE(bad.empty(), joined(bad));
  MESSAGE(calls.size(), " changing calls, ", all.size(), " kills and errors, ", bad.size(), " bad");
}
