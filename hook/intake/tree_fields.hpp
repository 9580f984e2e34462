// Ways through a tree, and what the readers of shapes take out of it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "intake/field.hpp"
#include "intake/tree.hpp"

namespace nct {

class TreeFields {
 public:
  using Place = std::size_t;  // of a node
  using Kind = TreeNode::Kind;
  static constexpr Place kNowhere = static_cast<Place>(-1);

  // `tree` outlives it. Of other shapes than `as` nothing is taken, unless that is `sniffed`.
  TreeFields(const Tree& tree, Shape as);

  // --- ways; each takes kNowhere for a place, too ---
  [[nodiscard]] const Tree& tree() const { return tree_; }
  [[nodiscard]] std::size_t size() const { return tree_.nodes.size(); }
  [[nodiscard]] const TreeNode& node(Place place) const { return tree_.nodes[place]; }  // not kNowhere
  [[nodiscard]] const std::vector<Place>& roots() const { return roots_; }
  [[nodiscard]] bool is(Place place, Kind kind) const {
    return place != kNowhere && node(place).kind == kind;
  }
  [[nodiscard]] const std::vector<Place>& children(Place place) const;
  [[nodiscard]] Place parent(Place place) const;
  [[nodiscard]] Place child(Place place, std::string_view key) const;
  // Of a string, or of what else is a word; empty for everything else.
  [[nodiscard]] std::string_view text(Place place) const;

  // --- what is taken ---
  // Whether what belongs to `shape` is to be read: the document has something of it.
  bool has(Shape shape);
  [[nodiscard]] bool has_any() const { return !fields_.shapes.empty(); }

  // The string at `place`, with `field` for what is known of it: its name, line and text are filled in here.
  // Null is not said; another value is an error. A place is taken once.
  void want(Place place, Field field);
  // What a data URL holds; another URL is an error where certificates must be there.
  void want_url(Place place, Field field);
  // Each string of a list, or the one string in place of a list. An empty list says that there is none.
  void want_list(Place list, const Field& field);

  void say_blank() { fields_.blank = true; }
  void say_none() { says_none_ = true; }
  void say_no_proxy() { says_no_proxy_ = true; }

  void note(Place place, FindingCode code, Severity severity, std::string message);
  void flaw(Place place, std::string message);      // an error: not-pem
  void distrust(Place place, std::string message);  // a warning

  // What was taken, in the order of the document, and all other texts that may hold a key.
  Fields take() &&;

 private:
  [[nodiscard]] std::string beginning() const;
  void note_others();

  const Tree& tree_;
  Shape as_;
  std::vector<std::vector<Place>> children_;
  std::vector<Place> roots_;
  std::map<Place, Field> found_;  // as who came first wants it
  bool says_none_ = false;
  bool says_no_proxy_ = false;
  Fields fields_;
};

// A word that stands for true in YAML, JSON or TOML.
bool is_truth(std::string_view word);

// Whether the end of a file's name says that it is a certificate.
bool is_named_as_certificate(std::string_view path);

}  // namespace nct
