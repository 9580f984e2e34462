#include "sys/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"

namespace nct {

namespace {

// In the child, between fork(2) and execv(3). Reports the first call that failed through `failure`.
[[noreturn]] void become(const Command& command, int input, int failure) {
  const auto done = [&]() -> bool {
    for (const auto& name : command.unset_environment)
      ::unsetenv(name.c_str());
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);  // what a StopRequest holds back is not for others
    if (command.root != "/" && ::chroot(command.root.c_str()) != 0) return false;
    if (::chdir(command.directory.c_str()) != 0) return false;
    if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return false;
    std::string program = command.program;
    std::array<char*, 2> arguments{program.data(), nullptr};
    ::execv(program.c_str(), arguments.data());
    // A script without "#!" is one for the shell, as the shell that runs hooks itself takes it.
    if (errno != ENOEXEC) return false;
    std::string shell = "/bin/sh";
    std::array<char*, 3> as_script{shell.data(), program.data(), nullptr};
    return ::execv(shell.c_str(), as_script.data()) == 0;
  };
  (void)done();
  const int error = errno;
  [[maybe_unused]] const auto told = ::write(failure, &error, sizeof error);
  ::_exit(127);
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

}  // namespace

Result<int> run(const Command& command) {
  NCT_TRY(auto input, make_pipe());
  NCT_TRY(auto failure, make_pipe());
  const auto child = ::fork();
  if (child < 0) return fail_errno("fork", command.program, errno);
  if (child == 0) become(command, input.read.get(), failure.write.get());
  input.read = Fd(-1);
  failure.write = Fd(-1);
  write_input(input.write.get(), command.input);
  input.write = Fd(-1);

  int error = 0;
  const bool failed = ::read(failure.read.get(), &error, sizeof error) == sizeof error;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed) return fail_errno("exec", command.program, error);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
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
