// Node systems, by how each makes its store of certificates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nct {

// How a family makes its store; node/ has one writer for each.
enum class Mechanism : std::uint8_t {
  certificate_files,  // Debian's update-ca-certificates(8): all follows from certificate files in their order
};

// Where a family keeps what. Every path is absolute within the root.
struct Family {
  std::string_view name;
  Mechanism mechanism{};
  std::string_view bundle;                   // the file that most clients read
  std::string_view store;                    // the directory of hash links
  std::string_view anchors;                  // a directory of ours alone, below `local`
  std::string_view local;                    // where administrators put certificates of their own
  std::string_view shipped;                  // the distribution's certificates
  std::string_view selection;                // the file that says which of them are trusted
  std::string_view tool;                     // what administrators run after a change
  std::string_view hooks;                    // programs that are told of a change
  std::span<const std::string_view> probes;  // directories without which the row is not the true one
};

// One row a family.
std::span<const Family> families();

struct Distro {
  std::string id;  // ID of os-release(5); empty where there is no os-release
  const Family* family = nullptr;
  std::string likeness;  // the word of ID_LIKE by which the family was found; empty where ID says it, or the
                         // configuration
};

// The family of a root with this os-release(5), or without one: as `chosen` (store.family), else by
// VARIANT_ID and ID, else by ID_LIKE. A root without os-release is recognised by the probes alone, which the
// caller checks in any case. Errc::configuration says which system it is, and why its store is not changed.
Result<Distro> distro_from(const std::optional<std::string>& os_release, std::string_view chosen = {});

}  // namespace nct
