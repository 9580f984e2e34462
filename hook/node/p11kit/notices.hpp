// What people must hear of a store of p11-kit's, since it is somebody else's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/anchors.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// Links of the distribution that lead elsewhere than to the view they are for: it stays as it is when the
// view changes. Says how many of the certificates `wanted` of us such a bundle lacks.
Result<std::vector<Notice>> copies_of_views(Fs& fs, const Family& family, const AnchorSet& wanted);

// That the file at `path` takes the store from some clients, as `facts` say.
Notice breaking_source(const std::string& path, const StoreFile& facts);

// What is said of anchors that somebody has blocked since they were installed (blocked_among()).
std::vector<std::string> blocked_texts(const std::map<Fingerprint, std::string>& blocked,
                                       const AnchorSet& anchors, const AnchorPaths& paths);

}  // namespace nct
