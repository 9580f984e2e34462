// A file descriptor, and how one is opened below a root.
#pragma once

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

// Opens the absolute `path` with open(2)'s `flags` and, for a new file, `mode`. No component, followed or
// not, leads out of the directory `root` (openat2(2), RESOLVE_IN_ROOT).
Result<Fd> open_below(const Fd& root, const std::string& path, int flags, unsigned mode = 0);

// The directory `path`, to find others below it and to watch it; it cannot be read. Outside of any root, or
// below `root`.
Result<Fd> open_directory(const std::string& path);
Result<Fd> open_directory(const Fd& root, const std::string& path);

}  // namespace nct
