// bench_provision BINARY DIRECTORY RUNS [PART]: node-ca-trust provision beside update-ca-certificates -f, run
// in turns on the same disk, and beside floor.c, which writes the same bytes and does nothing else. Figures
// are of whole processes, from fork to wait. PART chooses scenarios by a part of their title. Exit status 1
// where a target is missed.
#include "bench/disk.hpp"
#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/sandbox.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <openssl/crypto.h>
#include <sstream>
#include <stdexcept>
#include <sys/utsname.h>
#include <thread>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr double kLeastGainFirst = 20;
constexpr double kLeastGainRotation = 100;
constexpr double kLeastGainNothing = 250;
constexpr double kLeastGainRotateNothing = 200;
constexpr double kMostAboveFloor = 3;
constexpr double kMostMegabytes = 12;
constexpr double kMostGrowth = 1.5;  // of what one more CA costs, from one size to ten times that size

constexpr std::string_view kLocal = "/usr/local/share/ca-certificates";
constexpr std::string_view kBundle = "/etc/ssl/certs/ca-certificates.crt";

using Pems = std::vector<std::string>;

// ---- one run

struct Cost {
  double wall_ms = 0;
  double cpu_ms = 0;
  double megabytes = 0;
};

struct Runner {
  std::string name;
  std::vector<std::string> command;
  std::string state;                      // restored before each run
  std::vector<std::string> run_before{};  // after that, by a node that has been up for a while; not measured
  std::function<void()> check;            // throws where a run did not do what it is measured for
  std::vector<Cost> costs{};
  std::size_t children = 0;
};

std::string beside_us(const char* program) {
  return fs::read_symlink("/proc/self/exe").parent_path() / program;
}

Finished must_run(const std::vector<std::string>& command) {
  auto finished = run({.argv = command});
  if (finished.status != 0)
    throw std::runtime_error(
        concat(command.front(), " ", std::to_string(finished.status), ": ", finished.err));
  return finished;
}

Cost measure(const Runner& runner) {
  std::vector<std::string> command{beside_us("bench_measure")};
  std::ranges::copy(runner.command, std::back_inserter(command));
  const auto measured = must_run(command);
  double wall_ns = 0;
  double cpu_us = 0;
  double kibibytes = 0;
  int status = -1;
  std::istringstream(measured.out) >> wall_ns >> cpu_us >> kibibytes >> status;
  if (status != 0) throw std::runtime_error(concat(runner.name, " failed: ", measured.err));
  return {.wall_ms = wall_ns / 1e6, .cpu_ms = cpu_us / 1e3, .megabytes = kibibytes * 1024 / 1e6};
}

// What the restored node would have gone through since: its files are older than a tick of any file system's
// clock, and a run, at boot or by the timer, has found nothing to do.
void grow_old(const Runner& runner) {
  if (runner.run_before.empty()) return;
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  must_run(runner.run_before);
}

// In turns, so that all meet the same weather; the first round only warms caches.
void measure_in_turns(const Disk& disk, std::vector<Runner>& runners, std::size_t runs) {
  for (std::size_t round = 0; round <= runs; ++round)
    for (auto& runner : runners) {
      disk.restore(runner.state);
      grow_old(runner);
      const auto cost = measure(runner);
      if (round > 0) runner.costs.push_back(cost);
      runner.check();
    }
}

// Processes that the command starts, in a run of its own under strace.
std::size_t children_of(const Disk& disk, const Runner& runner) {
  disk.restore(runner.state);
  const auto log = disk.path("strace");
  std::vector<std::string> command{"strace", "-f", "-qq", "-o", log, "-e", "trace=fork,vfork,clone,clone3"};
  std::ranges::copy(runner.command, std::back_inserter(command));
  must_run(command);
  const auto text = read_whole(log);
  return static_cast<std::size_t>(std::ranges::count_if(lines_of(text), [](std::string_view line) {
    const auto answer = line.rfind(" = ");
    return answer != std::string_view::npos && line[answer + 3] != '-' && line[answer + 3] != '?';
  }));
}

// ---- figures

struct Spread {
  double least = 0;
  double median = 0;
  double most = 0;
};

Spread spread_of(const std::vector<Cost>& costs, double Cost::* what) {
  std::vector<double> values;
  for (const auto& cost : costs)
    values.push_back(cost.*what);
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {.least = values.front(), .median = median, .most = values.back()};
}

double median(const Runner& runner, double Cost::* what) {
  return spread_of(runner.costs, what).median;
}

int missed = 0;

void judge(const std::string& what, double value, const char* unit, bool at_least, double target) {
  const bool met = at_least ? value >= target : value <= target;
  missed += met ? 0 : 1;
  std::printf("    %-36s %8.2f%s   target %s %g%s   %s\n", what.c_str(), value, unit,
              at_least ? "at least" : "at most", target, unit, met ? "met" : "MISSED");
}

void print(const Runner& runner) {
  const auto wall = spread_of(runner.costs, &Cost::wall_ms);
  std::printf("  %-8s %9.2f %9.2f %9.2f %9.2f %7.1f %7zu\n", runner.name.c_str(), wall.least, wall.median,
              wall.most, median(runner, &Cost::cpu_ms), spread_of(runner.costs, &Cost::megabytes).most,
              runner.children);
}

// ---- the machine

std::string first_line(const std::string& path, std::string_view key) {
  const auto text = read_whole(path);
  for (const auto line : lines_of(text))
    if (line.starts_with(key)) return std::string(trimmed(line.substr(std::min(line.size(), key.size()))));
  return "unknown";
}

void print_machine(const std::string& directory) {
  utsname kernel{};
  ::uname(&kernel);
  const auto disk = must_run({"df", "--output=source,fstype", directory}).out;
  std::printf("kernel     %s %s\n", kernel.sysname, kernel.release);
  std::printf("processor  %s x %s\n", first_line("/proc/cpuinfo", "model name\t:").c_str(),
              std::string(trimmed(must_run({"nproc"}).out)).c_str());
  std::printf("disk       ext4 with a journal, an image on %s\n",
              std::string(trimmed(disk.substr(disk.find('\n')))).c_str());
  std::printf("libcrypto  %s\n", OpenSSL_version(OPENSSL_VERSION));
}

void print_load(const char* when) {
  std::printf("load       %s %s\n", first_line("/proc/loadavg", "").c_str(), when);
}

// What somebody put into the machine's store directory is no root of the distribution.
void remove_own_roots() {
  const fs::path bundle(kBundle);
  for (const auto& entry : fs::directory_iterator(bundle.parent_path()))
    if (!entry.is_symlink() && entry.is_regular_file() && entry.path() != bundle) fs::remove(entry.path());
  must_run({"update-ca-certificates", "-f"});
}

// ---- certificates

// The first `count` of a row of RSA-2048 CAs that lasts: making a thousand takes a minute.
Pems cas(const std::string& kept, std::size_t count) {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  std::string text = fs::exists(kept) ? read_whole(kept) : "";
  Pems pems;
  for (std::size_t at = 0, end = 0; (end = text.find(kEnd, at)) != std::string::npos; at = end + kEnd.size())
    pems.push_back(text.substr(at, end + kEnd.size() - at));
  if (pems.size() < count) std::printf("making %zu CAs, once\n", count - pems.size());
  while (pems.size() < count) {
    pems.push_back(make_ca({.common_name = concat("Bench CA ", std::to_string(pems.size())),
                            .organization = "Example",
                            .key = TestKey::rsa_2048})
                       .pem);
    text += pems.back();
  }
  write_whole(kept, text);
  pems.resize(count);
  return pems;
}

std::string joined(const Pems& pems) {
  std::string text;
  for (const auto& pem : pems)
    text += pem;
  return text;
}

std::size_t certificates_in(std::string_view bundle) {
  std::size_t count = 0;
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  for (auto at = bundle.find(kBegin); at != std::string_view::npos; at = bundle.find(kBegin, at + 1))
    ++count;
  return count;
}

// ---- scenarios

class Bench {
 public:
  Bench(std::string binary, const std::string& directory, std::size_t runs, std::string part)
      : binary_(std::move(binary)),
        part_(std::move(part)),
        disk_(concat(directory, "/disk.ext4"), concat(directory, "/disk")),
        runs_(runs) {
    disk_.save("distro");
    roots_ = certificates_in(read_whole(std::string(kBundle)));
    config_ = disk_.path("config.toml");
    write_whole(config_, "[limits]\nmax_certificates = 1000\nmax_document_bytes = 16777216\n");
  }

  [[nodiscard]] std::size_t roots() const { return roots_; }

  // From a node where `before` is installed (no run before at all where that is empty) to `after`.
  void compare(std::string_view title, const Pems& before, const Pems& after, double least_gain) {
    if (!title.contains(part_)) return;
    std::vector<Runner> runners{ours(before, after), distro(before, after)};
    const auto plan = floor_for(runners.front());
    if (!plan.command.empty()) runners.push_back(plan);
    compare(title, std::move(runners), least_gain);
  }

  // A run over a sync directory that holds what is installed, beside the mechanism of today: it copies the
  // directory and has the tool start afresh, whether something changed or not.
  void rotate_nothing(std::string_view title, const Pems& pems, double least_gain) {
    if (!title.contains(part_)) return;
    const std::string sync = "/run/sync";
    fs::remove_all(sync);
    fs::create_directory(sync);
    for (std::size_t i = 0; i < pems.size(); ++i)
      write_whole(concat(sync, "/ca", std::to_string(i), ".crt"), pems[i]);
    Runner rotate{.name = "ours",
                  .command = {binary_, "rotate", "--config", config_, "--directory", sync},
                  .state = "ours-rotated",
                  .check = check("node-ca-trust", pems)};
    rotate.run_before = rotate.command;
    disk_.restore("distro");
    must_run(rotate.command);
    disk_.save(rotate.state);
    const std::string copies = concat(kLocal, "/certs");
    const Runner script{.name = "script",
                        .command = {"sh", "-ec",
                                    "rm -rf \"$2\"; mkdir \"$2\"; cp \"$1\"/* \"$2\"; "
                                    "update-ca-certificates -f",
                                    "sh", sync, copies},
                        .state = "script-rotated",
                        .check = check("the script", pems)};
    disk_.restore("distro");
    must_run(script.command);
    disk_.save(script.state);
    compare(title, {rotate, script}, least_gain);
  }

  // What a CA costs, by how many there are.
  void scale(const Pems& all) {
    constexpr std::string_view kTitle = "scaling";
    if (!kTitle.contains(part_)) return;
    std::printf("\nscaling (medians; \"per CA\" is CPU for each CA more than in the line above)\n");
    std::printf("  %5s %30s   %30s   %7s %10s\n  %5s %9s %9s %10s   %9s %9s %10s   %7s %10s\n", "",
                "first provision", "nothing to change", "", "distro's", "CAs", "wall ms", "CPU ms", "per CA",
                "wall ms", "CPU ms", "per CA", "RSS MB", "first ms");
    std::vector<double> first_each;
    std::vector<double> nothing_each;
    std::vector<Runner> last;
    for (std::size_t count = 1, fewer = 0; count <= all.size(); fewer = count, count *= 10) {
      const Pems some(all.begin(), all.begin() + static_cast<Pems::difference_type>(count));
      std::vector<Runner> runners{ours({}, some), ours(some, some)};
      measure_in_turns(disk_, runners, runs_);
      const auto theirs = distro({}, some);
      disk_.restore(theirs.state);
      const double distro_ms = measure(theirs).wall_ms;
      const auto each = [&](std::size_t which) {
        if (last.empty()) return 0.0;
        return (median(runners[which], &Cost::cpu_ms) - median(last[which], &Cost::cpu_ms)) /
               static_cast<double>(count - fewer);
      };
      first_each.push_back(each(0));
      nothing_each.push_back(each(1));
      std::printf("  %5zu %9.2f %9.2f %10.4f   %9.2f %9.2f %10.4f   %7.1f %10.0f\n", count,
                  median(runners[0], &Cost::wall_ms), median(runners[0], &Cost::cpu_ms), first_each.back(),
                  median(runners[1], &Cost::wall_ms), median(runners[1], &Cost::cpu_ms), nothing_each.back(),
                  spread_of(runners[0].costs, &Cost::megabytes).most, distro_ms);
      last = std::move(runners);
    }
    judge("first: cost of a CA, 1000 / 100", first_each[3] / first_each[2], "x", false, kMostGrowth);
    judge("nothing: cost of a CA, 1000 / 100", nothing_each[3] / nothing_each[2], "x", false, kMostGrowth);
  }

 private:
  // The first of `runners` is ours, the second what it is compared with, the third, if there is one, the
  // floor.
  void compare(std::string_view title, std::vector<Runner> runners, double least_gain) {
    std::printf("\n%s\n  %-8s %9s %9s %9s %9s %7s %7s\n", std::string(title).c_str(), "", "wall min",
                "median", "max ms", "CPU ms", "RSS MB", "forks");
    measure_in_turns(disk_, runners, runs_);
    for (auto& runner : runners) {
      runner.children = children_of(disk_, runner);
      print(runner);
    }
    const double wall = median(runners[0], &Cost::wall_ms);
    judge(concat(runners[1].name, "'s median / ours"), median(runners[1], &Cost::wall_ms) / wall, "x", true,
          least_gain);
    std::printf("    %-36s %8.2fx   (what other programs do at the same time moves it less)\n",
                "the same of CPU time",
                median(runners[1], &Cost::cpu_ms) / median(runners[0], &Cost::cpu_ms));
    if (runners.size() == 3)
      judge("our median / floor's", wall / median(runners[2], &Cost::wall_ms), "x", false, kMostAboveFloor);
    judge("our greatest resident set", spread_of(runners[0].costs, &Cost::megabytes).most, " MB", false,
          kMostMegabytes);
    judge("processes we start", static_cast<double>(runners[0].children), "", false, 0);
  }

  [[nodiscard]] std::function<void()> check(const std::string& who, const Pems& after) const {
    return [roots = roots_, who, after] {
      const auto bundle = read_whole(std::string(kBundle));
      bool right = certificates_in(bundle) == roots + after.size();
      for (const auto& pem : after)
        right = right && bundle.find(pem) != std::string::npos;
      if (!right) throw std::runtime_error(concat(who, " left another bundle than was asked for"));
    };
  }

  // `before` and `after` are delivered under one name, as a node's are.
  Runner ours(const Pems& before, const Pems& after) {
    const auto state = concat("ours-", std::to_string(++states_));
    const auto bundle = disk_.path(concat(state, ".pem"));
    Runner runner{.name = "ours",
                  .command = {binary_, "provision", "--config", config_, "--from", bundle},
                  .state = state,
                  .check = check("node-ca-trust", after)};
    disk_.restore("distro");
    if (!before.empty()) {
      write_whole(bundle, joined(before));
      must_run(runner.command);
    }
    disk_.save(state);
    const auto old_bundle = disk_.path(concat(state, "-before.pem"));
    write_whole(old_bundle, joined(before));
    write_whole(bundle, joined(after));
    // The same name, so that it is the same delivery.
    if (!before.empty())
      runner.run_before = {"sh",
                           "-ec",
                           "mv \"$5\" \"$5.after\" && cp \"$6\" \"$5\" && \"$1\" \"$2\" \"$3\" \"$4\" --from "
                           "\"$5\"; mv \"$5.after\" \"$5\"",
                           "sh",
                           binary_,
                           "provision",
                           "--config",
                           config_,
                           bundle,
                           old_bundle};
    return runner;
  }

  // The anchors are changed beforehand: only the tool is measured.
  Runner distro(const Pems& before, const Pems& after) {
    const auto place = [](const Pems& pems) {
      for (const auto& entry : fs::directory_iterator(kLocal))
        fs::remove(entry.path());
      // Named by content, as ours are: another certificate is another file.
      for (const auto& pem : pems)
        write_whole(concat(kLocal, "/bench-", std::to_string(std::hash<std::string>{}(pem)), ".crt"), pem);
    };
    const std::vector<std::string> command{"update-ca-certificates", "-f"};
    Runner runner{.name = "distro",
                  .command = command,
                  .state = concat("distro-", std::to_string(++states_)),
                  .check = check("update-ca-certificates", after)};
    disk_.restore("distro");
    if (!before.empty()) {
      place(before);
      must_run(command);
    }
    place(after);
    disk_.save(runner.state);
    return runner;
  }

  // Ends with the same trees as `ours`; without a command where that changes nothing.
  Runner floor_for(const Runner& ours) {
    disk_.restore(ours.state);
    const auto before = Disk::tree();
    must_run(ours.command);
    const auto after = Disk::tree();
    if (before == after) return {};
    const auto plan = disk_.path("floor-plan");
    write_whole(plan, floor_plan(before, after, disk_.path("floor")));
    Runner floor{
        .name = "floor", .command = {beside_us("bench_floor"), plan}, .state = ours.state, .check = [after] {
          const auto differs = difference(after, Disk::tree());
          if (!differs.empty()) throw std::runtime_error("floor made something else:\n" + differs);
        }};
    floor.run_before = ours.run_before;  // a disk that has been left alone answers more slowly
    return floor;
  }

  std::string binary_;
  std::string part_;
  Disk disk_;
  std::size_t runs_;
  std::size_t roots_ = 0;
  std::size_t states_ = 0;
  std::string config_;
};

Pems part(const Pems& pems, std::size_t from, std::size_t to) {
  return {pems.begin() + static_cast<Pems::difference_type>(from),
          pems.begin() + static_cast<Pems::difference_type>(to)};
}

void bench(const std::string& binary, const std::string& directory, std::size_t runs,
           const std::string& part_of_title) {
  fs::create_directories(directory);
  const auto all = cas(concat(directory, "/cas.pem"), 1000);
  print_machine(directory);
  print_load("at the start");
  const Sandbox sandbox;
  remove_own_roots();
  Bench bench(binary, directory, runs, part_of_title);
  std::printf("roots      %zu of the distribution\nruns       %zu of each, in turns\n", bench.roots(), runs);
  const auto ten = part(all, 0, 10);
  bench.compare("first provision: 10 CAs on a node without record", {}, ten, kLeastGainFirst);
  bench.compare("rotation: one of 10 CAs is replaced", ten, part(all, 1, 11), kLeastGainRotation);
  bench.compare("rotation: all 10 CAs are replaced", ten, part(all, 10, 20), kLeastGainRotation);
  bench.compare("nothing to change: the same 10 CAs", ten, ten, kLeastGainNothing);
  bench.rotate_nothing("rotate with nothing changed: the same 10 CAs", ten, kLeastGainRotateNothing);
  bench.scale(all);
  print_load("at the end");
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc == 4 || argc == 5 ? std::atoi(argv[3]) : 0;
  if (runs < 1) {
    std::fputs("usage: bench_provision BINARY DIRECTORY RUNS [PART]\n", stderr);
    return 64;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    bench(fs::absolute(argv[1]), fs::absolute(argv[2]), static_cast<std::size_t>(runs),
          argc == 5 ? argv[4] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_provision: %s\n", error.what());
    return 70;
  }
  std::printf("%d targets missed\n", missed);
  return missed == 0 ? 0 : 1;
}
