// The distributions whose store we know: one row each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nct {

// How a family derives its store; node/ has one writer for each.
enum class StoreKind {
  ca_certificates,  // Debian's update-ca-certificates(8)
};

// Where a family keeps things. Every path is absolute within the root.
struct StoreLayout {
  std::string_view family;
  StoreKind kind;
  std::string_view bundle;                   // the file that most clients read
  std::string_view anchor_directory;         // ours alone, below the family's place for local anchors
  std::span<const std::string_view> probes;  // what must exist for the layout to be the true one
};

struct Distro {
  std::string id;  // ID of os-release(5); empty where there is no os-release
  const StoreLayout* layout = nullptr;
};

// The row for a root with this os-release(5), or without one. A root without os-release is recognised by the
// probes alone, which the caller checks in any case. Errc::configuration names what was found and what is
// known.
Result<Distro> distro_from(const std::optional<std::string>& os_release);

}  // namespace nct
