// A small Debian root with the store of its distribution, where others work and the real binary is asked.
#pragma once

#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace nct::test {

struct Answer {
  int status = -1;
  nlohmann::json report;
  std::string text;

  // "kind subject" of each line of drift.
  [[nodiscard]] std::vector<std::string> drift() const {
    std::vector<std::string> lines;
    for (const auto& row : report.value("drift", nlohmann::json::array()))
      lines.push_back(concat(row.at("kind").get<std::string>(), " ", row.at("subject").get<std::string>()));
    return lines;
  }
  [[nodiscard]] bool has(const std::string& line) const {
    const auto lines = drift();
    return std::ranges::find(lines, line) != lines.end();
  }
  [[nodiscard]] std::string of(const std::string& kind, const std::string& key) const {
    for (const auto& row : report.value("drift", nlohmann::json::array()))
      if (row.at("kind") == kind) return row.at(key);
    return {};
  }
  [[nodiscard]] std::string error() const {
    return report.contains("error") ? report.at("error").at("message").get<std::string>() : "";
  }
};

class DebianRoot {
 public:
  DebianRoot() { put(debian_node(), root()); }

  [[nodiscard]] std::string root() const { return scratch_.path() / "root"; }
  [[nodiscard]] std::string at(const std::string& path) const { return root() + path; }
  [[nodiscard]] std::string read(const std::string& path) const { return read_whole(at(path)); }

  void write(const std::string& path, std::string_view bytes, unsigned mode = 0644) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::filesystem::remove(at(path));
    write_whole(at(path), bytes, mode);
  }
  void link(const std::string& target, const std::string& path) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::filesystem::remove(at(path));
    std::filesystem::create_symlink(target, at(path));
  }

  [[nodiscard]] Answer ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), NCT_BINARY);
    for (const auto& more : {std::string("--root"), root(), std::string("--format"), std::string("json")})
      arguments.push_back(more);
    const auto done = run({.argv = std::move(arguments)});
    return {.status = done.status,
            .report = nlohmann::json::parse(done.out, nullptr, false),
            .text = concat(done.out, done.err)};
  }
  [[nodiscard]] Answer provision(const std::string& pem, bool dry_run = false) const {
    const auto file = scratch_.path() / "delivered.pem";
    write_whole(file, pem);
    std::vector<std::string> arguments{"provision", "--from", file};
    if (dry_run) arguments.emplace_back("--dry-run");
    return ask(arguments);
  }
  // Without the lock and the last report, which are no part of the store.
  [[nodiscard]] Tree tree() const { return tree_of(root(), {"run"}); }

 private:
  Scratch scratch_;
};

}  // namespace nct::test
