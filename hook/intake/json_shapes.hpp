// The JSON documents in which provisioning models hand over certificates.
#pragma once

#include "intake/field.hpp"
#include "intake/json_tree.hpp"

namespace nct {

// What a whole `tree` hands over, in the shape `as`, or in the one that it has.
//   aks                  securityProfile.customCATrustCertificates (also spelled customCaTrust...), and
//                        httpProxyConfig.trustedCa, at any depth: requests, answers, templates
//   agentbaker           CustomCATrustConfig.customCATrustCerts, HTTPProxyConfig.trustedCa
//   aks-node-controller  custom_ca_certs or customCaCerts, http_proxy_config.proxy_trusted_ca
//   kubernetes           every value of a Secret or ConfigMap, or of those in a List
//   ignition             storage.files with the name of a certificate; certificateAuthorities
//   list                 a list of strings
// A value that is null is not said. An empty proxy CA is how its writers say that there is none.
Fields fields_of(const JsonTree& tree, Shape as);

}  // namespace nct
