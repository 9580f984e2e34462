// What the words behind --from, and lint's, stand for; for the commands that judge or install it.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "intake/shape.hpp"
#include "wish/source.hpp"

namespace nct {

// The documents that `names` name, outside of any root, in the shape `as`:
//   FILE  one document
//   DIR   each file in it, or link to one, in the order of their names; names that begin with a dot are
//         passed over, and so are backups (wish/generation.hpp) and what is no file; without any, the
//         directory is a document without bytes
//   -     standard input
//   env:  what the environment hands over as AKS's custom script extension does
// Errc::missing_input where one is not there, Errc::input for a directory with more names than
// limits.max_entries.
Result<std::vector<Document>> documents_from(const std::vector<std::string>& names, Shape as,
                                             const Config& config);

// The message of an error that refuses all of them.
std::string refusal(const std::vector<Document>& documents);

}  // namespace nct
