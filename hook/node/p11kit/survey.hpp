// Reading what a store of p11-kit's families is made of, and its views.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "store/p11kit/hashed_directory.hpp"
#include "store/source_file.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// A file that trust(1) reads.
struct TrustSource {
  enum class Place : std::uint8_t { source, anchors, blocklist };
  Place place = Place::source;
  bool shipped = false;  // by the distribution, and not put beside what it ships
  SourceFile file;
};

// A hash directory, with the certificate of each of its files.
struct HashedView {
  HashedDirectory directory;
  std::map<std::string, Fingerprint> certificates;  // by file name

  // A file of it. What does not hold one certificate is none of its files; the bytes of those in `known` were
  // parsed before.
  void take_file(const std::string& name, std::string_view bytes, const FingerprintSet& known);

  // A link in it; one whose name holds no hash is not for this.
  void take_link(const std::string& name, const std::string& target);

  // What a client finds by `links`, which lead to its files.
  [[nodiscard]] std::vector<Fingerprint> found_by(const std::map<std::string, std::string>& links) const;
};

// One of Family::extracts whose directory is there.
struct TrustView {
  const Extract* extract = nullptr;
  std::string_view bytes;                 // of a file
  Fingerprint digest;                     // of them
  std::int64_t written_ns = 0;            // when
  HashedView hashed;                      // of a directory
  std::uint32_t mode = 0;                 // of it
  std::optional<LinksAbove> above;        // the links to it in Family::store, if it has them
  std::vector<Fingerprint> certificates;  // which clients find in it
  std::string fault;                      // not empty: why it is no view

  [[nodiscard]] bool is_directory() const { return nct::is_directory(extract->form); }
};

// As it was found. Facts point into the record.
struct TrustSurvey {
  std::vector<TrustSource> sources;                 // but for ours, in the order in which trust(1) reads them
  std::map<std::string, std::string_view> anchors;  // ours: path to bytes
  std::vector<TrustView> views;                     // in the order of the family's extracts
  std::int64_t sources_changed_ns = 0;              // when somebody last changed one, of ours or another
  std::int64_t blocklists_written_ns = 0;           // when a file last came to a blocklist, or left it,
  std::int64_t anchors_written_ns = 0;              // or to anchors
  std::map<std::string, Sight, std::less<>> sights;
  std::deque<std::string> texts;  // what was read: bytes are views of it
};

constexpr std::size_t kMaxTrustSourceBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxViewBytes = std::size_t{256} << 20U;

// Reads all sources, and of the views those that are asked for; sights are of all that was read.
// Errc::in_the_way for a source that is too large.
enum class ViewsRead : std::uint8_t { none, bundle, all };
Result<TrustSurvey> survey_trust(Fs& fs, const Family& family, Remembered& remembered, ViewsRead views);

// The text of a source, which may be one certificate that is not in PEM: as PEM, for who reads nothing else.
std::string as_pem(std::string source);

// The links in Family::store to the files of the hash directory. A hash link that leads elsewhere comes with
// what is written in it; but where others may have links there, only if it leads nowhere.
Result<LinksAbove> links_above(Fs& fs, const Family& family);

// Those of `anchors` that trust(1) leaves out of every view, since one of `sources` blocks them, and why: it
// goes by the key, and by issuer and serial number (p11-kit, trust/enumerate.c).
std::map<Fingerprint, std::string> blocked_among(const AnchorSet& anchors,
                                                 const std::vector<TrustSource>& sources, Record& record);

// What the file of a view holds, from the record or put there: its certificates; or why a client could not
// load it (StoreFile::failure).
// The bytes of certificates in `known` were parsed before.
const StoreFile& facts_of_view(Record& record, Extract::Form form, const Fingerprint& digest,
                               std::string_view bytes, const FingerprintSet& known);

}  // namespace nct
