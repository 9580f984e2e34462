// A structured document as a flat tree that knows its lines, whatever language it is written in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace nct {

struct TreeNode {
  enum class Kind : std::uint8_t { object, array, string, null, other };
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::other;
  std::uint32_t parent = kNone;  // the place of the object or array it stands in; kNone: it is a root
  std::uint32_t index = 0;       // its place there, from 0; of a root, which one it is
  unsigned line = 0;             // where it begins; of a string in JSON, where it ends
  bool encoded = false;          // the document says itself that it is base64 (YAML's !!binary)
  std::string key;               // where it stands in an object
  std::string text;              // of a string; of what else is a word, such as "false", where it is one
};

struct Tree {
  enum class Flaw : std::uint8_t {
    none,
    broken,   // not the language from `line` on
    cut_off,  // it ends before it is whole
    deep,     // nested deeper than kMaxDepth
    large,    // more than kMaxNodes values, or aliases that stand for more than kMaxCopiedBytes
    twice,    // a key stands twice in one object, so that readers differ on what it says: `key`
    alias,    // an alias of something that is not there, or that it stands in: `key`
  };
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxNodes = 100'000;
  static constexpr std::size_t kMaxCopiedBytes = std::size_t{1} << 20U;

  std::vector<TreeNode> nodes;  // a parent before its children; a root for each document of a stream
  std::uint32_t roots = 0;
  bool says_cloud_config = false;   // its first line does,
  bool says_cloud_archive = false;  // or says that it is a list of such documents and others
  Flaw flaw = Flaw::none;
  unsigned line = 0;  // of the flaw
  std::string key;

  // How a person finds a node: "properties.list[3]", "data[\"ca1.crt\"]", "document 2: data.ca" where there
  // are several; empty for the only root. Of a key no more than its first 100 bytes.
  [[nodiscard]] std::string path_of(const TreeNode& node) const;
};

// Each reads `text` as its language, with a stack that does not grow with it. Where there is a flaw, the
// nodes are those in front of it.
Tree tree_of_json(std::string_view text);
Tree tree_of_yaml(std::string_view text);  // all documents of a stream; aliases are what they stand for
Tree tree_of_toml(std::string_view text);

}  // namespace nct
