// What this node's anchors of ours are, from whom they came, and what is still owed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"

namespace nct {

// The sources that exist; each is added and removed on its own.
inline constexpr std::string_view kProvisionSource = "provision";
inline constexpr std::string_view kProxySource =
    "proxy";  // the CA of the HTTP proxy, from the same documents
inline constexpr std::string_view kRotationSource = "rotation";
inline constexpr std::string_view kBakedSource = "baked";      // of the image that the node was made from
inline constexpr std::string_view kUnknownSource = "unknown";  // an anchor of ours found without a manifest
inline constexpr std::string_view kSources[] = {kProvisionSource, kProxySource, kRotationSource, kBakedSource,
                                                kUnknownSource};

struct Owner {
  std::string source;
  std::string input;   // the file it came from, as it was named; of the sync directory, without its tag
  std::string origin;  // where in that file: "bundle.pem: entry 2"

  bool operator==(const Owner&) const = default;
};

struct Anchor {
  std::string der;
  std::string subject;        // RFC 2253, for people
  std::vector<Owner> owners;  // never empty; the anchor goes when the last one goes

  bool operator==(const Anchor&) const = default;
};

using AnchorSet = std::map<Fingerprint, Anchor>;

// What the next run must do although the store is already right.
struct Owed {
  // Names of links in the store directory that update.d hooks have not been told of.
  std::vector<std::string> hooks_added;
  std::vector<std::string> hooks_removed;
  // Units that may still hold the anchors of before.
  std::vector<std::string> consumers;

  [[nodiscard]] bool hooks() const { return !hooks_added.empty() || !hooks_removed.empty(); }
  [[nodiscard]] bool none() const { return !hooks() && consumers.empty(); }
  bool operator==(const Owed&) const = default;
};

// An instant of this machine. Two of the same boot are compared on its monotonic clock, since the other one
// jumps, most of all at first boot.
struct Moment {
  std::int64_t unix_time = 0;
  std::string boot;                // boot_id of random(4)
  std::uint64_t monotonic_us = 0;  // CLOCK_MONOTONIC

  bool operator==(const Moment&) const = default;
};

struct Manifest {
  AnchorSet anchors;
  Owed owed;
  // When the store began to hold these anchors, and no others of ours. Known of a running node only: an image
  // is made of the same bytes whenever it is made.
  std::optional<Moment> changed;

  bool operator==(const Manifest&) const = default;
};

// TOML, the same for the same manifest. It holds the certificates too, so that an anchor which was deleted by
// hand can be put back without its input.
std::string text_of(const Manifest& manifest);

// Errc::in_the_way where `text` is not such a manifest; `name` is the file, for the message.
Result<Manifest> manifest_from(std::string_view text, std::string_view name);

}  // namespace nct
