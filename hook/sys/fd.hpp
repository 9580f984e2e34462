// A file descriptor, and how one is opened below a root.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace nct {

// Owns a descriptor; closes it.
class Fd {
 public:
  explicit Fd(int number = -1) : number_(number) {}
  Fd(Fd&& other) noexcept;
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] int release();

 private:
  int number_;
};

// openat2(2) with O_CLOEXEC, tried again where a rename elsewhere on the machine raced with it. On failure
// -1, and errno: ENOSYS also where a filter of system calls answers EPERM to whatever openat2(2) is asked.
Fd openat2_from(const Fd& directory, const std::string& path, int flags, unsigned mode,
                std::uint64_t resolve);

// Opens the absolute `path` with open(2)'s `flags` and, for a new file, `mode`. No component, followed or
// not, leads out of the directory `root` (openat2(2), RESOLVE_IN_ROOT).
Result<Fd> open_below(const Fd& root, const std::string& path, int flags, unsigned mode = 0);

// Whether `directory` is this process's own root, by whichever path it was opened.
bool is_own_root(const Fd& directory);

// The directory `path`, to find others below it and to watch it; it cannot be read. Outside of any root, or
// below `root`.
Result<Fd> open_directory(const std::string& path);
Result<Fd> open_directory(const Fd& root, const std::string& path);

}  // namespace nct
