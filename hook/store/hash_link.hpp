// The links of a hash directory, as OpenSSL looks them up (X509_LOOKUP_hash_dir(3)).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nct {

// Names of symbolic links in one directory, and what is written in them: views of what they were made from.
using Links = std::map<std::string_view, std::string_view>;

// "1f2e3d4c.0" of a hash link's name. Nothing for other names; a CRL's link ("1f2e3d4c.r0") has `crl` set.
struct HashLinkName {
  std::uint32_t hash = 0;
  bool crl = false;
  unsigned long number = 0;
};
std::optional<HashLinkName> hash_link_from(std::string_view name);
std::string text_of(const HashLinkName& name);

}  // namespace nct
