// A JSON text as a flat tree that knows its lines; all of nlohmann-json that intake has.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace nct {

struct JsonNode {
  enum class Kind : std::uint8_t { object, array, string, null, other };
  static constexpr std::uint32_t kRoot = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::other;
  std::uint32_t parent = kRoot;  // the place of the object or array it stands in
  std::uint32_t index = 0;       // its place there, from 0
  unsigned line = 0;             // where it begins; of a string, where it ends
  std::string key;               // where it stands in an object
  std::string text;              // of a string
};

struct JsonTree {
  enum class Flaw : std::uint8_t {
    none,
    broken,   // no JSON from `line` on
    cut_off,  // it ends before it is whole
    deep,     // nested deeper than kMaxDepth
    large,    // more than kMaxNodes values
    twice,    // a key stands twice in one object, so that readers differ on what it says: `key`
  };
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxNodes = 100'000;

  std::vector<JsonNode> nodes;  // a parent before its children, the root first
  Flaw flaw = Flaw::none;
  unsigned line = 0;  // of the flaw
  std::string key;

  // How a person finds a node: "properties.list[3]", "data[\"ca1.crt\"]"; empty for the root. Of a key no
  // more than its first 100 bytes.
  [[nodiscard]] std::string path_of(const JsonNode& node) const;
};

// Reads without recursion. Where there is a flaw, the nodes are those in front of it.
JsonTree json_tree_of(std::string_view text);

}  // namespace nct
