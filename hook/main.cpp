// The program: from the command line to a report and an exit status.
#include <csignal>
#include <cstdlib>
#include <malloc.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cmd/afterwards.hpp"
#include "cmd/commands.hpp"
#include "cmd/exit_status.hpp"
#include "cmd/hints.hpp"
#include "cmd/words.hpp"
#include "report/annotations.hpp"
#include "report/junit.hpp"
#include "sys/fd.hpp"
#include "sys/output.hpp"

namespace nct {

namespace {

Result<void> print(std::string_view text) {
  return write_output(STDOUT_FILENO, "standard output", text);
}

// Where nobody listens, the exit status still tells.
void complain(std::string_view message, std::string_view hint) {
  (void)write_output(STDERR_FILENO, "standard error", concat("node-ca-trust: ", message, "\n"));
  if (!hint.empty()) (void)write_output(STDERR_FILENO, "standard error", concat("  ", hint, "\n"));
}

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::usage:
      return "usage";
    case Errc::input:
      return "input";
    case Errc::missing_input:
      return "missing-input";
    case Errc::systemd:
      return "systemd";
    case Errc::bug:
      return "bug";
    case Errc::in_the_way:
      return "in-the-way";
    case Errc::io:
      return "io";
    case Errc::busy:
      return "busy";
    case Errc::not_permitted:
      return "not-permitted";
    case Errc::configuration:
      return "configuration";
  }
  return "";
}

// As no-color.org has it: a variable that is set to nothing asks for nothing.
bool wants_colour() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread, and nothing sets a variable
  const char* const none = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (none == nullptr || *none == '\0');
}

Result<void> dispatch(const Options& options, Report& report) {
  switch (options.command) {
    case Options::Command::bake:
      return bake(options, report);
    case Options::Command::provision:
      return provision(options, report);
    case Options::Command::rotate:
      return rotate(options, report);
    case Options::Command::lint:
      return lint(options, report);
    case Options::Command::status:
      return status(options, report);
    case Options::Command::verify:
      return verify(options, report);
    case Options::Command::distrust:
      return distrust(options, report);
    case Options::Command::remove:
      return remove(options, report);
  }
  return fail(Errc::bug, "a command without its function");
}

void add_error(const Result<void>& outcome, Report& report) {
  if (outcome) return;
  report.result = RunResult::failed;
  report.error = {.code = std::string(name_of(outcome.error().code)),
                  .message = outcome.error().message,
                  .hint = std::string(hint_for(outcome.error()))};
}

std::string words_of(const Report& report, Options::Format format) {
  switch (format) {
    case Options::Format::text:
      break;
    case Options::Format::json:
      return json_of(report);
    case Options::Format::github:
      return github_of(report);
    case Options::Format::sarif:
      return sarif_of(report, NCT_VERSION);
    case Options::Format::junit:
      return junit_of(report);
  }
  return text_of(report, wants_colour());
}

// Whatever the run came to: who reads half a report must not take it for a whole one.
int unwritten(const Error& error) {
  complain(error.message, "what is printed is not complete; what the run did stands");
  return exit_status_of(Errc::io);
}

int finish(const Result<void>& outcome, Options::Format format, Report& report) {
  add_error(outcome, report);
  const auto printed = print(words_of(report, format));
  const bool has_said_it = printed && format != Options::Format::text && format != Options::Format::junit;
  if (!outcome && !has_said_it) complain(report.error->message, report.error->hint);
  if (!printed) return unwritten(printed.error());
  if (!outcome) return exit_status_of(outcome.error().code);
  return report.result == RunResult::failed ? kNo : kDone;
}

int run(int argc, const char* const* argv) {
  Report report;
  const auto invocation = options_from(argc, argv);
  if (!invocation)
    return finish(std::unexpected(invocation.error()),
                  asks_for_json(argc, argv) ? Options::Format::json : Options::Format::text, report);
  if (!invocation->options) {
    const auto printed = print(invocation->text);
    return printed ? kDone : unwritten(printed.error());
  }
  auto options = *invocation->options;
  // "//", "/." and every other way to it are this machine's own root.
  if (const auto root = open_directory(options.root); root && is_own_root(*root)) options.root = "/";
  report.command = options.command_name;
  const auto outcome = dispatch(options, report);
  add_error(outcome, report);
  leave_traces(options, report);
  return finish(outcome, options.format, report);
}

}  // namespace

}  // namespace nct

int main(int argc, char** argv) {
  ::umask(022);
  nct::occupy_standard_descriptors();
  // Bundles are read into memory and dropped a few times in a run of some milliseconds: giving pages back
  // costs more.
  ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  ::mallopt(M_TOP_PAD, 1 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a hook that does not read its lines must not end us
  nct::isolate_libcrypto();
  return nct::run(argc, argv);
}
