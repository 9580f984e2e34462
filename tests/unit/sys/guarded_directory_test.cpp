#include "sys/guarded_directory.hpp"

#include "support/scratch.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <thread>
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
      "directory '/opt/certs': the way to it is not safe: '/opt': others may write it (mode 0777), and only "
      "root must");
  ::chmod((place.root / "opt").c_str(), 01777);
  CHECK(place.refusal().empty());
  ::chmod((place.root / "opt").c_str(), 0755);
  REQUIRE(::chown(place.root.c_str(), 1000, 0) == 0);
  CHECK(place.refusal().contains("not safe: '/': it belongs to user 1000"));
}

TEST_CASE("each directory that is passed on the way is looked at, link by link") {
  struct Row {
    std::string what;
    std::string link;  // what "/opt/certs" is
    std::vector<std::pair<std::string, mode_t>> modes;
    std::vector<std::pair<std::string, uid_t>> owners;
    std::string refusal;  // what stands behind "the way to it is not safe: "
  };
  const std::string kOpen = "': others may write it (mode 0777), and only root must";
  const std::string kForeign = "': it belongs to user 1000, and must be root's";
  const Row rows[] = {
      {"a link", "/srv/certs", {}, {}, ""},
      {"relative", "../srv/certs", {}, {}, ""},
      {"out of the root, which is not left", "../../../srv/certs", {}, {}, ""},
      {"two links", "/home/user/link", {}, {}, ""},
      {"a directory in the middle that is a link", "/home/way/certs", {}, {}, ""},
      {"up again", "/home/user/../../srv/certs", {}, {}, ""},
      {"with slashes", "//srv//certs//", {}, {}, ""},
      {"with dots", "/./srv/./certs/.", {}, {}, ""},
      {"the directory that holds the next link is somebody's",
       "/home/user/link",
       {},
       {{"/home/user", 1000}},
       concat("'/home/user", kForeign)},
      {"... all may write", "/home/user/link", {{"/home/user", 0777}}, {}, concat("'/home/user", kOpen)},
      {"... its group may",
       "/home/user/link",
       {{"/home/user", 0775}},
       {},
       "'/home/user': its group may write it (mode 0775), and only root must"},
      {"... is above that", "/home/user/link", {{"/home", 0777}}, {}, concat("'/home", kOpen)},
      {"... holds a link in the middle", "/home/way/certs", {{"/home", 0777}}, {}, concat("'/home", kOpen)},
      {"... is only passed and left again",
       "/home/user/../../srv/certs",
       {},
       {{"/home/user", 1000}},
       concat("'/home/user", kForeign)},
      {"the target's own directory", "/srv/certs", {{"/srv", 0777}}, {}, concat("'/srv", kOpen)},
      {"the first link's own directory", "/srv/certs", {{"/opt", 0777}}, {}, concat("'/opt", kOpen)},
      {"a link of root's in a sticky directory", "/home/user/link", {{"/home/user", 01777}}, {}, ""},
      {"somebody's link in one, who may replace it",
       "/home/user/link",
       {{"/home/user", 01777}},
       {{"/home/user/link", 1000}},
       concat("the link '/home/user/link", kForeign)},
      {"somebody's link in a directory of root's",
       "/home/user/link",
       {},
       {{"/home/user/link", 1000}},
       concat("the link '/home/user/link", kForeign)},
      {"somebody's link at the beginning",
       "/srv/certs",
       {},
       {{"/opt/certs", 1000}},
       concat("the link '/opt/certs", kForeign)},
      {"somebody's sticky directory",
       "/home/user/link",
       {{"/home/user", 01755}},
       {{"/home/user", 1000}},
       concat("'/home/user", kForeign)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const Place place;
    for (const char* each : {"srv/certs", "home/user"})
      fs::create_directories(place.root / each);
    fs::remove_all(place.certs);
    fs::create_symlink(row.link, place.certs);
    fs::create_symlink("/srv/certs", place.root / "home/user/link");
    fs::create_symlink("../srv", place.root / "home/way");
    for (const auto& [path, mode] : row.modes)
      REQUIRE(::chmod((place.root.string() + path).c_str(), mode) == 0);
    for (const auto& [path, owner] : row.owners)
      REQUIRE(::lchown((place.root.string() + path).c_str(), owner, 0) == 0);
    CHECK(place.refusal() ==
          (row.refusal.empty() ? ""
                               : concat("directory '/opt/certs': the way to it is not safe: ", row.refusal)));
    if (row.refusal.empty()) CHECK(place.open().value().has_value());
  }
}

TEST_CASE("links that lead nowhere, in circles, or through what is no directory") {
  const Place place;
  const auto behind = [&](const std::string& target) {
    fs::remove(place.root / "link");
    fs::create_symlink(target, place.root / "link");
    const auto opened = GuardedDirectory::open(place.root_fd, "/link/sub");
    return opened ? concat("there: ", opened->has_value() ? "yes" : "no") : opened.error().message;
  };
  CHECK(behind("/opt/certs") == "there: no");
  CHECK(behind("/nothing") == "there: no");
  CHECK(behind("/opt/certs/file") == "directory '/link/sub': it is no directory");
  CHECK(behind("/link") == "directory '/link/sub': the link leads in circles");
  fs::create_directory(place.certs / "sub");
  CHECK(behind("/opt/certs") == "there: yes");
  CHECK(behind("../../../../opt/certs") == "there: yes");
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
  fs::create_symlink("sub/../file", place.certs / "up-again");
  fs::create_directories(place.certs / "foreign");
  REQUIRE(::chown((place.certs / "foreign").c_str(), 1000, 0) == 0);
  Place::put(place.certs / "foreign/inner", "inner");
  fs::create_symlink("foreign/inner", place.certs / "by-way-of");
  fs::create_directories(place.certs / "sticky");
  ::chmod((place.certs / "sticky").c_str(), 01777);
  Place::put(place.certs / "sticky/inner", "inner");
  fs::create_symlink("sticky/inner", place.certs / "by-way-of-sticky");
  fs::create_symlink("file", place.certs / "others-link");
  REQUIRE(::lchown((place.certs / "others-link").c_str(), 1000, 0) == 0);
  fs::create_symlink("file/", place.certs / "slash");
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
  CHECK(place.read("slash") == "not a file: a link that leads nowhere");
  CHECK(place.read("up-again") == "read: content");
  CHECK(place.read("by-way-of") ==
        "unsafe: the way to it is not safe: 'foreign': it belongs to user 1000, and must be root's");
  CHECK(place.read("by-way-of-sticky") ==
        "unsafe: the way to it is not safe: 'sticky': others may write it (mode 1777), and only root must");
  CHECK(place.read("others-link") ==
        "unsafe: the way to it is not safe: the link 'others-link': it belongs to user 1000, and must be "
        "root's");
}

TEST_CASE("a file that is exchanged for somebody else's all the time is never that one's") {
  const Place place;
  Place::put(place.certs / ".other", "other");
  REQUIRE(::chown((place.certs / ".other").c_str(), 1000, 1000) == 0);
  const std::jthread writer([&](const std::stop_token& stop) {
    const auto one = (place.certs / "file").string();
    const auto other = (place.certs / ".other").string();
    while (!stop.stop_requested())
      (void)::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  });
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i)
    seen.insert(place.read("file"));
  for (const auto& each : seen)
    CHECK_MESSAGE((each == "read: content" || each.starts_with("unsafe: it belongs to user 1000") ||
                   each == "unreadable: it was replaced each time that it was opened"),
                  each);
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
  fs::remove(place.certs / "..data");
  fs::create_directories(place.certs / "sub/..3");
  fs::create_symlink("sub/..3", place.certs / "..data");
  CHECK(place.open().value()->behind_link("..data").value().has_value());
  REQUIRE(::chown((place.certs / "sub").c_str(), 1000, 0) == 0);
  CHECK(
      place.open().value()->behind_link("..data").error().message ==
      "directory '/opt/certs/..data': the way to it is not safe: 'sub': it belongs to user 1000, and must be "
      "root's");
  fs::remove(place.certs / "..data");
  fs::create_symlink("file", place.certs / "..data");
  CHECK(place.open().value()->behind_link("..data").error().message ==
        "directory '/opt/certs/..data': it is no directory");
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
  for (const auto& entry : listed->entries) {
    out += concat(printable(entry.name), ":", std::to_string(static_cast<int>(entry.kind.value())), " ");
    CHECK(entry.modified_ns > 0);
  }
  CHECK(listed->modified_ns > 0);
  CHECK(out == "a\\x0ab:0 file:0 link:2 sub:1 \\xff:0 ");
  CHECK(place.open().value()->list(4).error().message == "directory '/opt/certs': more than 4 entries");
}
