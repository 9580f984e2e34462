// One reader for each family of shapes. Each looks a whole tree through, and takes what is of its shapes.
#pragma once

#include "intake/tree_fields.hpp"

namespace nct {

void read_azure(TreeFields& fields);        // aks, agentbaker, aks-node-controller
void read_kubernetes(TreeFields& fields);   // kubernetes
void read_first_boot(TreeFields& fields);   // cloud-config, ignition
void read_node_system(TreeFields& fields);  // bottlerocket, talos, openshift
void read_list(TreeFields& fields);         // list

// What tells shapes of a document that says nothing of certificates; only for one that has no shape yet.
void recognise_azure(TreeFields& fields);

}  // namespace nct
