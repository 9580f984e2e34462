// Where Debian and Ubuntu keep their store: update-ca-certificates(8) of 20230311 and later.
#pragma once

#include <string_view>

namespace nct::debian {

inline constexpr std::string_view kConf = "/etc/ca-certificates.conf";
inline constexpr std::string_view kCertificates = "/usr/share/ca-certificates";
inline constexpr std::string_view kStore = "/etc/ssl/certs";
inline constexpr std::string_view kBundleName = "ca-certificates.crt";
inline constexpr std::string_view kBundle = "/etc/ssl/certs/ca-certificates.crt";
inline constexpr std::string_view kStaleBundle = "/etc/ssl/certs/ca-certificates.crt.new";
inline constexpr std::string_view kHooks = "/etc/ca-certificates/update.d";
inline constexpr std::string_view kTool = "/usr/sbin/update-ca-certificates";
// Links to the store, where OpenSSL's clients look by default.
inline constexpr std::string_view kOpensslFile = "/usr/lib/ssl/cert.pem";
inline constexpr std::string_view kOpensslDirectory = "/usr/lib/ssl/certs";
// How the paths of what is staged begin (node/files/staging.hpp).
inline constexpr std::string_view kStoreStaging = "/etc/ssl/.node-ca-trust.";
// Of the family "debian" alone; others of its mechanism have their own (store/families.cpp).
inline constexpr std::string_view kLocal = "/usr/local/share/ca-certificates";
inline constexpr std::string_view kAnchors = "/usr/local/share/ca-certificates/node-ca-trust";
inline constexpr std::string_view kAnchorStaging = "/usr/local/share/.node-ca-trust.";

}  // namespace nct::debian
