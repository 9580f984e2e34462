// What to do about it: the advice that belongs to findings, drift and errors. Nowhere else does the program
// advise.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/finding.hpp"
#include "node/store.hpp"

namespace nct {

std::string_view hint_for(FindingCode code);
std::string hint_for(const Finding& finding);  // the same, fitted to what the finding speaks of
std::string_view hint_for(const Error& error);
std::string_view hint_for_drift(std::string_view kind);

// Finding.what of in-distro-store: the hash directory leads to somebody else's local file.
constexpr std::string_view kLinkedFile = "a local file";

// What to do before it happens, or once it is `done`.
std::string hint_for(const Notice& notice, bool done, const Family& family);

// Of a consumer that is stale.
std::string hint_for_consumer(std::string_view unit);

}  // namespace nct
