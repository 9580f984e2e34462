// The shapes of documents: those that are read, and what others look like, for the message that refuses them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nct {

// In what a document hands its certificates over.
enum class Shape : std::uint8_t {
  bundle,  // PEM, DER and what wraps them, and nothing else
  aks,
  agentbaker,
  aks_node_controller,
  cse,  // the environment of AKS's custom script extension, or a script with its assignments
  kubernetes,
  kubeconfig,
  cloud_config,
  bottlerocket,
  talos,
  openshift,
  ignition,
  list,
  map,
  sniffed,  // not said: found out
};

// As the command line spells it: "aks-node-controller". Those that can be said, in the order of the
// enumeration.
std::string_view name_of(Shape shape);
std::span<const Shape> all_shapes();
std::optional<Shape> shape_named(std::string_view name);

// "aks, agentbaker, ...": all but the bundle.
std::string known_shapes();

// The languages in which structured documents are written.
enum class Language : std::uint8_t { none, json, yaml, toml, environment };
struct LanguageGuess {
  Language language = Language::none;
  bool sure = false;  // otherwise it may be something else that begins alike, such as text around PEM
};
LanguageGuess language_of(std::string_view text);
std::string_view name_of(Language language);  // "a JSON document"

// What carries documents: a MIME message, or the OVF environment of a virtual machine.
bool is_envelope(std::string_view text);

// "a JSON document", ... where `text` is of a kind in which certificates are values among others, so that
// picking PEM blocks out of it would be guessing; empty where it is not.
std::string_view structured_shape(std::string_view text);

// The best name for any bytes: "a zip archive", "binary data", "text", ...
std::string_view shape_of(std::string_view bytes);

}  // namespace nct
