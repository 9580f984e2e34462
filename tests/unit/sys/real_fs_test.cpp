#include "support/scratch.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fs.hpp"

using namespace nct;
namespace fs = std::filesystem;

namespace {

// A root R in a scratch directory, with a file beside it that nothing below R may reach.
struct Root {
  test::Scratch scratch;
  fs::path path = scratch.path() / "root";
  std::unique_ptr<Fs> open;

  Root() {
    fs::create_directories(path / "etc");
    put(scratch.path() / "secret", "outside");
    open = open_root(path.string()).value();
  }
  Fs& operator*() const { return *open; }
  Fs* operator->() const { return open.get(); }

  static void put(const fs::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string get(const std::string& file) const {
    std::ifstream in(path / file.substr(1), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] mode_t mode(const std::string& file) const {
    struct stat status{};
    REQUIRE(::lstat((path / file.substr(1)).c_str(), &status) == 0);
    return status.st_mode & 07777U;
  }
  [[nodiscard]] std::set<std::string> names(const std::string& directory) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path / directory.substr(1)))
      names.insert(entry.path().filename());
    return names;
  }
};

// The mode under which a careless caller starts us.
struct Umask {
  mode_t before = ::umask(077);
  ~Umask() { ::umask(before); }
};

template <class T>
int errno_of(const Result<T>& result) {
  return result ? 0 : result.error().os_errno;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("a root that is not there is a missing input, one that is no directory is refused") {
  const test::Scratch scratch;
  CHECK(open_root((scratch.path() / "none").string()).error().code == Errc::missing_input);
  Root::put(scratch.path() / "file", "");
  CHECK(errno_of(open_root((scratch.path() / "file").string())) == ENOTDIR);
}

TEST_CASE("links are resolved inside the root") {
  const Root root;
  Root::put(root.path / "secret", "inside");
  fs::create_directories(root.path / "a/b");

  struct {
    const char* link;
    std::string target;
    const char* read;
  } const cases[] = {
      {"/absolute", "/secret", "/absolute"},
      {"/a/b/dots", "../../../../../secret", "/a/b/dots"},
      {"/outside", (root.scratch.path() / "secret").string(), nullptr},
      {"/chain", "absolute", "/chain"},
      {"/directory", "/..", "/directory/secret"},
      {"/magic", "/proc/self/root/secret", nullptr},
  };
  for (const auto& c : cases) {
    CAPTURE(c.link);
    fs::create_symlink(c.target, root.path / (c.link + 1));
    if (c.read != nullptr) {
      CHECK(root->read_file(c.read, 100).value() == "inside");
      CHECK(root->status(c.read, true).value()->kind == FileKind::regular);
    } else {
      CHECK(errno_of(root->read_file(c.link, 100)) == ENOENT);
      CHECK_FALSE(root->status(c.link, true).value().has_value());
    }
    CHECK(root->status(c.link, false).value()->kind == FileKind::link);
  }

  SUBCASE("and so are those in front of a name that is made, renamed or removed") {
    fs::create_directory_symlink("../../../a", root.path / "out");
    const NewFile file{.path = "/out/new", .bytes = "x"};
    REQUIRE(root->write_files({&file, 1}));
    REQUIRE(root->rename("/out/new", "/out/b/newer"));
    CHECK(root.names("/a/b").contains("newer"));
    REQUIRE(root->make_link("t", "/out/l"));
    CHECK(fs::read_symlink(root.path / "a/l") == "t");
    REQUIRE(root->remove_file("/out/l"));
    REQUIRE(root->make_directories("/out/c/d"));
    REQUIRE(root->remove_directory("/out/c/d"));
    CHECK(root.names("/a") == std::set<std::string>{"b", "c"});
    CHECK(fs::exists(root.scratch.path() / "secret"));
  }

  SUBCASE("a loop ends") {
    fs::create_symlink("two", root.path / "one");
    fs::create_symlink("one", root.path / "two");
    CHECK(errno_of(root->read_file("/one", 100)) == ELOOP);
    CHECK(errno_of(root->list_directory("/two/x")) == ELOOP);
  }
}

TEST_CASE("a magic link leads nowhere, not even with the machine's own root") {
  const auto fs = open_root("/").value();
  CHECK(errno_of(fs->read_file("/proc/self/exe", 1U << 30U)) == ELOOP);
  CHECK(fs->read_file("/proc/self/comm", 100).value() != "");  // says it has no size
}

TEST_CASE("what is not a regular file is refused, and nothing blocks") {
  const Root root;
  const auto at = [&](const char* name) { return (root.path / name).string(); };
  REQUIRE(::mkfifo(at("fifo").c_str(), 0644) == 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fs::current_path(root.path);  // a socket's name is short
  address.sun_path[0] = 's';
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
  fs::current_path("/");
  fs::create_symlink("fifo", root.path / "link");
  if (::geteuid() == 0) REQUIRE(::mknod(at("device").c_str(), S_IFCHR | 0644, makedev(1, 5)) == 0);

  ::alarm(20);  // blocked is failed
  for (const char* path : {"/fifo", "/s", "/link", "/etc", "/device"}) {
    if (!fs::exists(root.path / (path + 1))) continue;
    CAPTURE(path);
    const auto read = root->read_file(path, 100);
    CHECK(errno_of(read) == EINVAL);
    CHECK(read.error().code == Errc::io);
    CHECK(read.error().message == concat("open '", path, "': not a regular file"));
  }
  ::alarm(0);
  CHECK(root->status("/fifo", true).value()->kind == FileKind::other);
}

TEST_CASE("a file is read up to the limit and not beyond") {
  const Root root;
  for (const std::size_t size : {0U, 1U, 99U, 100U, 4096U, 1U << 20U}) {
    Root::put(root.path / "file", std::string(size, 'x'));
    CAPTURE(size);
    CHECK(root->read_file("/file", size).value() == std::string(size, 'x'));
    CHECK(root->read_start("/file", size).value() == std::string(size, 'x'));
    if (size == 0) continue;
    CHECK(errno_of(root->read_file("/file", size - 1)) == EFBIG);
    CHECK(root->read_start("/file", size - 1).value() == std::string(size, 'x'));
    CHECK(root->read_start("/file", size / 2).value() == std::string(size / 2 + 1, 'x'));
  }
  CHECK(errno_of(root->read_file("/none", 1)) == ENOENT);
  CHECK(root->read_file("/none", 1).error().message == "open '/none': no such file or directory");
}

TEST_CASE("a directory is listed in order, links with their targets") {
  const Root root;
  fs::create_directories(root.path / "d/sub");
  Root::put(root.path / "d/b", "");
  fs::create_symlink("/no/where", root.path / "d/a");
  REQUIRE(::mkfifo((root.path / "d/Z").c_str(), 0644) == 0);
  const auto entries = root->list_directory("/d").value();
  std::string listed;
  for (const auto& entry : entries)
    listed += concat(entry.name, ":", std::to_string(static_cast<int>(entry.kind)), ":", entry.target, " ");
  CHECK(listed == "Z:3: a:2:/no/where b:0: sub:1: ");
  CHECK(root->list_directory("/d/sub").value().empty());
  CHECK(errno_of(root->list_directory("/d/b")) == ENOTDIR);
  CHECK(errno_of(root->list_directory("/none")) == ENOENT);
}

TEST_CASE("status says nothing of what is not there") {
  const Root root;
  Root::put(root.path / "file", "123");
  fs::create_symlink("none", root.path / "dangling");
  CHECK_FALSE(root->status("/none", true).value().has_value());
  CHECK_FALSE(root->status("/none/below", false).value().has_value());
  CHECK_FALSE(root->status("/file/below", false).value().has_value());
  CHECK_FALSE(root->status("/dangling", true).value().has_value());
  const auto file = root->status("/file", true).value().value();
  CHECK(file.size == 3);
  CHECK(file.mode == root.mode("/file"));
  CHECK(root->status("/", true).value()->kind == FileKind::directory);
}

TEST_CASE("modes do not depend on the umask") {
  const Umask umask;
  const Root root;
  const NewFile files[] = {{.path = "/etc/a", .bytes = "a", .mode = 0644},
                           {.path = "/etc/b", .bytes = "b", .mode = 0666},
                           {.path = "/etc/c", .bytes = "c", .mode = 0600}};
  REQUIRE(root->write_files(files));
  CHECK(root.mode("/etc/a") == 0644);
  CHECK(root.mode("/etc/b") == 0666);
  CHECK(root.mode("/etc/c") == 0600);
  REQUIRE(root->make_directories("/var/lib/x"));
  CHECK(root.mode("/var") == 0755);
  CHECK(root.mode("/var/lib/x") == 0755);
  CHECK(::umask(077) == 077);
}

TEST_CASE("directories that are there are kept") {
  const Root root;
  CHECK(root->make_directories("/a/b/c").value() == std::vector<std::string>{"/", "/a", "/a/b"});
  fs::permissions(root.path / "a/b", fs::perms::owner_all);
  CHECK(root->make_directories("/a/b").value().empty());
  CHECK(root->make_directories("/").value().empty());
  CHECK(root->make_directories("/a/b/d/"));
  CHECK(root->make_directories("/a/b/f"));
  CHECK(root.mode("/a/b") == 0700);
  CHECK(root.mode("/a/b/f") == 0755);
  fs::create_directory_symlink("/a", root.path / "link");
  CHECK(root->make_directories("/link/e"));
  CHECK(fs::is_directory(root.path / "a/e"));

  Root::put(root.path / "file", "");
  fs::create_symlink("none", root.path / "dangling");
  CHECK(errno_of(root->make_directories("/file")) == ENOTDIR);
  CHECK(errno_of(root->make_directories("/file/x")) == ENOTDIR);
  CHECK(errno_of(root->make_directories("/dangling")) == EEXIST);
}

TEST_CASE("write_files writes all, or leaves nothing of its own") {
  const Root root;
  std::vector<NewFile> many;
  for (int i = 0; i < 200; ++i)
    many.push_back({.path = concat("/etc/", std::to_string(i)), .bytes = std::string(size_t(i) * 100, 'x')});

  SUBCASE("more than may be open at once") {
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit tight{.rlim_cur = 100, .rlim_max = limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    const auto before = open_descriptors();
    CHECK(root->write_files(many));
    CHECK(open_descriptors() == before);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (const auto& file : many)
      CHECK(root.get(file.path) == file.bytes);
  }
  SUBCASE("a name that is taken") {
    Root::put(root.path / "etc/150", "mine");
    const auto written = root->write_files(many);
    CHECK(errno_of(written) == EEXIST);
    CHECK(written.error().message == "open '/etc/150': file exists");
    CHECK(root.names("/etc") == std::set<std::string>{"150"});
    CHECK(root.get("/etc/150") == "mine");
  }
  SUBCASE("a link is a taken name, and is not followed") {
    fs::create_symlink("elsewhere", root.path / "etc/3");
    CHECK(errno_of(root->write_files(many)) == EEXIST);
    CHECK_FALSE(fs::exists(root.path / "etc/elsewhere"));
  }
  SUBCASE("a directory that is missing") {
    many[77].path = "/none/77";
    CHECK(errno_of(root->write_files(many)) == ENOENT);
    CHECK(root.names("/etc").empty());
  }
  SUBCASE("a device that is full") {
    // The file size limit stands for it: write() comes back short, then fails.
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit tight{.rlim_cur = 10'050, .rlim_max = limit.rlim_max};
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const auto written = root->write_files(many);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    ::signal(SIGXFSZ, ignored);
    CHECK(errno_of(written) == EFBIG);
    CHECK(written.error().message == "write '/etc/101': file too large");
    CHECK(root.names("/etc").empty());
  }
}

TEST_CASE("links and names that are taken are kept") {
  const Root root;
  REQUIRE(root->make_link("b", "/etc/a"));
  CHECK(errno_of(root->make_link("c", "/etc/a")) == EEXIST);
  CHECK(fs::read_symlink(root.path / "etc/a") == "b");
}

TEST_CASE("rename replaces a file or a link itself") {
  const Root root;
  const NewFile files[] = {{.path = "/etc/one", .bytes = "1"}, {.path = "/etc/two", .bytes = "2"}};
  REQUIRE(root->write_files(files));
  REQUIRE(root->rename("/etc/one", "/etc/two"));
  CHECK(root.get("/etc/two") == "1");

  REQUIRE(root->make_link("two", "/etc/link"));
  REQUIRE(root->make_link("none", "/etc/new"));
  REQUIRE(root->rename("/etc/new", "/etc/link"));
  CHECK(fs::read_symlink(root.path / "etc/link") == "none");
  REQUIRE(root->rename("/etc/two", "/etc/link"));
  CHECK(root.get("/etc/link") == "1");
  CHECK(root.names("/etc") == std::set<std::string>{"link"});

  const auto failed = root->rename("/etc/none", "/etc/link");
  CHECK(failed.error().message == "rename '/etc/none' to '/etc/link': no such file or directory");
}

TEST_CASE("removing") {
  const Root root;
  Root::put(root.path / "etc/file", "");
  fs::create_symlink("file", root.path / "etc/link");
  REQUIRE(root->remove_file("/etc/link"));
  CHECK(root.names("/etc") == std::set<std::string>{"file"});
  CHECK(errno_of(root->remove_file("/etc/link")) == ENOENT);
  CHECK(errno_of(root->remove_file("/etc")) == EISDIR);

  CHECK_FALSE(root->remove_directory("/etc").value());
  CHECK_FALSE(root->remove_directory("/none").value());
  CHECK_FALSE(root->remove_directory("/none/below").value());
  CHECK(errno_of(root->remove_directory("/etc/file")) == ENOTDIR);
  REQUIRE(root->remove_file("/etc/file"));
  CHECK(root->remove_directory("/etc/").value());
  CHECK_FALSE(fs::exists(root.path / "etc"));
}

TEST_CASE("paths that name nothing to change are refused") {
  const Root root;
  for (const std::string& path :
       {std::string("/"), std::string("/etc/.."), std::string("/etc/."), std::string("")}) {
    CAPTURE(path);
    CHECK(errno_of(root->remove_file(path)) == EINVAL);
    CHECK(errno_of(root->make_link("x", path)) == EINVAL);
  }
  CHECK(errno_of(root->read_file("etc/passwd", 100)) == EINVAL);
  CHECK(errno_of(root->read_file(std::string("/etc\0x", 6), 100)) == EINVAL);
  CHECK(errno_of(root->remove_file(std::string("/etc/x\0y", 8))) == EINVAL);
}

TEST_CASE("sync_directory wants a directory") {
  const Root root;
  Root::put(root.path / "file", "");
  CHECK(root->sync_directory("/etc"));
  CHECK(errno_of(root->sync_directory("/file")) == ENOTDIR);
  CHECK(root->sync_directory("/none").error().message == "open '/none': no such file or directory");
}

TEST_CASE("copy_label has nothing to do where there are no labels") {
  const Root root;
  Root::put(root.path / "a", "");
  Root::put(root.path / "b", "");
  CHECK(root->copy_label("/a", "/b"));
  CHECK(errno_of(root->copy_label("/none", "/b")) == ENOENT);
}
