#include "sys/guarded_directory.hpp"

#include "support/scratch.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"

using namespace nct;
namespace fs = std::filesystem;

namespace {

using Kind = GuardedDirectory::Content::Kind;

// A tree R with R/opt/certs, and a secret beside R.
struct Place {
  test::Scratch scratch;
  fs::path root = scratch.path() / "root";
  fs::path certs = root / "opt/certs";
  Fd root_fd;

  Place() {
    ::umask(022);
    fs::create_directories(certs);
    put(scratch.path() / "secret", "outside");
    put(certs / "file", "content");
    root_fd = Fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  static void put(const fs::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
  }
  [[nodiscard]] Result<std::optional<GuardedDirectory>> open() const {
    return GuardedDirectory::open(root_fd, "/opt/certs");
  }
  [[nodiscard]] std::string refusal() const {
    const auto opened = open();
    if (opened) return "";
    CHECK(opened.error().code == Errc::input);
    return opened.error().message;
  }
  // "kind: text"
  [[nodiscard]] std::string read(const std::string& name, std::size_t most = 100) const {
    const auto content = open().value()->read(name, most);
    constexpr const char* kNames[] = {"read", "gone", "unsafe", "not a file", "too large", "unreadable"};
    return concat(kNames[static_cast<std::size_t>(content.kind)], ": ", content.text);
  }
};

}  // namespace

TEST_CASE("a directory that root alone can change is opened, a missing one is nothing") {
  const Place place;
  CHECK(place.open().value().has_value());
  CHECK_FALSE(GuardedDirectory::open(place.root_fd, "/opt/none").value().has_value());
  CHECK_FALSE(GuardedDirectory::open(place.root_fd, "/none/certs").value().has_value());
  CHECK(GuardedDirectory::open(place.root_fd, "/opt/certs/file").error().message ==
        "directory '/opt/certs/file': it is no directory");
  fs::create_symlink("/opt/certs", place.root / "link");
  CHECK(GuardedDirectory::open(place.root_fd, "/link").value().has_value());
}

TEST_CASE("a directory that others could change is refused") {
  const Place place;
  ::chmod(place.certs.c_str(), 0775);
  CHECK(place.refusal() == "directory '/opt/certs': its group may write it (mode 0775), and only root must");
  ::chmod(place.certs.c_str(), 01777);
  CHECK(place.refusal() == "directory '/opt/certs': others may write it (mode 1777), and only root must");
  ::chmod(place.certs.c_str(), 0755);
  REQUIRE(::chown(place.certs.c_str(), 1000, 0) == 0);
  CHECK(place.refusal() == "directory '/opt/certs': it belongs to user 1000, and must be root's");
  REQUIRE(::chown(place.certs.c_str(), 0, 1000) == 0);
  CHECK(place.refusal().empty());
  ::chmod((place.root / "opt").c_str(), 0777);
  CHECK(
      place.refusal() ==
      "directory '/opt/certs': a directory above it ('..') is not safe: others may write it (mode 0777), and "
      "only root must");
  ::chmod((place.root / "opt").c_str(), 01777);
  CHECK(place.refusal().empty());
  ::chmod((place.root / "opt").c_str(), 0755);
  REQUIRE(::chown(place.root.c_str(), 1000, 0) == 0);
  CHECK(place.refusal().contains("('../..') is not safe: it belongs to user 1000"));
}

TEST_CASE("files are read, links only within the directory") {
  const Place place;
  fs::create_directories(place.certs / "sub");
  Place::put(place.certs / "sub/inner", "inner");
  fs::create_symlink("file", place.certs / "beside");
  fs::create_symlink("sub/inner", place.certs / "below");
  fs::create_symlink("../certs/file", place.certs / "up");
  fs::create_symlink("../../../secret", place.certs / "out");
  fs::create_symlink("/etc/shadow", place.certs / "absolute");
  fs::create_symlink("nothing", place.certs / "dangling");
  fs::create_symlink("circle", place.certs / "circle");
  fs::create_symlink("sub", place.certs / "to-directory");
  fs::create_symlink("/proc/self/fd/0", place.certs / "magic");
  const std::string out = "unsafe: a link that leads out of the directory";
  CHECK(place.read("file") == "read: content");
  CHECK(place.read("file", 7) == "read: content");
  CHECK(place.read("file", 6) == "too large: more than 6 bytes, of which none was read");
  CHECK(place.read("none") == "gone: ");
  CHECK(place.read("beside") == "read: content");
  CHECK(place.read("below") == "read: inner");
  CHECK(place.read("up") == out);
  CHECK(place.read("out") == out);
  CHECK(place.read("absolute") == out);
  CHECK(place.read("magic") == out);
  CHECK(place.read("dangling") == "not a file: a link that leads nowhere");
  CHECK(place.read("circle") == "not a file: a link that leads in circles");
  CHECK(place.read("sub") == "not a file: a directory");
  CHECK(place.read("to-directory") == "not a file: a link to a directory");
}

TEST_CASE("what is no file of root's is refused without waiting for it") {
  const Place place;
  REQUIRE(::mkfifo((place.certs / "fifo").c_str(), 0644) == 0);
  const bool devices = ::mknod((place.certs / "device").c_str(), S_IFCHR | 0644, makedev(1, 5)) == 0;
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const auto path = (place.certs / "socket").string();
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  Place::put(place.certs / "open", "x");
  ::chmod((place.certs / "open").c_str(), 0664);
  Place::put(place.certs / "foreign", "x");
  REQUIRE(::chown((place.certs / "foreign").c_str(), 1000, 1000) == 0);
  CHECK(place.read("fifo") == "not a file: a FIFO");
  CHECK(place.read("socket") == "not a file: a socket");
  if (devices) CHECK(place.read("device") == "not a file: a device");
  CHECK(place.read("open") == "unsafe: its group may write it (mode 0664), and only root must");
  CHECK(place.read("foreign") == "unsafe: it belongs to user 1000, and must be root's");
}

TEST_CASE("the link of an atomic writer is followed to one directory within") {
  const Place place;
  CHECK_FALSE(place.open().value()->behind_link("..data").value().has_value());
  fs::create_symlink("..1", place.certs / "..data");
  CHECK_FALSE(place.open().value()->behind_link("..data").value().has_value());
  fs::create_directory(place.certs / "..1");
  Place::put(place.certs / "..1/ca", "1");
  const auto behind = place.open().value()->behind_link("..data");
  REQUIRE(behind.value().has_value());
  fs::remove(place.certs / "..data");
  fs::create_symlink("..2", place.certs / "..data");
  CHECK(behind.value()->read("ca", 10).text == "1");
  ::chmod((place.certs / "..1").c_str(), 0777);
  fs::remove(place.certs / "..data");
  fs::create_symlink("..1", place.certs / "..data");
  CHECK(place.open().value()->behind_link("..data").error().code == Errc::input);
  fs::remove(place.certs / "..data");
  fs::create_symlink("/etc", place.certs / "..data");
  CHECK(place.open().value()->behind_link("..data").error().message ==
        "directory '/opt/certs/..data': the link leads out of the directory it stands in");
}

TEST_CASE("a list is sorted, knows kinds, and stops at its limit") {
  const Place place;
  Place::put(place.certs / "a\nb", "");
  Place::put(place.certs / "\xFF", "");
  fs::create_symlink("file", place.certs / "link");
  fs::create_directory(place.certs / "sub");
  const auto listed = place.open().value()->list(5);
  REQUIRE(listed);
  std::string out;
  for (const auto& entry : *listed)
    out += concat(printable(entry.name), ":", std::to_string(static_cast<int>(entry.kind)), " ");
  CHECK(out == "a\\x0ab:0 file:0 link:2 sub:1 \\xff:0 ");
  CHECK(place.open().value()->list(4).error().message == "directory '/opt/certs': more than 4 entries");
}
