// A node's trust store, as one family derives it: compared with what it should be, proved, and changed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/finding.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "config/config.hpp"
#include "node/distrust.hpp"
#include "node/p11kit/extraction.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "sys/lock.hpp"
#include "wish/manifest.hpp"

namespace nct {

enum class StepKind { add_anchor, remove_anchor, publish_store };

// One thing to do, with what asks for it.
struct Step {
  StepKind kind{};
  std::string subject;  // the path it acts on
  std::string reason;
  Fingerprint fingerprint;  // of the anchor, for steps about one
  bool damaged = false;     // something else lies in the anchor's place
};

// Whether clients of the store trust other anchors of ours after it than before.
constexpr bool changes_anchors(const Step& step) {
  return step.kind == StepKind::add_anchor || step.kind == StepKind::remove_anchor;
}

// A file of somebody else's whose name hides an anchor of ours from the hash directory.
struct Shadow {
  std::string anchor;  // path
  std::string by;      // path
};

// Something that the distribution's own tool would have put right, too.
struct Damage {
  std::string subject;  // path
  std::string message;
};

// What people must hear of, since it is somebody else's, and no run of ours puts it right or may do so in
// silence.
struct Notice {
  enum class Kind {
    key_published,          // a private key stands in the bundle, for everybody to read
    key_in_file,            // a certificate file holds one, which publishing the store would put there
    leaves_bundle,          // a certificate of the bundle that no certificate file accounts for
    other_local_directory,  // the store was built from another local directory as well
    breaks_clients,         // a certificate in the bundle with which some clients load nothing of it
    copy_of_store,          // a copy stands where the distribution has a link to the store
  };
  Kind kind{};
  std::string subject;  // path
  std::string message;
  std::string original;  // of a copy: path
  // Of a certificate that leaves the bundle: its lines there, from 1.
  std::size_t first_line = 0;
  std::size_t last_line = 0;

  bool operator==(const Notice&) const = default;
};

// Whether these keep a run from mending the store: always where it would do harm that cannot be undone, and,
// where nothing in it is `ours`, also where a certificate would leave the bundle.
bool stop_mending(std::span<const Notice> notices, bool ours);

// A certificate in the store that has the name of another one of ours, or is that one, in somebody else's
// file.
struct Namesake {
  std::string path;
  Certificate certificate;
  bool ours = false;
  bool alone = false;            // the file holds nothing else
  bool linked_for_ours = false;  // an anchor of ours, and the hash directory leads to this file for it
};

// An anchor that may not come: some clients would refuse what another certificate of the same subject issued,
// since they would take this one for it; or the family makes nothing of it.
struct Loss {
  Fingerprint by;
  FindingCode code = FindingCode::same_name;
  std::string message;
};

struct StoreSummary {
  std::string bundle;       // path
  std::size_t roots = 0;    // distinct certificates in it that are not ours
  std::size_t anchors = 0;  // ours
};

// A store that is as it was left.
struct Untouched {
  StoreSummary summary;
  FingerprintSet others;  // certificates in it which are not ours
  std::vector<Notice> notices;
  std::vector<Namesake> namesakes;
  std::vector<std::string> unproved;
};

struct Staging {
  std::vector<NewFile> files;
  std::vector<std::string> made_in;  // what Fs::make_directories() said of the room for them
};

// What stands between a store as it was found and as it should be. Lives no longer than its Store.
class StoreChange {
 public:
  StoreChange() = default;
  StoreChange(const StoreChange&) = delete;
  StoreChange& operator=(const StoreChange&) = delete;
  virtual ~StoreChange() = default;

  std::vector<Step> steps;      // in order; empty where the store is as it should be
  std::vector<Damage> repairs;  // what was found damaged, and the steps mend
  std::vector<Shadow> shadows;
  std::vector<Notice> notices;
  std::vector<Namesake> namesakes;
  std::vector<std::string> unproved;  // of our anchors, those that OpenSSL refuses: which, and why
  StoreSummary summary;               // of the store as it should be
  FingerprintSet others;              // certificates in it which are not ours
  // Of the files that the finished store is made of, of its parts, and of certificates beside our anchors
  // that the next run must know.
  std::vector<Fingerprint> digests;
  Owed owed;  // what hooks must be told once it is done

  // Where the names of the finished store and of its anchors stand, outermost first.
  [[nodiscard]] virtual std::vector<std::string> directories() const = 0;

  // Loads the finished store from memory as clients do, and finds every certificate in each view; and OpenSSL
  // accepts each anchor but `unproved`. Errc::in_the_way names the file that spoils it.
  virtual Result<void> prove() = 0;

  // Makes room for the files that publish() moves into place, and says which: who calls this writes them
  // (Fs::write_files), in one go with its own. No reader and no tool of the distribution looks there.
  virtual Result<Staging> stage() = 0;

  // After stage(): what must be done before the store can be made and proved, where that is so: the anchors
  // are in their place, and the store is made aside of them, and proved. Errc::in_the_way says what is wrong
  // with it; Errc::busy as publish().
  virtual Result<void> prepare() { return {}; }

  // After prepare() failed: takes back what it did. Whether all is as it was found.
  virtual Result<bool> undo() { return false; }

  // After prepare(): brings the anchors into their place, and then changes the store so that no reader misses
  // a root that was and will be there. Broken off at any point, by a power cut, too, the store holds all that
  // both states hold. Where `in_order`, the names in the directories `unsynced` and of the anchors are
  // durable before the store changes, and all are on return; otherwise only where a reader could miss
  // something after a power cut. Errc::busy where another writer got in between.
  virtual Result<void> publish(std::span<const std::string> unsynced, bool in_order) = 0;

  // After prove() and publish(): the bundle on disk has the bytes that were proved; every certificate is
  // found in the hash directory, by reading through its links; and a chain is built to every anchor, from
  // what is read there. Errc::busy where the store is not (or no longer) what publish() made of it.
  virtual Result<void> prove_on_disk() = 0;

  // After publish(): removes the anchors that nobody asks for any more. The directories whose names are now
  // to be synced; until they are, the store may be as it was, or such an anchor be there again, after a power
  // cut, and the next run mends it.
  virtual Result<std::vector<std::string>> retire() = 0;
};

using NamedRoots = std::map<Fingerprint, std::string>;

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Reads the store afresh and compares it with what the family makes of its own roots plus `wanted`.
  virtual Result<std::unique_ptr<StoreChange>> compare(const AnchorSet& wanted) = 0;

  // Whether nobody touched anything since compare(wanted) last found nothing to do, with what it found then.
  virtual Result<std::optional<Untouched>> untouched(const AnchorSet& wanted) = 0;

  // What anchors that are in `after` and not in `before` would take from certificates that the store has with
  // `before`, and keeps; and those of them that would not be in the store made of `after`.
  virtual Result<std::vector<Loss>> losses(const AnchorSet& before, const AnchorSet& after) = 0;

  // What the distribution trusts by itself: neither ours nor of others who add to its store.
  virtual Result<FingerprintSet> distro_roots() = 0;

  // The same, with what people know each by.
  virtual Result<NamedRoots> named_roots() = 0;

  // What takes `distrusted` out of all that the store is made of but our anchors, and lets in again what an
  // earlier run took out and is none of these. Changes nothing (node/distrust.hpp).
  virtual Result<DistrustChange> distrust(const std::set<Fingerprint>& distrusted) = 0;

  // What keeps others from changing the store while it lives, where the distribution's tool takes a lock.
  // Errc::busy where somebody keeps it for longer than runs of ours wait for each other.
  virtual Result<std::optional<Lock>> lock() { return std::nullopt; }

  // Waits while another writer is at work, as far as can be told. Errc::busy where that takes too long.
  virtual Result<void> wait_for_others() = 0;

  // What runs that were broken off have left, ours and the distribution's: paths.
  virtual Result<std::vector<std::string>> leftovers() = 0;

  // Removes what a killed run left in staging.
  virtual Result<void> sweep() = 0;

  // Tells the distribution's hooks. Why some failed, if they did; the others have been told.
  virtual Result<std::vector<std::string>> run_hooks(const Owed& owed) = 0;

  // Anchors of ours that lie in the anchor directory, by what they hold.
  virtual Result<AnchorSet> found_anchors() = 0;

  // Whether somebody would have to be told of a change.
  virtual Result<bool> has_hooks() = 0;
};

struct StoreOptions {
  std::string root = "/";  // where hooks are run
  Config::Hooks hooks = Config::Hooks::run;
  std::chrono::milliseconds reader_grace{0};
  std::set<Fingerprint> distrusted;                       // which leave the store at the configuration's word
  std::optional<std::chrono::milliseconds> lock_timeout;  // none: no lock is taken, since `fs` is a test's
  // What trust(1) makes now (node/p11kit/extraction.hpp), where no program can be run: a test's.
  std::function<Result<std::vector<Extracted>>(Fs& fs, std::span<const Extract> extracts)> extract;
};

// The writer for `family`. Files it reads are looked up in what is `remembered`, and added to it. All three
// outlive it.
std::unique_ptr<Store> open_store(const Family& family, Fs& fs, Remembered& remembered,
                                  const StoreOptions& options);

// What the distribution of the root `fs`, of the family `chosen` (store.family), trusts by itself, for who
// judges certificates without opening a node. Nothing where the root has no store that is known here, or one
// that cannot be read.
std::optional<FingerprintSet> observed_distro_roots(Fs& fs, std::string_view chosen);

}  // namespace nct
