// Java's own keystores, as far as it matters here: whether there is a private key in one.
#pragma once

#include <string_view>

namespace nct {

// A JKS or JCEKS store, by its first bytes.
bool is_java_keystore(std::string_view bytes);

// Whether an entry of such a store is a private or a secret key. Keys are encrypted in it, but which entries
// are keys is not. Of one that is damaged, the entries in front of that are looked at.
bool holds_key(std::string_view keystore);

}  // namespace nct
