#include "node/p11kit/extraction.hpp"

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "store/p11kit/extracted.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::string_view kTrust = "/usr/bin/trust";
constexpr std::size_t kMaxBytes = std::size_t{256} << 20U;
constexpr std::chrono::seconds kLimit{30};

std::string directory() {
  return concat(kRunDirectory, "/extract");
}

std::string file_of(std::size_t number) {
  return concat(directory(), "/", std::to_string(number));
}

std::unexpected<Error> failed(const Extract& extract, const Ended& ended) {
  auto message = concat("'", kTrust, " extract' for '", extract.path, "' ",
                        ended.late ? concat("had not ended after ", std::to_string(kLimit.count()), " s")
                                   : concat("exited with status ", std::to_string(ended.status)));
  if (const auto said = trimmed(ended.said); !said.empty()) message += concat(": ", printable(said));
  return fail(Errc::in_the_way, std::move(message));
}

Result<Extracted> read_file(Fs& fs, const std::string& path) {
  Extracted extracted;
  NCT_TRY(extracted.bytes, fs.read_file(path, kMaxBytes));
  return extracted;
}

Result<Extracted> read_directory(Fs& fs, const std::string& path) {
  Extracted extracted;
  NCT_TRY(const auto entries, fs.list_directory(path));
  for (const auto& entry : entries) {
    if (entry.kind == FileKind::link) {
      extracted.links.emplace(entry.name, entry.target);
      continue;
    }
    NCT_TRY(auto bytes, fs.read_file(concat(path, "/", entry.name), kMaxBytes));
    extracted.files.emplace(entry.name, std::move(bytes));
  }
  return extracted;
}

// trust(1) leaves it so that its owner cannot write.
Result<void> sweep_directory(Fs& fs, const std::string& path) {
  constexpr std::uint32_t kWritable = 0755;
  NCT_CHECK(fs.set_mode(path, kWritable));
  NCT_TRY(const auto entries, fs.list_names(path));
  for (const auto& entry : entries)
    NCT_CHECK(fs.remove_file(concat(path, "/", entry.name)));
  NCT_CHECK(fs.remove_directory(path));
  return {};
}

// Runs them all, and says how each ended, in their order.
Result<std::vector<Ended>> run_extracts(const std::string& root, std::span<const Extract> extracts) {
  // A directory takes twice as long as a file, and so begins first.
  std::vector<std::size_t> turns;
  for (const bool directories : {true, false})
    for (std::size_t i = 0; i < extracts.size(); ++i)
      if (is_directory(extracts[i].form) == directories) turns.push_back(i);
  std::vector<Command> commands;
  for (const auto number : turns)
    commands.push_back({.root = root,
                        .directory = "/",
                        .program = std::string(kTrust),
                        .arguments = arguments_of(extracts[number], file_of(number)),
                        .set_environment = {"P11_KIT_NO_USER_CONFIG=1"}});
  auto done = run_together(commands, kLimit);
  // That it is not allowed to run has nothing to do with who we are.
  if (!done && done.error().code == Errc::not_permitted) done.error().code = Errc::in_the_way;
  NCT_TRY(auto in_turn, std::move(done));
  std::vector<Ended> ended(extracts.size());
  for (std::size_t i = 0; i < turns.size(); ++i)
    ended[turns[i]] = std::move(in_turn[i]);
  return ended;
}

}  // namespace

Result<std::vector<Extracted>> extract(Fs& fs, const std::string& root, std::span<const Extract> extracts) {
  NCT_CHECK(sweep_extraction(fs));
  NCT_CHECK(fs.make_directories(directory()));
  auto made = [&]() -> Result<std::vector<Extracted>> {
    NCT_TRY(const auto ended, run_extracts(root, extracts));
    std::vector<Extracted> all;
    for (std::size_t i = 0; i < extracts.size(); ++i) {
      if (ended[i].status != 0 || ended[i].late) return failed(extracts[i], ended[i]);
      auto extracted =
          is_directory(extracts[i].form) ? read_directory(fs, file_of(i)) : read_file(fs, file_of(i));
      if (!extracted && extracted.error().os_errno == ENOENT)
        return fail(Errc::in_the_way,
                    concat("'", kTrust, " extract' for '", extracts[i].path, "' wrote nothing"));
      if (!extracted) return std::unexpected(std::move(extracted).error());
      all.push_back(*std::move(extracted));
    }
    return all;
  }();
  auto swept = sweep_extraction(fs);
  if (made && !swept) return std::unexpected(std::move(swept).error());
  return made;
}

Result<void> sweep_extraction(Fs& fs) {
  const auto left = fs.list_names(directory());
  if (!left && left.error().os_errno == ENOENT) return {};
  if (!left) return std::unexpected(left.error());
  for (const auto& entry : *left) {
    const auto path = concat(directory(), "/", entry.name);
    NCT_CHECK(entry.kind == FileKind::directory ? sweep_directory(fs, path) : fs.remove_file(path));
  }
  NCT_TRY(const bool removed, fs.remove_directory(directory()));
  if (!removed) return fail(Errc::busy, concat("'", directory(), "' is in use"));
  return {};
}

}  // namespace nct
