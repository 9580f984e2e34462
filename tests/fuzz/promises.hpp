// How a harness fails, and what holds for every finding.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

#include "base/finding.hpp"
#include "base/text.hpp"

namespace nct::test {

inline void promise(bool kept, std::source_location where = std::source_location::current()) {
  if (kept) return;
  std::fprintf(stderr, "%s:%u: a promise is broken\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

// Can go to a terminal and a log as it is, and does not quote at length what was handed over.
inline bool is_fit_for_people(const Finding& finding) {
  constexpr std::size_t kLongest = 500;  // the shapes that there are take 120 of it
  return !finding.message.empty() && finding.message.size() < kLongest &&
         printable(finding.message) == finding.message && !finding.origin.file.empty();
}

}  // namespace nct::test
