// Our anchors as files in the directory that the family has for them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "cert/record.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// Where each anchor lies.
using AnchorPaths = std::map<Fingerprint, std::string>;

// Of the files of `anchors` of a node of `family`. Among certificates of one name, those that must come
// behind have names that do.
AnchorPaths anchor_paths(const Family& family, const AnchorSet& anchors, Record& record);

// What the files hold, by path: canonical PEM. The canonical PEM of a certificate that was parsed is known to
// hold that certificate, and is put on record so.
std::map<std::string, std::string> anchor_files(const AnchorSet& anchors, const AnchorPaths& paths,
                                                Record& record);

struct AnchorChanges {
  std::vector<Step> steps;
  std::vector<std::string> added;    // paths: those that are not there, or hold something else
  std::vector<std::string> retired;  // paths
};

// From the files that were `found`, by path, to `files` at `paths`.
AnchorChanges anchor_changes(const AnchorPaths& paths, const std::map<std::string, std::string>& files,
                             const std::map<std::string, std::string_view>& found);

// Whether the file at `path` has the place and name of one of ours.
bool is_anchor_path(const Family& family, std::string_view path);

// The anchors of ours that lie where the family has them, by what they hold.
Result<AnchorSet> anchors_found(Fs& fs, const Family& family);

}  // namespace nct
