#include "node/boot.hpp"

#include "base/text.hpp"
#include "config/paths.hpp"
#include "sys/clock.hpp"

namespace nct {

std::string this_boot(Fs& fs) {
  constexpr std::size_t kMostBytes = 64;
  const auto kept = [&] { return fs.read_file(std::string(kBoot), kMostBytes); };
  if (const auto known = kept(); known && !known->empty()) return *known;
  const NewFile file{.path = std::string(kBoot), .bytes = boot_id()};
  (void)fs.write_files({&file, 1});  // not by who only reads, and not if another run was faster
  return kept().value_or(file.bytes);
}

}  // namespace nct
