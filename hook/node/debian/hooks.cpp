#include "node/debian/hooks.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/text.hpp"
#include "store/debian/paths.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::string_view kPlainNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

}  // namespace

Result<std::vector<std::string>> hook_names(Fs& fs) {
  std::vector<std::string> names;
  const auto entries = fs.list_directory(std::string(debian::kHooks));
  if (!entries && entries.error().os_errno == ENOENT) return names;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    if (entry.name.find_first_not_of(kPlainNames) != std::string::npos) continue;
    NCT_TRY(const auto status, fs.status(concat(debian::kHooks, "/", entry.name), true));
    if (status && status->kind == FileKind::regular && (status->mode & 0111U) != 0)
      names.push_back(entry.name);
  }
  return names;
}

Owed owed_for(const LinkChanges& changes) {
  Owed owed;
  for (const auto* list : {&changes.added, &changes.replaced})
    for (const auto& link : *list)
      owed.hooks_added.push_back(link.name);
  std::ranges::sort(owed.hooks_added);
  owed.hooks_removed = changes.removed;
  return owed;
}

Result<std::vector<std::string>> run_hooks(Fs& fs, const std::string& root, const Owed& owed) {
  std::string input;
  for (const auto& name : owed.hooks_added)
    input += concat("+", debian::kStore, "/", name, "\n");
  for (const auto& name : owed.hooks_removed)
    input += concat("-", debian::kStore, "/", name, "\n");
  std::vector<std::string> failures;
  NCT_TRY(const auto names, hook_names(fs));
  for (const auto& name : names) {
    const auto program = concat(debian::kHooks, "/", name);
    // A maintainer script that started us would make the Java hook wait for a trigger that never comes.
    const auto status = run({.root = root,
                             .directory = std::string(debian::kStore),
                             .program = program,
                             .input = input,
                             .unset_environment = {"DPKG_MAINTSCRIPT_PACKAGE"}});
    if (!status) failures.push_back(status.error().message);
    if (status && *status != 0)
      failures.push_back(concat("hook '", program, "' exited with status ", std::to_string(*status)));
  }
  return failures;
}

}  // namespace nct
