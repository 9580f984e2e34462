#include "system/machine.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kPath = "/usr/sbin:/usr/bin:/sbin:/bin";
constexpr auto kBootPatience = std::chrono::seconds(90);
constexpr auto kPowerOffPatience = std::chrono::seconds(20);

// What a container does not need, or cannot do: booting with it takes twice as long.
constexpr std::string_view kMasked[] = {
    "systemd-logind.service",
    "getty.target",
    "console-getty.service",
    "getty@tty1.service",
    "dev-hugepages.mount",
    "sys-kernel-debug.mount",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-sysctl.service",
    "systemd-sysusers.service",
    "e2scrub_reap.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "systemd-ask-password-wall.path",
    "systemd-ask-password-console.path",
    "systemd-user-sessions.service",
    "systemd-tmpfiles-clean.timer",
    "systemd-remount-fs.service",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "docker-registry.service",
    "containerd.service",
};

[[noreturn]] void give_up(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void mount_or_throw(const char* source, const fs::path& target, const char* type, unsigned long flags,
                    const std::string& data) {
  if (::mount(source, target.c_str(), type, flags, data.empty() ? nullptr : data.c_str()) != 0)
    give_up("mount " + target.string());
}

// Mounts of tests are seen by this process and its children only, and vanish with the last of them.
void leave_the_machines_mounts() {
  static bool left = false;
  if (left) return;
  if (::unshare(CLONE_NEWNS) != 0) give_up("unshare");
  mount_or_throw("none", "/", nullptr, MS_REC | MS_PRIVATE, "");
  left = true;
}

std::string suite() {
  const char* named = std::getenv("NCT_SUITE");
  return named == nullptr ? "" : named;
}

const fs::path& base_root() {
  static const fs::path root = [] {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    std::map<std::string, std::string> environment;
    if (cache != nullptr) environment["XDG_CACHE_HOME"] = cache;
    std::vector<std::string> argv{"bash", NCT_BASE_SCRIPT, suite()};
    if (const char* packages = std::getenv("NCT_BASE_PACKAGES")) {
      std::istringstream list(packages);
      for (std::string package; list >> package;)
        argv.push_back(package);
    }
    const auto made = nct::test::run({.argv = argv, .environment = environment});
    if (made.status != 0) throw std::runtime_error("base.sh: " + made.err);
    return fs::path(trimmed(made.out));
  }();
  return root;
}

// `path` of the machine, below `top`. Debian's /lib, /bin and /sbin are links into /usr: a directory in their
// place would hide the real ones.
fs::path below(const fs::path& top, const std::string& path) {
  for (const std::string_view merged : {"/lib/", "/bin/", "/sbin/"})
    if (path.starts_with(merged)) return top / concat("usr", path);
  return top / path.substr(1);
}

void write_file(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  if (bytes.starts_with("#!")) fs::permissions(path, fs::perms(0755));
  if (bytes_of(path) != bytes) throw std::runtime_error("write " + path.string());
}

void write_link(const fs::path& path, const std::string& target) {
  fs::create_directories(path.parent_path());
  fs::create_symlink(target, path);
}

void seed(const fs::path& top, const Disk& disk) {
  const fs::path units = "/etc/systemd/system";
  const auto is_given = [&](const std::string& path) {
    return disk.files.contains(path) || disk.links.contains(path);
  };
  for (const auto unit : kMasked)
    if (const auto path = (units / unit).string(); !is_given(path)) write_link(below(top, path), "/dev/null");
  if (!is_given(units / "default.target"))
    write_link(below(top, units / "default.target"), "/lib/systemd/system/multi-user.target");
  fs::create_directories(top / "var/log/journal");
  if (!disk.cloud_init) write_file(top / "etc/cloud/cloud-init.disabled", "");
  for (const auto& [path, bytes] : disk.files)
    write_file(below(top, path), bytes);
  for (const auto& [path, target] : disk.links)
    write_link(below(top, path), target);
}

// Directories of the cgroup hierarchies in which systemd keeps its units: one container each, or two at a
// time would take each other's processes for their own.
std::vector<fs::path> cgroups(const std::string& name) {
  std::vector<fs::path> found;
  for (const char* hierarchy : {"/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"})
    if (fs::exists(fs::path(hierarchy) / "cgroup.procs")) found.push_back(fs::path(hierarchy) / name);
  return found;
}

void remove_cgroup(const fs::path& cgroup) {
  std::vector<fs::path> directories{cgroup};
  std::error_code ignored;
  for (auto each = fs::recursive_directory_iterator(cgroup, ignored);
       each != fs::recursive_directory_iterator(); each.increment(ignored))
    if (each->is_directory(ignored)) directories.push_back(each->path());
  for (auto each = directories.rbegin(); each != directories.rend(); ++each)
    ::rmdir(each->c_str());
}

}  // namespace

std::map<std::string, std::string> provisioning_enabled() {
  return {{"/etc/systemd/system/multi-user.target.wants/node-ca-trust.service",
           "/lib/systemd/system/node-ca-trust.service"}};
}

std::string builders_program() {
  const std::string program = concat(NCT_PRODUCT, "/usr/bin/node-ca-trust");
  if (suite().empty()) return program;
  return concat(base_root().string(), "/lib64/ld-linux-x86-64.so.2 --library-path ", base_root().string(),
                "/usr/lib/x86_64-linux-gnu ", program);
}

Tree::Tree(const Disk& disk) {
  leave_the_machines_mounts();
  std::string name = (fs::temp_directory_path() / "nct-machine-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) give_up("mkdtemp " + name);
  directory_ = name;
  merged_ = directory_ / "root";
  mount_or_throw("tmpfs", directory_, "tmpfs", 0, "mode=755,size=2g");
  for (const char* part : {"upper", "work", "root"})
    fs::create_directory(directory_ / part);
  seed(directory_ / "upper", disk);
  std::string lower;
  for (const auto& layer : disk.layers)
    lower += concat(layer.string(), ":");
  if (disk.product) lower += concat(NCT_PRODUCT, ":");
  mount_or_throw("overlay", merged_, "overlay", 0,
                 concat("lowerdir=", lower, base_root().string(), ",upperdir=",
                        (directory_ / "upper").string(), ",workdir=", (directory_ / "work").string()));
}

Tree::~Tree() {
  ::umount2(merged_.c_str(), MNT_DETACH);
  ::umount2(directory_.c_str(), MNT_DETACH);
  ::rmdir(directory_.c_str());
}

class Machine::Parts {
 public:
  explicit Parts(const Disk& disk)
      : tree(disk), sealed_usr(disk.sealed_usr), name(tree.directory_.filename().string()) {}
  Tree tree;
  bool sealed_usr;
  std::string name;
  std::vector<fs::path> own_cgroups;
  pid_t nspawn = -1;
  pid_t leader = -1;
  int notifications = -1;

  [[nodiscard]] fs::path console() const { return tree.directory_ / "console"; }

  [[nodiscard]] fs::path root() const { return concat("/proc/", std::to_string(leader), "/root"); }

  // As the machine sees it, with what it has mounted itself, such as /run.
  [[nodiscard]] fs::path inside(const std::string& path) const { return below(root(), path); }

  void listen() {
    notifications = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (tree.directory_ / "notify").string();
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how addresses are passed in C
    const auto* any = reinterpret_cast<const sockaddr*>(&address);
    if (notifications < 0 || ::bind(notifications, any, sizeof address) != 0) give_up("bind " + path);
  }

  void stop_listening() {
    if (notifications >= 0) (void)::close(notifications);
    notifications = -1;
  }

  void start() {
    for (const auto& cgroup : own_cgroups.empty() ? cgroups(name) : std::vector<fs::path>()) {
      if (::mkdir(cgroup.c_str(), 0755) != 0) give_up("mkdir " + cgroup.string());
      own_cgroups.push_back(cgroup);
    }
    nspawn = ::fork();
    if (nspawn < 0) give_up("fork");
    if (nspawn == 0) become_nspawn();
  }

  // Reads what nspawn tells until systemd is ready. After that nobody listens: systemd tells each job, and
  // stands still once ten lie unread.
  void wait_until_booted() {
    const auto end = Clock::now() + kBootPatience;
    while (Clock::now() < end) {
      pollfd polled{.fd = notifications, .events = POLLIN, .revents = 0};
      (void)::poll(&polled, 1, 200);
      if (::waitpid(nspawn, nullptr, WNOHANG) == nspawn) {
        nspawn = -1;
        break;
      }
      if ((polled.revents & POLLIN) == 0) continue;
      std::array<char, 4096> buffer{};
      const auto count = ::recv(notifications, buffer.data(), buffer.size(), 0);
      if (count <= 0) continue;
      for (const auto line : lines_of({buffer.data(), static_cast<std::size_t>(count)})) {
        constexpr std::string_view kLeader = "X_NSPAWN_LEADER_PID=";
        if (line.starts_with(kLeader)) leader = std::stoi(std::string(line.substr(kLeader.size())));
        if (line == "READY=1") return stop_listening();
      }
    }
    throw std::runtime_error("the machine did not boot; its console:\n" + bytes_of(console()));
  }

 private:
  [[noreturn]] void become_nspawn() {
    for (const auto& cgroup : own_cgroups) {
      std::ofstream procs(cgroup / "cgroup.procs");
      procs << ::getpid() << std::flush;
    }
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // the machine goes with its test, even one that was killed
    const int null = ::open("/dev/null", O_RDONLY);
    const int log = ::open(console().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(null, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    std::vector<std::string> words{"systemd-nspawn",
                                   "--quiet",
                                   concat("--directory=", tree.path().string()),
                                   concat("--machine=", name),
                                   "--boot",
                                   "--private-network",
                                   "--register=no",
                                   "--keep-unit",
                                   "--link-journal=no",
                                   "--notify-ready=yes"};
    if (sealed_usr) words.push_back(concat("--bind-ro=", (tree.path() / "usr").string(), ":/usr"));
    std::vector<std::string> variables{concat("PATH=", kPath),
                                       concat("NOTIFY_SOCKET=", (tree.directory_ / "notify").string())};
    std::vector<char*> argv;
    for (auto& word : words)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<char*> environment;
    for (auto& variable : variables)
      environment.push_back(variable.data());
    environment.push_back(nullptr);
    ::execvpe(argv[0], argv.data(), environment.data());
    ::perror("systemd-nspawn");
    ::_exit(127);
  }
};

Machine::Machine(const Disk& disk) : parts_(std::make_unique<Parts>(disk)) {
  try {
    parts_->listen();
    parts_->start();
    parts_->wait_until_booted();
  } catch (...) {
    stop();
    throw;
  }
}

Machine::~Machine() {
  try {
    static int machines = 0;
    std::ofstream(concat(program_invocation_short_name, suite().empty() ? "" : "-", suite(), "-",
                         std::to_string(++machines), ".log"))
        << console() << journal("-o short-monotonic");
  } catch (const std::exception&) {  // the log is a help, not a result
  }
  stop();
}

void Machine::reboot() {
  power_off();
  parts_->leader = -1;
  fs::remove(parts_->tree.directory_ / "notify");
  parts_->listen();
  parts_->start();
  parts_->wait_until_booted();
}

void Machine::power_off() noexcept {
  const auto ended = [&](std::chrono::milliseconds patience) {
    const auto end = Clock::now() + patience;
    while (parts_->nspawn > 0 && Clock::now() < end) {
      if (::waitpid(parts_->nspawn, nullptr, WNOHANG) != 0) parts_->nspawn = -1;
      if (parts_->nspawn > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return parts_->nspawn <= 0;
  };
  // Power off; or pull the plug. Never kill nspawn itself by SIGKILL: what it started would live on.
  if (parts_->nspawn > 0 && parts_->leader > 0) ::kill(parts_->leader, SIGRTMIN + 4);
  if (parts_->leader <= 0 || !ended(kPowerOffPatience)) {
    if (parts_->leader > 0) ::kill(parts_->leader, SIGKILL);
    if (parts_->nspawn > 0) ::kill(parts_->nspawn, SIGTERM);
    (void)ended(kPowerOffPatience);
  }
}

void Machine::stop() noexcept {
  power_off();
  parts_->stop_listening();
  for (const auto& cgroup : parts_->own_cgroups)
    remove_cgroup(cgroup);
}

const std::string& Machine::name() const {
  return parts_->name;
}

Finished Machine::run(std::vector<std::string> argv, const std::string& input) const {
  std::vector<std::string> words{"nsenter", "--target", std::to_string(parts_->leader), "--all", "--",
                                 "env",     "-i",       concat("PATH=", kPath)};
  words.insert(words.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return nct::test::run({.argv = std::move(words), .input = input});
}

std::string Machine::output(const std::string& line) const {
  const auto finished = shell(line);
  if (finished.status != 0)
    throw std::runtime_error(
        concat("'", line, "' ended with ", std::to_string(finished.status), ": ", finished.err));
  return std::string(trimmed(finished.out));
}

std::string Machine::property(const std::string& unit, const std::string& name) const {
  return output(concat("systemctl show --value --property=", name, " -- ", unit));
}

bool Machine::comes_true(const std::string& line, std::chrono::milliseconds patience) const {
  const auto end = Clock::now() + patience;
  while (shell(line).status != 0) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

void Machine::write(const std::string& path, const std::string& bytes) const {
  write_file(parts_->inside(path), bytes);
}

std::string Machine::read(const std::string& path) const {
  return bytes_of(parts_->inside(path));
}

fs::path Machine::root() const {
  return parts_->root();
}

std::string Machine::console() const {
  return bytes_of(parts_->console());
}

std::string Machine::journal(const std::string& options) const {
  return shell(concat("journalctl --no-pager ", options)).out;
}

}  // namespace nct::test
