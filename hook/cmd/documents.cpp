#include "cmd/documents.hpp"

#include <cstdlib>
#include <ranges>
#include <utility>

#include "base/text.hpp"
#include "sys/fs.hpp"
#include "sys/input.hpp"
#include "wish/generation.hpp"

namespace nct {

namespace {

constexpr std::string_view kEnvironment = "env:";

// As a shell would read it back.
std::string assignment(const std::string& name, std::string_view value) {
  std::string quoted;
  for (const char c : value) {
    if (std::string_view("\"\\$`").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return concat(name, "=\"", quoted, "\"\n");
}

Result<Document> environment(Shape as) {
  constexpr unsigned kMostCertificates = 1000;
  std::vector<std::string> names{"CUSTOM_CA_TRUST_COUNT", "HTTP_PROXY_TRUSTED_CA"};
  for (unsigned number = 0; number < kMostCertificates; ++number)
    names.push_back(concat("CUSTOM_CA_CERT_", std::to_string(number)));
  std::string text;
  for (const auto& name : names)
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread, and nothing sets a variable
    if (const char* value = std::getenv(name.c_str()); value != nullptr) text += assignment(name, value);
  if (text.empty())
    return fail(Errc::missing_input,
                "env: none of CUSTOM_CA_TRUST_COUNT, CUSTOM_CA_CERT_<n> and HTTP_PROXY_TRUSTED_CA is set");
  return Document{.name = std::string(kEnvironment),
                  .bytes = std::move(text),
                  .as = as == Shape::sniffed ? Shape::cse : as};
}

// The files of `directory`, which is one.
Result<std::vector<std::string>> files_in(Fs& fs, const std::string& directory, std::size_t most) {
  NCT_TRY(const auto path, absolute_path(directory));
  NCT_TRY(const auto entries, fs.list_directory(path));
  if (entries.size() > most)
    return fail(Errc::input, concat("'", printable(directory), "': ", std::to_string(entries.size()),
                                    " names in it, over the ", std::to_string(most), " allowed"));
  std::vector<std::string> files;
  for (const auto& entry : entries) {
    if (is_hidden_name(entry.name) || is_backup_name(entry.name)) continue;
    NCT_TRY(const auto status, fs.status(concat(path, "/", entry.name), true));
    if (status && status->kind == FileKind::regular)
      files.push_back(concat(directory, directory.ends_with('/') ? "" : "/", entry.name));
  }
  return files;
}

bool is_directory(Fs& fs, const std::string& name) {
  if (name == "-") return false;
  const auto path = absolute_path(name);
  const auto status = path ? fs.status(*path, true) : std::unexpected(path.error());
  // Why it cannot be read is said by reading it.
  return status && *status && (*status)->kind == FileKind::directory;
}

}  // namespace

Result<std::vector<Document>> documents_from(const std::vector<std::string>& names, Shape as,
                                             const Config& config) {
  NCT_TRY(const auto fs, open_root("/"));
  std::vector<Document> documents;
  for (const auto& name : names) {
    if (name == kEnvironment) {
      NCT_TRY(auto document, environment(as));
      documents.push_back(std::move(document));
      continue;
    }
    std::vector<std::string> files{name};
    if (is_directory(*fs, name)) {
      NCT_TRY(files, files_in(*fs, name, config.rotation.max_entries));
      // Nothing is no bundle, as of an empty file.
      if (files.empty()) documents.push_back({.name = name, .bytes = {}, .as = Shape::bundle});
    }
    for (const auto& file : files) {
      NCT_TRY(auto bytes, read_input(file, config.intake.max_document_bytes));
      documents.push_back({.name = file, .bytes = std::move(bytes), .as = as});
    }
  }
  return documents;
}

std::string refusal(const std::vector<Document>& documents) {
  constexpr std::size_t kMostNames = 10;
  std::string names;
  for (const auto& document : documents | std::views::take(kMostNames))
    names += concat(names.empty() ? "'" : ", '", printable(document.name), "'");
  if (documents.size() > kMostNames)
    names += concat(" and ", std::to_string(documents.size() - kMostNames), " more");
  return concat(names, ": refused");
}

}  // namespace nct
