// The command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "intake/shape.hpp"

namespace nct {

struct Options {
  enum class Command { bake, provision, rotate, lint, status, verify, distrust, remove };
  enum class Format { text, json, github, sarif, junit };

  Command command{};
  std::string command_name;
  std::string root = "/";
  std::optional<std::string> config;
  Format format = Format::text;
  bool dry_run = false;
  Shape as = Shape::sniffed;             // bake, provision, lint
  std::vector<std::string> from;         // bake, provision, lint
  std::string family;                    // lint
  std::optional<std::string> directory;  // rotate
  bool image = false;                    // verify
  std::vector<std::string> expect;
  bool all = false;  // remove
  std::vector<std::string> sources;
  std::vector<std::string> fingerprints;
};

// What the command line asks for.
struct Invocation {
  std::optional<Options> options;
  std::string text;  // where there is nothing to run: the help or version to print
};

// Errc::usage names what is wrong, and the nearest word that would be right.
Result<Invocation> options_from(int argc, const char* const* argv);

// Whether the command line asks for JSON, even where it is wrong otherwise.
bool asks_for_json(int argc, const char* const* argv);

}  // namespace nct
