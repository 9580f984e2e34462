// A real program that changes a real tree, and is disturbed while it does.
#pragma once

#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/store_view.hpp"
#include "support/tree.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace nct::test {

// One of the system calls which a program's first process made.
struct SystemCall {
  std::string name;
  std::size_t number = 0;  // among its calls of that name, from 1: what strace's `when=` counts
  std::string arguments;

  [[nodiscard]] std::string text() const;  // "renameat 3 (5, "a", 6, "b")"
};

class Change {
 public:
  // The command that makes the change in the tree at `root`.
  using CommandFor = std::function<std::vector<std::string>(const std::string& root)>;

  // Copies the tree at `start` for every run, and runs the command once undisturbed: that is what all others
  // are held against. Throws where it does not exit with 0. Locks and reports say what a run did, not what
  // the node is, and are not compared. strace counts the calls of each process apart: what is done to one is
  // done to the children's, too, unless they are left alone.
  Change(std::string name, std::string start, CommandFor command,
         std::vector<std::string> not_compared = {"run"}, bool children_are_injected = true,
         std::string bundle = {});

  [[nodiscard]] const std::string& name() const { return name_; }

  // The calls of an undisturbed run, those that only concern memory and the start of a process left out.
  [[nodiscard]] std::vector<SystemCall> calls() const;

  // Those of them that may change a file, or what is on disk; writes to a pipe are not among them.
  [[nodiscard]] std::vector<SystemCall> changing_calls() const;

  // A copy of the start.
  void prepare(const std::string& root) const;

  // Runs the command; `prefix` stands in front of it.
  [[nodiscard]] Finished run(const std::string& root, std::vector<std::string> prefix = {},
                             std::map<std::string, std::string> environment = {}) const;

  // Runs it under strace with `injection` ("signal=KILL", "error=EIO") done to `call`.
  [[nodiscard]] Finished run_injected(const std::string& root, const SystemCall& call,
                                      const std::string& injection) const;

  // What a reader of the tree misses of what the old and the new state share, and what he stumbles over.
  [[nodiscard]] std::vector<std::string> missed_by_readers(const std::string& root) const;

  // Runs the command again, undisturbed: what is not as it is after one undisturbed run alone. Of trees that
  // are the same one is enough; for the others the answer is remembered.
  [[nodiscard]] std::vector<std::string> unfinished(const std::string& root) const;

 private:
  [[nodiscard]] std::vector<std::string> run_again(const std::string& root) const;

  std::string name_;
  std::string start_;
  CommandFor command_;
  std::vector<std::string> not_compared_;
  bool children_are_injected_;
  std::string bundle_;
  Tree end_;
  StoreView both_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<std::string>> answers_;
};

// Calls `work` with each number below `count`, in two threads at a time.
void in_two_threads(std::size_t count, const std::function<void(std::size_t)>& work);

// A directory for trees that are made and removed by the hundred: in memory where the machine offers that.
std::string fast_directory();

}  // namespace nct::test
