// The structured documents in which provisioning models hand over certificates.
#pragma once

#include "intake/field.hpp"
#include "intake/tree.hpp"

namespace nct {

// What a whole `tree` hands over, in the shape `as`, or in the one that it has.
//   aks                  securityProfile.customCATrustCertificates (also spelled customCaTrust...), and
//                        httpProxyConfig.trustedCa, at any depth: requests, answers, templates
//   agentbaker           CustomCATrustConfig.customCATrustCerts, HTTPProxyConfig.trustedCa
//   aks-node-controller  custom_ca_certs or customCaCerts, http_proxy_config.proxy_trusted_ca
//   kubernetes           every value of a Secret or ConfigMap, or of those in a List or a stream; what other
//   objects
//                        have in fields of their own (cluster_shapes.cpp)
//   kubeconfig           certificate-authority-data of each cluster
//   cloud-config         ca_certs.trusted (also ca-certs), write_files with the name of a certificate
//   bottlerocket         settings.pki.<name>.data where .trusted is true
//   talos                certificates of each TrustedRootsConfig
//   openshift            additionalTrustBundle
//   ignition             storage.files with the name of a certificate; certificateAuthorities
//   list                 a list of strings
//   map                  names with strings, of which one at least holds certificates
// A value that is null is not said. An empty proxy CA is how its writers say that there is none.
Fields fields_of(const Tree& tree, Shape as);

}  // namespace nct
