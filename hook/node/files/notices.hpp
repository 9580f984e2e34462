// What a store of certificate files holds, or is read through, that is somebody else's and that people must
// hear of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "node/files/survey.hpp"
#include "node/store.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// Private keys in the bundle as it was found, and in certificate files that it is made of.
std::vector<Notice> keys_in(const Survey& survey, const Family& family);

// That the key in this file of somebody else's is published.
Notice published_key(const std::string& path, const Family& family);

// Certificate files of somebody else's with which some clients load nothing of the bundle.
std::vector<Notice> breaking_in(const Survey& survey);

// That the file at `path` is one of them, since `facts` say so.
Notice breaking_file(const std::string& path, const StoreFile& facts);

// Certificates of the bundle as it was found that are in no certificate file, and so in no bundle that is
// published: other than `accounted_for`, which holds ours, too. Those that a link leads to as only
// `update-ca-certificates --localcertsdir` makes it are of another local directory. Of those by which some
// clients lose the bundle until then, that is said, too.
std::vector<Notice> leaving(const Survey& survey, const Family& family, const FingerprintSet& accounted_for);

// Copies where the distribution has links to the store (Family::links): they stay as they are when the store
// changes. Says how many of the certificates `wanted` of us such a copy lacks.
Result<std::vector<Notice>> copies_of_store(Fs& fs, const Family& family, const AnchorSet& wanted);

// Why publishing the store would do harm that cannot be undone: Errc::in_the_way.
Result<void> check_publishable(std::span<const Notice> notices);

}  // namespace nct
