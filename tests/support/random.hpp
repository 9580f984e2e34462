// Random choices that can be made again: the seed comes from NCT_SEED, or is new, and the test prints it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace nct::test {

// The number in an environment variable, or `otherwise` where there is none.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : otherwise;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // 0 .. sides-1; the same for the same seed with every standard library.
  std::size_t roll(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }

  // True once in `sides` times.
  bool one_in(std::size_t sides) { return roll(sides) == 0; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from.at(roll(from.size()));
  }

 private:
  std::mt19937_64 engine_;
};

inline std::uint64_t seed_of_run() {
  return number_from("NCT_SEED", std::random_device{}());
}

}  // namespace nct::test
