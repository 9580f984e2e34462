// The names of our anchors' files.
#pragma once

#include <string>
#include <string_view>

namespace nct {

// "node-ca-trust-<first 32 hex digits>.crt": a name of its own for every content, which the distro tools of
// all families sort and map alike in every locale. Of a certificate that must come behind a self-signed one
// "node-ca-trust-x<first 31 hex digits>.crt": the tools order bundle and buckets by names alone, and this one
// is behind all others of ours, as long as they are, in every locale, too.
// Families differ in the suffix (Family::anchor_suffix).
std::string anchor_file_name(std::string_view fingerprint_hex, bool behind = false,
                             std::string_view suffix = ".crt");

// Whether `name` has one of those forms.
bool is_anchor_file_name(std::string_view name, std::string_view suffix = ".crt");

// Whether two links in the store are for one certificate: they have one name, or are those of an anchor of
// ours by its two names.
bool link_to_the_same(std::string_view name, std::string_view other);

}  // namespace nct
