// A cloud-config archive: one document that holds several.
#pragma once

#include "intake/field.hpp"
#include "intake/tree.hpp"

namespace nct {

// What the cloud-configs in the list `tree` hand over, each read like a document of its own; scripts and
// other parts are looked through for private keys alone. Names of fields begin with the part they stand in.
Fields fields_of_archive(const Tree& tree);

}  // namespace nct
