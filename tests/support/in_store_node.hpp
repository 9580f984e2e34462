// Small nodes of Flatcar and Photon, with the roots of distro_roots(): systems of which the certificate files
// lie in /etc/ssl/certs itself.
#pragma once

#include "support/tree.hpp"

namespace nct::test {

// As its image is: links into the sealed /usr, the bundle's among them. The last root is an administrator's
// file, which c_rehash(1) has linked and which is not in the bundle yet.
Tree flatcar_node();

// As rehash_ca_certificates.sh leaves it. The last root is an administrator's file.
Tree photon_node();

}  // namespace nct::test
