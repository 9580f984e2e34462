#include "support/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.hpp"

namespace nct::test {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (ends_.at(end) >= 0) ::close(ends_.at(end));
    ends_.at(end) = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> environment_of(const Command& command) {
  std::map<std::string, std::string> variables{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C"}};
  for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(kept)) variables[kept] = value;
  for (const auto& [name, value] : command.environment)
    variables[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables)
    lines.push_back(concat(name, "=", value));
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void become(const Command& command, char* const* argv, char* const* environment, const Pipe& in,
                         const Pipe& out, const Pipe& err) {
  ::dup2(in.reader(), 0);
  ::dup2(out.writer(), 1);
  ::dup2(err.writer(), 2);
  std::signal(SIGPIPE, SIG_DFL);
  if (command.directory.empty() || ::chdir(command.directory.c_str()) == 0)
    ::execvpe(argv[0], argv, environment);
  ::perror(argv[0]);
  ::_exit(127);
}

}  // namespace

Finished run(const Command& command) {
  auto words = command.argv;
  auto variables = environment_of(command);
  const auto argv = pointers_to(words);
  const auto environment = pointers_to(variables);
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) become(command, argv.data(), environment.data(), in, out, err);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);

  // A command may end without reading its input.
  auto* const old_handler = std::signal(SIGPIPE, SIG_IGN);
  Finished finished;
  std::string_view unsent = command.input;
  if (unsent.empty()) in.close_end(1);
  ::fcntl(in.writer(), F_SETFL, O_NONBLOCK);
  std::array<pollfd, 3> polled{
      {{in.writer(), POLLOUT, 0}, {out.reader(), POLLIN, 0}, {err.reader(), POLLIN, 0}}};
  while (polled[1].fd >= 0 || polled[2].fd >= 0) {
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (polled[0].fd >= 0 && polled[0].revents != 0) {
      const ssize_t count = ::write(in.writer(), unsent.data(), unsent.size());
      if (count > 0) unsent.remove_prefix(static_cast<std::size_t>(count));
      if (unsent.empty() || (count < 0 && errno != EAGAIN)) {
        in.close_end(1);
        polled[0].fd = -1;
      }
    }
    for (const std::size_t i : {1U, 2U}) {
      if (polled.at(i).fd < 0 || polled.at(i).revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t count = ::read(polled.at(i).fd, buffer.data(), buffer.size());
      if (count > 0)
        (i == 1 ? finished.out : finished.err).append(buffer.data(), static_cast<std::size_t>(count));
      else
        polled.at(i).fd = -1;
    }
  }
  std::signal(SIGPIPE, old_handler);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  return finished;
}

}  // namespace nct::test
