#include "node/p11kit/notices.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "cert/read.hpp"
#include "node/p11kit/survey.hpp"

namespace nct {

Result<std::vector<Notice>> copies_of_views(Fs& fs, const Family& family, const AnchorSet& wanted) {
  std::vector<Notice> notices;
  for (const auto& [link, view] : family.links) {
    const std::string path(link);
    NCT_TRY(const auto found, fs.status(path, true));
    NCT_TRY(const auto meant, fs.status(std::string(view), true));
    if (!found || !meant || found->kind != meant->kind) continue;
    if (found->device == meant->device && found->inode == meant->inode) continue;
    if (found->kind == FileKind::directory) {
      notices.push_back(
          {.kind = Notice::Kind::copy_of_store,
           .subject = path,
           .message = concat("is a directory of its own, not '", view, "', and does not follow it"),
           .original = std::string(view)});
      continue;
    }
    const auto bytes = fs.read_file(path, kMaxViewBytes);
    const auto lacking = std::ranges::count_if(wanted, [&](const auto& anchor) {
      return !bytes || !bytes->contains(canonical_pem(anchor.second.der));
    });
    auto message = concat("leads to a file of its own, not to '", view, "', and does not follow it");
    if (lacking != 0 && view == family.bundle)
      message += concat("; it lacks ", std::to_string(lacking), " of our ", std::to_string(wanted.size()),
                        " anchors");
    notices.push_back({.kind = Notice::Kind::copy_of_store,
                       .subject = path,
                       .message = std::move(message),
                       .original = std::string(view)});
  }
  return notices;
}

std::vector<std::string> blocked_texts(const std::map<Fingerprint, std::string>& blocked,
                                       const AnchorSet& anchors, const AnchorPaths& paths) {
  std::vector<std::string> texts;
  for (const auto& [fingerprint, why] : blocked)
    texts.push_back(
        concat(paths.at(fingerprint), " (", anchors.at(fingerprint).subject, "): not trusted: ", why));
  return texts;
}

Notice breaking_source(const std::string& path, const StoreFile& facts) {
  return {.kind = Notice::Kind::breaks_clients,
          .subject = printable(path),
          .message = concat("while it is in the store these clients load nothing of it: ", facts.breaks)};
}

}  // namespace nct
