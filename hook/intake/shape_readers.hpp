// One reader for each family of shapes. Each looks a whole tree through, and takes what is of its shapes.
#pragma once

#include "intake/tree_fields.hpp"

namespace nct {

void read_azure(TreeFields& fields);        // aks, agentbaker, aks-node-controller
void read_kubernetes(TreeFields& fields);   // kubernetes
void read_first_boot(TreeFields& fields);   // cloud-config, ignition
void read_node_system(TreeFields& fields);  // bottlerocket, talos, openshift
void read_cluster(TreeFields& fields);  // kubernetes: other objects than Secrets and ConfigMaps; kubeconfig
void read_list(TreeFields& fields);     // list
void read_map(TreeFields& fields);      // map

// Parts of these that stand in other documents, too: a list of files with path, content and encoding; a
// configuration of Ignition, in a document of `shape`.
void read_written_files(TreeFields& fields, TreeFields::Place files);
void read_ignition(TreeFields& fields, TreeFields::Place config, Shape shape);

// Of a document without a shape: its name, where it is known ("a file encrypted by sops"), and the first
// value that looks like certificates.
std::string_view unread_shape(const TreeFields& fields);
TreeFields::Place first_certificates(const TreeFields& fields);

// What tells shapes of a document that says nothing of certificates; only for one that has no shape yet.
void recognise_azure(TreeFields& fields);

}  // namespace nct
