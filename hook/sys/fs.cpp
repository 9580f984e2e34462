#include "sys/fs.hpp"

#include <cerrno>

namespace nct {

Result<std::string> Fs::read_file(const std::string& path, std::size_t max_bytes) {
  NCT_TRY(auto bytes, read_start(path, max_bytes));
  if (bytes.size() > max_bytes) return fail_errno("read", path, EFBIG);
  return bytes;
}

}  // namespace nct
