#include "sys/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "sys/fd.hpp"

namespace nct {

namespace {

constexpr int kNotStarted = 127;

// In the child, between fork(2) and execv(3). Reports the first call that failed through `failure`.
[[noreturn]] void become(const Command& command, int input, int output, int failure) {
  const auto done = [&]() -> bool {
    for (const auto& name : command.unset_environment)
      ::unsetenv(name.c_str());
    auto variables = command.set_environment;
    for (auto& variable : variables)
      ::putenv(variable.data());
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);  // what a StopRequest holds back is not for others
    if (command.root != "/" && ::chroot(command.root.c_str()) != 0) return false;
    if (::chdir(command.directory.c_str()) != 0) return false;
    if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(output, STDERR_FILENO) < 0)
      return false;
    std::string shell = "/bin/sh";
    std::string program = command.program;
    auto words = command.arguments;
    std::vector<char*> arguments{shell.data(), program.data()};
    for (auto& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(program.c_str(), &arguments[1]);
    // A script without "#!" is one for the shell, as the shell that runs hooks itself takes it.
    if (errno != ENOEXEC) return false;
    return ::execv(shell.c_str(), arguments.data()) == 0;
  };
  (void)done();
  const int error = errno;
  [[maybe_unused]] const auto told = ::write(failure, &error, sizeof error);
  ::_exit(kNotStarted);
}

void write_input(int pipe, std::string_view input) {
  while (!input.empty()) {
    const auto written = ::write(pipe, input.data(), input.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // it does not read all: its own affair
    input.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2", "", errno);
  return Pipe{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

struct Child {
  pid_t process = -1;
  Fd input;
};

// Starts it; `own_group` makes it the leader of a process group, which can be killed as a whole.
Result<Child> start(const Command& command, int output, bool own_group) {
  NCT_TRY(auto input, make_pipe());
  NCT_TRY(auto failure, make_pipe());
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child < 0) return fail_errno("fork", command.program, errno);
  if (child == 0) {
    if (own_group) {
      ::setpgid(0, 0);
      // It writes for us alone: it ends with us.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(kNotStarted);
    }
    become(command, input.read.get(), output, failure.write.get());
  }
  if (own_group) ::setpgid(child, child);  // whoever of both comes first
  failure.write = Fd(-1);
  int error = 0;
  if (::read(failure.read.get(), &error, sizeof error) == sizeof error) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return fail_errno("exec", command.program, error);
  }
  return Child{.process = child, .input = std::move(input.write)};
}

int exit_status_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_status_of(status);
}

constexpr std::size_t kMostSaid = 4096;

struct Running {
  pid_t process = -1;
  Fd output;
  Ended ended;
};

// Takes what one of them printed; closes the pipe at its end.
void take_output(Running& running) {
  std::array<char, kMostSaid> bytes{};
  const auto length = ::read(running.output.get(), bytes.data(), bytes.size());
  if (length < 0 && errno == EINTR) return;
  if (length <= 0) {
    running.output = Fd(-1);
    return;
  }
  auto& said = running.ended.said;
  said.append(bytes.data(), static_cast<std::size_t>(length));
  if (said.size() > kMostSaid) said.erase(0, said.size() - kMostSaid);
}

// Until no more than `most` have their output open, or `end` has come.
void listen_to(std::vector<Running>& all, std::size_t most, std::chrono::steady_clock::time_point end) {
  while (true) {
    std::vector<pollfd> open;
    std::vector<Running*> whose;
    for (auto& running : all)
      if (running.output.get() >= 0) {
        open.push_back({.fd = running.output.get(), .events = POLLIN, .revents = 0});
        whose.push_back(&running);
      }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (open.size() <= most || left.count() <= 0) return;
    if (::poll(open.data(), open.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (open[i].revents != 0) take_output(*whose[i]);
  }
}

// Waits for one that closed its output; kills it, and what it started, where it has not ended by `end`.
void finish(Running& running, std::chrono::steady_clock::time_point end) {
  if (running.process < 0) return;
  constexpr std::chrono::milliseconds kBetweenLooks{1};
  do {
    int status = 0;
    if (::waitpid(running.process, &status, WNOHANG) == running.process) {
      running.ended.status = exit_status_of(status);
      return;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  } while (std::chrono::steady_clock::now() < end);
  running.ended.late = true;
  ::kill(-running.process, SIGKILL);
  running.ended.status = wait_for(running.process);
}

// Those on which this process may run.
std::size_t cpus() {
  cpu_set_t ours;
  if (::sched_getaffinity(0, sizeof ours, &ours) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&ours)));
}

}  // namespace

Result<int> run(const Command& command) {
  NCT_TRY(auto child, start(command, STDERR_FILENO, false));
  write_input(child.input.get(), command.input);
  child.input = Fd(-1);
  return wait_for(child.process);
}

Result<std::vector<Ended>> run_together(std::span<const Command> commands, std::chrono::milliseconds limit) {
  const auto at_once = cpus();
  auto end = std::chrono::steady_clock::now() + limit;
  std::vector<Running> all;
  std::optional<Error> failure;
  for (const auto& command : commands) {
    listen_to(all, at_once - 1, end);
    if (std::chrono::steady_clock::now() >= end) {
      all.push_back({.process = -1, .output = Fd(), .ended = {.late = true}});
      continue;
    }
    auto output = make_pipe();
    auto child = output ? start(command, output->write.get(), true) : std::unexpected(output.error());
    if (!child) {
      failure = std::move(child).error();
      end = std::chrono::steady_clock::now();
      break;
    }
    all.push_back({.process = child->process, .output = std::move(output->read), .ended = {}});
  }
  listen_to(all, 0, end);
  std::vector<Ended> ended;
  for (auto& running : all) {
    finish(running, end);
    ended.push_back(std::move(running.ended));
  }
  if (failure) return std::unexpected(*std::move(failure));
  return ended;
}

bool is_running(std::string_view name) {
  constexpr std::size_t kCommBytes = 15;  // TASK_COMM_LEN less its NUL
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const auto process = entry.path().filename().native();
    if (process.find_first_not_of("0123456789") != std::string::npos) continue;
    const Fd file(::open((entry.path() / "comm").c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, kCommBytes + 2> comm{};
    const auto length = ::read(file.get(), comm.data(), comm.size());
    if (length > 0 && trimmed({comm.data(), static_cast<std::size_t>(length)}) == name.substr(0, kCommBytes))
      return true;
  }
  return false;
}

bool is_superuser() {
  return ::geteuid() == 0;
}

}  // namespace nct
