#include "sys/journal.hpp"

#include <cstring>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

#include "base/text.hpp"
#include "sys/libsystemd.hpp"

namespace nct {

Result<void> write_journal(std::span<const std::string> fields) {
  if (::access("/run/systemd/journal/socket", W_OK) != 0) return {};
  NCT_TRY(const auto* library, libsystemd());
  std::vector<std::string> copies(fields.begin(), fields.end());
  std::vector<iovec> parts;
  for (auto& field : copies)
    parts.push_back({.iov_base = field.data(), .iov_len = field.size()});
  const int sent = library->journal_sendv(parts.data(), static_cast<int>(parts.size()));
  if (sent < 0) return fail(Errc::systemd, concat("write to the journal: ", std::strerror(-sent)));
  return {};
}

}  // namespace nct
