// A store that nobody touched is not read again; one that somebody touched in any way is.
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

const std::string kStore = "/etc/ssl/certs/";
const std::string kBundle = kStore + "ca-certificates.crt";
const std::string kShared = "/usr/share/ca-certificates/mozilla/";

// Until every file is older than the longest tick of a file system's clock.
void grow_old() {
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
}

Finished provision() {
  auto finished = node_ca_trust({"provision", "--from", kDelivered});
  CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
  return finished;
}

// Files that a run opens below the places that a store is made of.
std::size_t files_read() {
  const auto traced = run({.argv = {"strace", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0", "-e",
                                    "trace=openat,openat2", kBinary, "provision", "--from", kDelivered}});
  CHECK(traced.status == 0);
  std::size_t count = 0;
  for (const auto line : lines_of(traced.err))
    if (line.contains("\"/usr/share/ca-certificates/") || line.contains("\"/etc/ssl/certs")) ++count;
  return count;
}

// One byte of the file becomes another, in place: its size stays.
void change_byte(const std::string& path, off_t at) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  char byte = 0;
  REQUIRE(::pread(fd, &byte, 1, at) == 1);
  byte = byte == 'A' ? 'B' : 'A';
  REQUIRE(::pwrite(fd, &byte, 1, at) == 1);
  ::close(fd);
}

}  // namespace

TEST_CASE("nothing is read again until somebody touches something") {
  const Sandbox sandbox;
  const auto ca = make_ca({.common_name = "Untouched"});
  const auto other = make_ca({.common_name = "Another"});
  write_whole(kDelivered, ca.pem);
  const std::string anchor = concat(kAnchors, "/", anchor_name(ca), ".crt");
  const std::string link = concat(kStore, anchor_name(ca), ".pem");

  const std::string root = kShared + "ISRG_Root_X1.crt";
  const auto root_as_it_was = read_whole(root);
  struct Touch {
    std::string what;
    std::function<void()> touch;
    bool changes_store;
  };
  const Touch touches[] = {
      {"nothing", [] {}, false},
      {"a byte of the bundle", [] { change_byte(kBundle, 1000); }, true},
      {"the bundle's mode", [] { ::chmod(kBundle.c_str(), 0600); }, true},
      {"a root", [&] { write_whole(root, other.pem); }, true},
      {"the root as it was", [&] { write_whole(root, root_as_it_was); }, true},
      {"a hash link", [&] { fs::remove(concat(kStore, ca.subject_hash_hex, ".0")); }, true},
      {"a link's target",
       [&] {
         fs::remove(link);
         fs::create_symlink("/nowhere", link);
       },
       true},
      {"our anchor", [&] { change_byte(anchor, 100); }, true},
      {"a local certificate", [&] { write_whole("/usr/local/share/ca-certificates/site.crt", other.pem); },
       true},
      {"ca-certificates.conf",
       [] {
         auto conf = read_whole("/etc/ca-certificates.conf");
         conf.replace(conf.find("mozilla/ISRG_Root_X2.crt"), 0, "!");
         write_whole("/etc/ca-certificates.conf", conf);
       },
       true},
  };
  (void)provision();
  for (const auto& [what, touch, changes_store] : touches) {
    CAPTURE(what);
    grow_old();
    (void)provision();  // finds nothing to do, and writes down what it saw
    CHECK(files_read() == 0);
    touch();
    const auto again = provision();
    if (changes_store) CHECK(again.out.contains("result: changed"));
    const auto now = tree_of("/etc/ssl/certs");
    CHECK(difference(now, predict_update({}, true).certs).empty());
    CHECK(node_ca_trust({"verify"}).status == 0);
  }
}

TEST_CASE("what breaks clients is named also where nothing is read again") {
  const Sandbox sandbox;
  const std::string site = "/usr/local/share/ca-certificates/site.crt";
  write_whole(site, make_ca({.common_name = "Others", .extension_twice = true}).pem);
  write_whole(kDelivered, make_ca({.common_name = "Ours"}).pem);
  CHECK(provision().out.contains(site));
  for (int i = 0; i < 2; ++i) {
    grow_old();
    const auto again = provision();
    CHECK(again.out.contains("result: unchanged"));
    CHECK_MESSAGE(again.out.contains("these clients load nothing of it: GnuTLS"), again.out);
  }
  CHECK(files_read() == 0);
}
