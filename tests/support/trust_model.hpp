// What trust(1) makes, as far as a store's writer can tell: for file systems in which no program can be run.
// tests/p11kit runs the real one.
#pragma once

#include "support/certificates.hpp"
#include "support/model_fs.hpp"

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/p11kit/extraction.hpp"
#include "store/family.hpp"

namespace nct::test {

// Every certificate of the sources of `family` in `fs`, in each of these forms; files of a directory are
// named by common names, and numbered where several have one.
Result<std::vector<Extracted>> extract_by_model(Fs& fs, const Family& family,
                                                std::span<const Extract> extracts);

// A small node of `family` in `fs`, with these roots, and its views: Fedora 43, Arch or SUSE.
void put_trust_node(ModelFs& fs, const Family& family, std::span<const TestCa> roots);

}  // namespace nct::test
