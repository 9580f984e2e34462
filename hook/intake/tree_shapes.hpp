// The structured documents in which provisioning models hand over certificates.
#pragma once

#include "intake/field.hpp"
#include "intake/tree.hpp"

namespace nct {

// What a whole `tree` hands over, in the shape `as`, or in the one that it has.
//   aks                  customCATrustCertificates and httpProxyConfig.trustedCa, at any depth, as each of
//                        Azure's tools spells them: requests, answers, templates with their parameters,
//                        parameter files, Terraform's plans and states
//   agentbaker           CustomCATrustConfig.customCATrustCerts, HTTPProxyConfig.trustedCa
//   aks-node-controller  custom_ca_certs or customCaCerts, http_proxy_config.proxy_trusted_ca
//   kubernetes           values of a Secret or ConfigMap, or of those in a List or a stream, that are
//                        certificates by name or content; what other objects have in fields of their own
//                        (cluster_shapes.cpp)
//   kubeconfig           certificate-authority-data of each cluster
//   cloud-config         ca_certs.trusted (also ca-certs), write_files that are certificates by name or
//                        content; also below autoinstall.user-data, and in each part of an archive
//   bottlerocket         settings.pki.<name>.data where .trusted is true
//   talos                certificates of each TrustedRootsConfig
//   openshift            additionalTrustBundle
//   ignition             storage.files that are certificates by name or content; certificateAuthorities;
//                        Butane's names for them
//   list                 a list of strings
//   map                  names with strings, of which one at least holds certificates
// A value that is null is not said. An empty list where a provisioning model has its CAs says that there is
// none; so does an empty proxy CA. An empty List, list, or object says nothing.
Fields fields_of(const Tree& tree, Shape as);

}  // namespace nct
