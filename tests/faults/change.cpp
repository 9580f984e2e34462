#include "faults/change.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <exception>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "sys/fs.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

// Calls that change nothing but the process: killing at one of them is killing at the next other one.
constexpr std::string_view kOfTheProcess[] = {"arch_prctl",
                                              "brk",
                                              "clone3",
                                              "execve",
                                              "exit_group",
                                              "futex",
                                              "getpid",
                                              "getrandom",
                                              "gettid",
                                              "madvise",
                                              "mmap",
                                              "mprotect",
                                              "mremap",
                                              "munmap",
                                              "prctl",
                                              "prlimit64",
                                              "rseq",
                                              "rt_sigaction",
                                              "rt_sigprocmask",
                                              "sched_getaffinity",
                                              "sched_yield",
                                              "set_robust_list",
                                              "set_tid_address",
                                              "sigaltstack",
                                              "umask",
                                              "uname"};

constexpr std::string_view kChanging[] = {
    "copy_file_range", "fallocate", "fchmod",   "fchmodat", "fdatasync", "fsetxattr",       "fsync",
    "ftruncate",       "link",      "linkat",   "mkdir",    "mkdirat",   "pwrite64",        "rename",
    "renameat",        "renameat2", "rmdir",    "sendfile", "symlink",   "sync_file_range", "symlinkat",
    "truncate",        "unlink",    "unlinkat", "write",    "writev"};

// "1234  openat(AT_FDCWD, ..." of a trace; other lines have no name.
SystemCall call_from(std::string_view line, std::string& process) {
  const auto pid_end = line.find_first_not_of("0123456789");
  process = std::string(line.substr(0, pid_end));
  line = trimmed(line.substr(std::min(pid_end, line.size())));
  const auto open = line.find('(');
  if (open == std::string_view::npos || line.starts_with('<') || line.starts_with('+') ||
      line.starts_with('-'))
    return {};
  return {
      .name = std::string(line.substr(0, open)), .number = 0, .arguments = std::string(line.substr(open))};
}

StoreView view_at(const std::string& root, const std::string& bundle) {
  return view_of(*open_root(root).value(), "/etc/ssl/certs", bundle);
}

}  // namespace

std::string SystemCall::text() const {
  return concat(name, " ", std::to_string(number), " ", arguments);
}

Change::Change(std::string name, std::string start, CommandFor command, std::vector<std::string> not_compared,
               bool children_are_injected, std::string bundle)
    : name_(std::move(name)),
      start_(std::move(start)),
      command_(std::move(command)),
      not_compared_(std::move(not_compared)),
      children_are_injected_(children_are_injected),
      bundle_(std::move(bundle)) {
  const Scratch scratch(fast_directory());
  const auto root = (scratch.path() / "root").string();
  prepare(root);
  const auto before = view_at(root, bundle_);
  const auto finished = run(root);
  if (finished.status != 0)
    throw std::runtime_error(
        concat(name_, ": exit status ", std::to_string(finished.status), ": ", finished.err));
  both_ = held_by_both(before, view_at(root, bundle_));
  end_ = tree_of(root, not_compared_);
  if (both_.bundle.empty() || both_.hashed.empty())
    throw std::runtime_error(concat(name_, ": nothing to lose"));
}

std::vector<SystemCall> Change::calls() const {
  const Scratch scratch(fast_directory());
  const auto root = (scratch.path() / "root").string();
  const auto trace = (scratch.path() / "trace").string();
  prepare(root);
  const auto finished = run(root, {"strace", "-f", "-qq", "-y", "-o", trace});
  if (finished.status != 0) throw std::runtime_error(concat(name_, " under strace: ", finished.err));

  std::vector<SystemCall> calls;
  std::map<std::string, std::size_t> numbers;
  std::string first;
  const auto text = read_whole(trace);
  for (const auto line : lines_of(text)) {
    std::string process;
    auto call = call_from(line, process);
    if (first.empty()) first = process;
    if (call.name.empty() || process != first) continue;
    call.number = ++numbers[call.name];
    if (std::ranges::find(kOfTheProcess, call.name) == std::end(kOfTheProcess))
      calls.push_back(std::move(call));
  }
  return calls;
}

std::vector<SystemCall> Change::changing_calls() const {
  auto found = calls();
  std::erase_if(found, [](const SystemCall& call) {
    const bool creates = call.arguments.find("O_CREAT") != std::string::npos;
    // What we print, and what a sanitizer writes to learn whether an address can be read.
    const auto first = call.arguments.substr(0, call.arguments.find(','));
    const bool to_a_pipe = first.find("<pipe:") != std::string::npos;
    return to_a_pipe || (!creates && std::ranges::find(kChanging, call.name) == std::end(kChanging));
  });
  return found;
}

void Change::prepare(const std::string& root) const {
  fs::remove_all(root);
  // By a process of its own: a program that we had open for writing could not be run by another thread's
  // child.
  const auto copied = test::run({.argv = {"cp", "-RP", "--preserve=mode", start_, root}});
  if (copied.status != 0) throw std::runtime_error(copied.err);
}

Finished Change::run(const std::string& root, std::vector<std::string> prefix,
                     std::map<std::string, std::string> environment) const {
  // Leaks cannot be looked for in a process that is traced.
  environment.emplace("ASAN_OPTIONS", "detect_leaks=0");
  auto argv = std::move(prefix);
  std::ranges::copy(command_(root), std::back_inserter(argv));
  return test::run({.argv = std::move(argv), .environment = std::move(environment)});
}

Finished Change::run_injected(const std::string& root, const SystemCall& call,
                              const std::string& injection) const {
  std::vector<std::string> tracer{
      "strace", "-qq",
      "-o",     "/dev/null",
      "-e",     concat("trace=", call.name),
      "-e",     concat("inject=", call.name, ":", injection, ":when=", std::to_string(call.number))};
  if (children_are_injected_) tracer.emplace_back("-f");
  return run(root, std::move(tracer));
}

std::vector<std::string> Change::missed_by_readers(const std::string& root) const {
  const auto view = view_at(root, bundle_);
  auto missed = missing_from(view, both_);
  missed.insert(missed.end(), view.faults.begin(), view.faults.end());
  return missed;
}

std::vector<std::string> Change::unfinished(const std::string& root) const {
  std::string key;
  for (const auto& [path, node] : tree_of(root))
    key += concat(path, " ", std::to_string(node.mode), " ", node.content, "\n");
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = answers_.find(key); known != answers_.end()) return known->second;
  }
  auto answer = run_again(root);
  const std::scoped_lock lock(mutex_);
  return answers_.emplace(std::move(key), std::move(answer)).first->second;
}

std::vector<std::string> Change::run_again(const std::string& root) const {
  const auto finished = run(root);
  if (finished.status != 0)
    return {concat("the next run: exit status ", std::to_string(finished.status), ": ", finished.err)};
  const auto differs = difference(end_, tree_of(root, not_compared_));
  if (differs.empty()) return {};
  return {concat("after the next run:\n", differs)};
}

void in_two_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto loop = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++)
        work(i);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    const std::jthread other(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

std::string fast_directory() {
  std::error_code ignored;
  return fs::is_directory("/dev/shm", ignored) ? "/dev/shm" : fs::temp_directory_path().string();
}

}  // namespace nct::test
