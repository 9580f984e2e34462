// What a document that is no bundle looks like, for the message that refuses it.
#pragma once

#include <string_view>

namespace nct {

// "a JSON document", ... where `text` is of a kind in which certificates are values among others, so that
// picking PEM blocks out of it would be guessing; empty where it is not.
std::string_view structured_shape(std::string_view text);

// The best name for any bytes: "a zip archive", "binary data", "text", ...
std::string_view shape_of(std::string_view bytes);

}  // namespace nct
