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
#include "plan/annotations.hpp"
#include "plan/junit.hpp"
#include "sys/fd.hpp"

namespace nct {

namespace {

void print(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;  // nobody listens; the exit status still tells
    text.remove_prefix(static_cast<std::size_t>(written));
  }
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

bool wants_colour() {
  return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
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

int finish(const Result<void>& outcome, Options::Format format, Report& report) {
  add_error(outcome, report);
  print(STDOUT_FILENO, words_of(report, format));
  if (outcome) return report.result == RunResult::failed ? kNo : kDone;
  if (format == Options::Format::text || format == Options::Format::junit) {
    print(STDERR_FILENO, concat("node-ca-trust: ", report.error->message, "\n"));
    if (!report.error->hint.empty()) print(STDERR_FILENO, concat("  ", report.error->hint, "\n"));
  }
  return exit_status_of(outcome.error().code);
}

int run(int argc, const char* const* argv) {
  Report report;
  const auto invocation = options_from(argc, argv);
  if (!invocation)
    return finish(std::unexpected(invocation.error()),
                  asks_for_json(argc, argv) ? Options::Format::json : Options::Format::text, report);
  if (!invocation->options) {
    print(STDOUT_FILENO, invocation->text);
    return kDone;
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
  // Bundles are read into memory and dropped a few times in a run of some milliseconds: giving pages back
  // costs more.
  ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  ::mallopt(M_TOP_PAD, 1 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a hook that does not read its lines must not end us
  nct::isolate_libcrypto();
  return nct::run(argc, argv);
}
