#include "node/rotation.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "node/telling.hpp"
#include "sys/clock.hpp"
#include "sys/guarded_directory.hpp"
#include "sys/stop.hpp"
#include "sys/unit_timeout.hpp"

namespace nct {

namespace {

using std::chrono::milliseconds;

constexpr int kMostPasses = 1000;
// What a run may take between two waits, as TimeoutStartSec= of the unit has it.
constexpr std::chrono::minutes kOwnTime{10};
constexpr std::string_view kAtomicWriterLink = "..data";

Instant now() {
  return std::chrono::steady_clock::now();
}

milliseconds since(Instant instant) {
  return std::chrono::duration_cast<milliseconds>(now() - instant);
}

FindingCode code_of(GuardedDirectory::Content::Kind kind) {
  switch (kind) {
    case GuardedDirectory::Content::Kind::unsafe:
      return FindingCode::unsafe_file;
    case GuardedDirectory::Content::Kind::not_a_file:
      return FindingCode::not_a_file;
    case GuardedDirectory::Content::Kind::too_large:
      return FindingCode::too_large;
    default:
      return FindingCode::unreadable;
  }
}

bool may_be_file(const GuardedEntry& entry) {
  return !entry.kind || entry.kind == FileKind::regular || entry.kind == FileKind::link;
}

// A directory may hold many of one kind: the first ones by name, and how many more there are.
std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (const auto& name : names.first(std::min(kShown, names.size())))
    out += concat(out.empty() ? "'" : ", '", printable(name), "'");
  return names.size() <= kShown ? out : concat(out, " and ", std::to_string(names.size() - kShown), " more");
}

// Where the directory is looked for: below the root, or, as it was named, below "/".
struct Place {
  std::string root;
  std::string path;
};

Place place_of(const Node& node, const RotationRequest& request) {
  if (request.directory) return {.root = "/", .path = *request.directory};
  return {.root = request.root, .path = node.config.rotation.directory};
}

// What stands in front of the last name of `path`, and that name.
std::pair<std::string, std::string> split(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  const auto slash = path.rfind('/');
  return {std::string(slash == 0 ? "/" : path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

class Looker {
 public:
  Looker(const Config& config, Watch* watch, RotationView& view)
      : config_(config), watch_(watch), now_(unix_time()), view_(view) {}

  Result<void> look(const Place& place) {
    NCT_TRY(const Fd root, open_directory(place.root));
    const auto [above, name] = split(place.path);
    const auto parent = open_directory(root, above);
    if (parent) (void)watch({.directory = &*parent, .name = name});
    NCT_TRY(const auto directory, GuardedDirectory::open(root, place.path));
    view_.absent = !directory;
    if (!directory) return {};
    view_.unwatched = !watch({.directory = &directory->fd(), .name = {}});
    NCT_TRY(const auto listing, directory->list(config_.rotation.max_entries));
    // kubelet's atomic writer swaps this link; all is read through the one directory behind it.
    const auto link = std::ranges::find(listing.entries, kAtomicWriterLink, &GuardedEntry::name);
    if (link == listing.entries.end() || link->kind.value_or(FileKind::link) != FileKind::link) {
      view_.generation.there = true;
      read(*directory, listing);
      return {};
    }
    NCT_TRY(const auto target, directory->behind_link(std::string(kAtomicWriterLink)));
    if (!target) {
      view_.warnings.push_back(
          concat(place.path, "/", kAtomicWriterLink, ": a link that leads nowhere; nothing is removed"));
      return {};
    }
    // What is written there before the swap concerns nobody, and afterwards nothing is.
    (void)watch({.directory = &target->fd(), .name = {}});
    NCT_TRY(const auto inner, target->list(config_.rotation.max_entries));
    view_.generation.there = true;
    read(*target, inner);
    std::vector<std::string> beside;
    for (const auto& entry : listing.entries)
      if (!is_hidden_name(entry.name) && entry.kind && entry.kind != FileKind::link)
        beside.push_back(entry.name);
    if (!beside.empty())
      view_.warnings.push_back(concat(printable(place.path), ": passed over, since ", kAtomicWriterLink,
                                      " says where the files are: ", some_of(beside)));
    return {};
  }

 private:
  bool watch(const WatchedPlace& place) { return watch_ != nullptr && watch_->add(place); }

  void read(const GuardedDirectory& directory, const GuardedListing& listing) {
    DirectoryListing listed{.changed_ns = listing.modified_ns};
    for (const auto& entry : listing.entries)
      listed.names.push_back(
          {.name = entry.name, .is_file = may_be_file(entry), .modified_ns = entry.modified_ns});
    auto names = names_of_generation(listed, now_);
    if (!names.backups.empty())
      view_.warnings.push_back(
          concat(printable(directory.path()),
                 ": passed over, by their names copies of other files: ", some_of(names.backups)));
    view_.generation.early = std::move(names.early);
    for (auto& name : names.entries) {
      auto content = directory.read(name.file, config_.intake.max_document_bytes);
      Generation::Entry entry{.name = std::move(name)};
      if (content.kind == GuardedDirectory::Content::Kind::gone) continue;
      if (content.kind == GuardedDirectory::Content::Kind::read)
        entry.bytes = std::move(content.text);
      else
        entry.refusal = {.code = code_of(content.kind), .message = std::move(content.text)};
      view_.generation.entries.push_back(std::move(entry));
    }
  }

  const Config& config_;
  Watch* watch_;
  std::int64_t now_;
  RotationView& view_;
};

Outlook outlook_of(const RotationView& view, const AnchorSet& installed) {
  return {.adds = view.wish.prompt != installed,
          .removes = view.wish.late != view.wish.prompt,
          .doubtful = view.refusal.has_value() || view.reading.source.has_errors(),
          .empty = view.generation.empty()};
}

// Follows the rest of a directory from one look to the next.
class Rest {
 public:
  // Two looks that differ are a change of this moment, unless events in between have told when it was.
  void note(const RotationView& view, const Watch* watch, bool moved) {
    const bool differs = last_ && !last_->same_as(view.generation);
    const bool told = told_ && !view.unwatched && watch != nullptr && !watch->blind();
    if (differs) differed_at_ = now();
    if (moved || (differs && !told)) note_change();
    last_ = view.generation;
    moved_ = moved;
    told_ = false;
  }

  [[nodiscard]] Calm calm() const {
    return {.quiet = since(moved_at_), .same = since(differed_at_), .moved = moved_, .impatient = impatient_};
  }

  // False where it was asked to stop. Waits on while things happen, until it is quiet for `settle`, or
  // patience has an end.
  bool wait(Watch& watch, const StopRequest& stop, milliseconds at_most, const Config::Rotation& config) {
    for (Instant until = now() + at_most;;) {
      const auto woken = watch.wait(until, stop);
      if (woken == Watch::Woken::stop) return false;
      if (woken != Watch::Woken::change) break;
      note_change();
      told_ = true;
      until = std::min(moved_at_ + config.settle, *restless_since_ + patience(config));
      if (moved_at_ >= until) break;
    }
    impatient_ = restless_since_ && since(*restless_since_) >= patience(config);
    if (impatient_ || since(moved_at_) >= config.settle) restless_since_.reset();
    return true;
  }

 private:
  void note_change() {
    moved_at_ = now();
    if (!restless_since_) restless_since_ = moved_at_;
  }

  Instant moved_at_ = now();
  Instant differed_at_ = moved_at_;
  std::optional<Instant> restless_since_;
  std::optional<Generation> last_;
  bool moved_ = false;
  bool told_ = false;  // of a change since the last look
  bool impatient_ = false;
};

Result<void> apply_to(Node& node, const AnchorSet& wanted, Rotation& rotation) {
  RotationPass pass{.before = node.state.manifest.anchors,
                    .wanted = wanted,
                    .owed_before = node.state.manifest.owed.consumers};
  NCT_TRY(pass.applied, apply(*node.fs, *node.store, node.state, pass.wanted, telling_of(node)));
  pass.changed = node.state.manifest.changed;
  rotation.passes.push_back(std::move(pass));
  return {};
}

// Consumers are told once after each pass. How long it is until then, where it is not this machine's turn.
Result<milliseconds> tell_of_last_pass(Node& node, Rotation& rotation, const StopRequest& stop) {
  if (rotation.passes.empty() || rotation.passes.back().asked_consumers) return milliseconds(0);
  auto& pass = rotation.passes.back();
  NCT_TRY(const auto left, until_turn(node));
  if (left.count() > 0) return left;
  pass.asked_consumers = true;
  NCT_TRY(pass.told, tell(node, pass.owed_before, &stop));
  pass.changed = node.state.manifest.changed;
  return milliseconds(0);
}

// Without anchors that came from it, a directory that is not there is nobody's loss.
bool owns_any(const AnchorSet& installed) {
  return std::ranges::any_of(installed, [](const auto& anchor) {
    return std::ranges::any_of(anchor.second.owners,
                               [](const Owner& owner) { return owner.source == kRotationSource; });
  });
}

// What becomes of entries that are faulty.
void add_faulty_words(const RotationView& view, std::vector<std::string>& warnings) {
  for (const auto& entry : view.reading.faulty) {
    const auto kept = std::ranges::count_if(view.wish.late, [&](const auto& anchor) {
      return std::ranges::any_of(anchor.second.owners, [&](const Owner& owner) {
        return owner.source == kRotationSource && owner.input == entry;
      });
    });
    warnings.push_back(
        kept == 0 ? concat(entry, ": has an error, and nothing of it is installed")
                  : concat(entry, ": has an error, and what it brought last stays installed (certificates: ",
                           std::to_string(kept), ")"));
  }
}

// Closing a watch takes the kernel longer, 0.4 ms and at times 15, than a run takes that finds nothing to do.
// So there is none until a look finds something; a run that ends without one looks twice.
Result<RotationView> look_and_watch(Node& node, const RotationRequest& request, std::optional<Watch>& watch) {
  if (!watch) {
    NCT_TRY(auto view, look(node, request, nullptr));
    const auto outlook = outlook_of(view, node.state.manifest.anchors);
    if (!outlook.adds && !outlook.removes && !outlook.doubtful) return view;
    watch.emplace();
  }
  return look(node, request, &*watch);
}

// Whether the directory holds what was seen in it, to the byte.
bool is_as_seen(const Node& node, const RotationRequest& request, const RotationView& seen) {
  RotationView now;
  const auto looked = Looker(node.config, nullptr, now).look(place_of(node, request));
  return looked && now.absent == seen.absent && now.generation == seen.generation;
}

// What is left to do, in words; empty where that is nothing.
std::string owed_words(const Outlook& outlook, bool untold) {
  if (outlook.adds) return "what lies in the directory is not all installed yet";
  if (outlook.removes) return "certificates that left the directory are still installed";
  return untold ? "consumers were not restarted yet" : "";
}

}  // namespace

std::string sync_directory(const Node& node, const RotationRequest& request) {
  return place_of(node, request).path;
}

Result<RotationView> look(Node& node, const RotationRequest& request, Watch* watch) {
  RotationView view;
  const auto place = place_of(node, request);
  auto looked = Looker(node.config, watch, view).look(place);
  if (watch != nullptr) watch->drop_others();
  if (!looked && looked.error().code != Errc::input) return std::unexpected(std::move(looked).error());
  if (!looked) {
    view = {.refusal = std::move(looked).error()};
  }
  FingerprintSet distro;
  if (!view.generation.entries.empty()) {
    NCT_TRY(distro, node.store->distro_roots());
  }
  view.reading = read_generation(view.generation, place.path, node.config, node.state.remembered.record,
                                 unix_time(), &distro);
  remember_parsed(view.reading.source, node.state.remembered.record);
  const auto& installed = node.state.manifest.anchors;
  NCT_TRY(const auto losses,
          node.store->losses(installed, desired_for_rotation(installed, view.reading).late));
  for (const auto& loss : losses)
    refuse(view.reading, loss.by, loss.code, loss.message);
  if (!view.refusal && view.reading.refused(node.config.rotation.rejected))
    view.refusal = {.code = Errc::input, .message = concat("'", printable(place.path), "': refused")};
  auto kept = view.reading;
  if (view.refusal) kept.there = false;
  view.wish = desired_for_rotation(installed, kept);
  return view;
}

// One procedure in five numbered steps; cut up, nobody could read it as one.
// NOLINTNEXTLINE(readability-function-cognitive-complexity)
Result<void> follow_directory(const RotationRequest& request, Rotation& rotation) {
  const StopRequest stop;
  std::optional<Watch> watch;
  Rest rest;
  for (bool first = true;; first = false) {
    if (rotation.passes.size() == kMostPasses)
      return fail(Errc::busy, "the sync directory does not come to rest");
    auto opened = open_node(request.root, request.config, Access::change, &stop);  // (1)
    if (!opened && stop.made()) {
      rotation.warnings.emplace_back("asked to end while another run was at work; the next run will look");
      return {};
    }
    NCT_TRY(auto node, std::move(opened));
    rotation.distro = node->distro;
    NCT_TRY(auto view, look_and_watch(*node, request, watch));  // (2)
    const bool moved = watch && watch->take();
    rest.note(view, watch ? &*watch : nullptr, moved);
    rotation.reading = view.reading;
    rotation.warnings = view.warnings;
    if (!view.refusal) add_faulty_words(view, rotation.warnings);
    const auto& installed = node->state.manifest.anchors;
    if (view.absent) {
      const auto path = sync_directory(*node, request);
      if (first && request.directory)
        return fail(Errc::missing_input, concat("directory '", printable(path), "': there is none"));
      if (owns_any(installed))
        rotation.warnings.push_back(
            concat(printable(path), ": there is no such directory; nothing is removed"));
      rotation.idle = rotation.passes.empty() && installed.empty() && !node->state.owes();
    }
    auto outlook = outlook_of(view, installed);
    const auto& config = node->config.rotation;
    auto move = next_move(outlook, rest.calm(), config);  // (3)
    const bool refused = view.refusal && move.kind != NextMove::Kind::wait;
    const bool ends = refused || move.kind == NextMove::Kind::end;
    // A refused directory is no reason to leave those waiting whom another run owes a restart.
    if (refused && node->state.manifest.owed.consumers.empty()) return std::unexpected(*view.refusal);
    if (!ends && move.kind != NextMove::Kind::wait) {  // (4)
      const auto& wanted = move.kind == NextMove::Kind::add ? view.wish.prompt : view.wish.late;
      // Somebody else undid it. Should that be us, then not without pause.
      const bool again = !rotation.passes.empty() && rotation.passes.back().wanted == wanted;
      outlook.removes = outlook.removes && move.kind == NextMove::Kind::add;
      outlook.adds = false;
      NCT_CHECK(apply_to(*node, wanted, rotation));
      move = {.kind = NextMove::Kind::wait, .at_most = again ? config.settle : milliseconds(0)};
    } else if (ends && rotation.passes.empty() && !rotation.idle) {
      // What has drifted is mended also where the directory asks for nothing.
      NCT_CHECK(apply_to(*node, installed, rotation));
    }
    NCT_TRY(const auto until_told, tell_of_last_pass(*node, rotation, stop));
    if (refused && until_told.count() == 0) return std::unexpected(*view.refusal);
    if (ends && until_told.count() == 0) {
      if (watch ? !watch->take() : is_as_seen(*node, request, view)) return {};
      move.at_most = config.settle;
    } else if (until_told.count() > 0) {
      move.at_most = ends ? until_told : std::min(move.at_most, until_told);
    }
    const auto settings = config;
    node.reset();  // (5)
    if (!watch) {
      watch.emplace();
      continue;
    }
    extend_unit_timeout(move.at_most + patience(settings) + kOwnTime);
    if (!rest.wait(*watch, stop, move.at_most, settings)) {
      if (const auto owed = owed_words(outlook, until_told.count() > 0); !owed.empty())
        rotation.warnings.push_back(concat("asked to end: ", owed, ", which the next run will see to"));
      return {};
    }
  }
}

}  // namespace nct
