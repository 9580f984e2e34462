#include "support/model_fs.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <random>
#include <utility>

#include "base/text.hpp"

namespace nct::test {
namespace {

constexpr int kMaxLinks = 40;

std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) components.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

std::string parent_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  path.resize(path.rfind('/'));
  return path.empty() ? "/" : path;
}

std::uint64_t new_inode() {
  static std::uint64_t last = 0;
  return ++last;
}

}  // namespace

struct ModelFs::Node {
  using Names = std::map<std::string, NodePtr>;
  // An added node of null removes the name.
  using NameChanges = std::vector<std::pair<std::string, NodePtr>>;
  // One atomic change of a directory.
  struct Change {
    std::size_t step = 0;
    NameChanges names;
  };

  // By chance, what a power cut leaves of content that was not synced, and of pending changes.
  struct Survivors {
    std::function<bool()> content;
    std::function<std::size_t(const std::vector<Change>&)> names;
  };

  FileKind kind = FileKind::directory;
  std::uint32_t mode = 0755;
  std::uint64_t inode = new_inode();
  std::string bytes;     // of a file
  bool durable = false;  // the bytes
  std::string target;    // of a link
  Names names;           // of a directory
  Names durable_names;
  std::vector<Change> pending;

  static void apply(const Change& change, Names& names) {
    for (const auto& [name, node] : change.names)
      if (node)
        names[name] = node;
      else
        names.erase(name);
  }
  void change(std::size_t step, NameChanges changes) {
    pending.push_back({.step = step, .names = std::move(changes)});
    apply(pending.back(), names);
  }
  void sync() {
    durable_names = names;
    pending.clear();
  }
  void sync_all() {
    sync();
    for (const auto& [name, child] : names)
      child->sync_all();
  }
  [[nodiscard]] NodePtr child(const std::string& name) const {
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }
  [[nodiscard]] bool holds(const NodePtr& other) const {
    return std::ranges::any_of(
        names, [&](const auto& entry) { return entry.second == other || entry.second->holds(other); });
  }

  // What is left of this node when of each directory's pending changes the first survivors.names() survive.
  // The same node under two names stays one.
  static NodePtr surviving(const NodePtr& node, const Survivors& survivors,
                           std::map<const Node*, NodePtr>& done) {
    auto& copy = done[node.get()];
    if (copy) return copy;
    copy = std::make_shared<Node>();
    copy->kind = node->kind;
    copy->mode = node->mode;
    copy->target = node->target;
    copy->durable = true;
    if (node->durable || node->bytes.empty())
      copy->bytes = node->bytes;
    else if (survivors.content())  // the blocks were allocated, and never written
      copy->bytes.assign(node->bytes.size(), '\0');
    Names names = node->durable_names;
    const auto kept = survivors.names(node->pending);
    for (std::size_t i = 0; i < kept; ++i)
      apply(node->pending[i], names);
    const auto result = copy;
    for (const auto& [name, child] : names)
      result->names[name] = surviving(child, survivors, done);
    result->durable_names = result->names;
    return result;
  }

  static NodePtr settled(const NodePtr& node, std::map<const Node*, NodePtr>& done) {
    auto& copy = done[node.get()];
    if (copy) return copy;
    copy = std::make_shared<Node>(*node);
    const auto result = copy;
    result->durable = true;
    result->pending.clear();
    for (auto& [name, child] : result->names)
      child = settled(child, done);
    result->durable_names = result->names;
    return result;
  }

  void describe(const std::string& path, Tree& tree) const {
    switch (kind) {
      case FileKind::regular:
        tree[path] = {NodeKind::file, mode, bytes};
        break;
      case FileKind::link:
        tree[path] = {NodeKind::link, 0, target};
        break;
      default:
        tree[path] = {NodeKind::directory, mode, {}};
        for (const auto& [name, child] : names)
          child->describe(path == "." ? name : concat(path, "/", name), tree);
    }
  }
};

// A path's last component, below the directory that holds it.
struct ModelFs::Place {
  NodePtr parent;
  std::string name;

  [[nodiscard]] NodePtr node() const { return parent->child(name); }
};

std::string FsStep::text() const {
  return concat(std::to_string(number), ": ", call, " '", subject, "'");
}

ModelFs::ModelFs() : root_(std::make_shared<Node>()) {}
ModelFs::~ModelFs() = default;

ModelFs::Node& ModelFs::parent_for_put(const std::string& path, std::string& name) {
  auto components = components_of(path);
  name = components.back();
  components.pop_back();
  Node* parent = root_.get();
  for (const auto& component : components) {
    if (!parent->child(component)) {
      parent->change(0, {{component, std::make_shared<Node>()}});
      parent->sync();
    }
    parent = parent->child(component).get();
  }
  return *parent;
}

void ModelFs::put_file(const std::string& path, std::string bytes, std::uint32_t mode) {
  auto node = std::make_shared<Node>();
  node->kind = FileKind::regular;
  node->mode = mode;
  node->bytes = std::move(bytes);
  node->durable = true;
  std::string name;
  auto& parent = parent_for_put(path, name);
  parent.change(0, {{name, node}});
  parent.sync();
}

void ModelFs::put_link(const std::string& target, const std::string& path) {
  auto node = std::make_shared<Node>();
  node->kind = FileKind::link;
  node->target = target;
  std::string name;
  auto& parent = parent_for_put(path, name);
  parent.change(0, {{name, node}});
  parent.sync();
}

void ModelFs::put_directory(const std::string& path, std::uint32_t mode) {
  std::string name;
  auto& parent = parent_for_put(path, name);
  auto node = std::make_shared<Node>();
  node->mode = mode;
  parent.change(0, {{name, node}});
  parent.sync();
}

void ModelFs::cut_before(std::size_t number) {
  cut_before_ = number;
}
void ModelFs::fail_at(std::size_t number, int os_errno, bool lasting) {
  fail_at_ = number;
  fail_errno_ = os_errno;
  fail_lasts_ = lasting;
}
void ModelFs::observe(std::function<void(const FsStep&)> observer) {
  observer_ = std::move(observer);
}
void ModelFs::forget_content_syncs() {
  content_syncs_ = false;
}
void ModelFs::keep_one_journal() {
  one_journal_ = true;
}

void ModelFs::forget_name_syncs(const std::string& directory) {
  forgotten_.insert(directory);
}
std::size_t ModelFs::steps() const {
  return steps_;
}

std::unique_ptr<ModelFs> ModelFs::after_cut(std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  const auto some_of = [&](std::size_t count) -> std::size_t {
    if (seed == 0) return 0;
    return seed == 1 ? count : random() % (count + 1);
  };
  const auto journalled = some_of(steps_);
  const Node::Survivors survivors{.content = [&] { return some_of(1) == 1; },
                                  .names = [&](const std::vector<Node::Change>& pending) -> std::size_t {
                                    if (!one_journal_) return some_of(pending.size());
                                    const auto end = std::ranges::upper_bound(pending, journalled, {},
                                                                              &Node::Change::step);
                                    return static_cast<std::size_t>(end - pending.begin());
                                  }};
  auto after = std::make_unique<ModelFs>();
  std::map<const Node*, NodePtr> done;
  after->root_ = Node::surviving(root_, survivors, done);
  return after;
}

std::unique_ptr<ModelFs> ModelFs::settled() const {
  auto copy = std::make_unique<ModelFs>();
  std::map<const Node*, NodePtr> done;
  copy->root_ = Node::settled(root_, done);
  return copy;
}

Tree ModelFs::tree() const {
  Tree tree;
  root_->describe(".", tree);
  return tree;
}

Result<void> ModelFs::step(std::string_view call, std::string subject) {
  if (observing_) return fail(Errc::bug, "an observer changed the file system");
  if (!power_) return fail_errno(call, subject, EIO);
  const FsStep step{.number = ++steps_, .call = std::string(call), .subject = std::move(subject)};
  if (observer_) {
    observing_ = true;
    observer_(step);
    observing_ = false;
  }
  if (step.number == cut_before_) {
    power_ = false;
    throw PowerCut{};
  }
  if (step.number == fail_at_ || (fail_lasts_ && fail_at_ != 0 && step.number > fail_at_))
    return fail_errno(call, step.subject, fail_errno_);
  return {};
}

Result<ModelFs::NodePtr> ModelFs::find(std::string_view call, const std::string& path, bool follow) const {
  if (!path.starts_with('/')) return fail_errno(call, path, EINVAL);
  std::vector<NodePtr> above{root_};
  auto rest = components_of(path);
  std::ranges::reverse(rest);
  // A slash at the end asks for a directory.
  const bool wants_directory = path.size() > 1 && path.ends_with('/');
  for (int links = 0; !rest.empty();) {
    const auto component = std::move(rest.back());
    rest.pop_back();
    if (above.back()->kind != FileKind::directory) return fail_errno(call, path, ENOTDIR);
    if (component == ".") continue;
    if (component == "..") {
      if (above.size() > 1) above.pop_back();
      continue;
    }
    const auto node = above.back()->child(component);
    if (!node) return fail_errno(call, path, ENOENT);
    if (node->kind != FileKind::link || (rest.empty() && !follow && !wants_directory)) {
      above.push_back(node);
      continue;
    }
    if (++links > kMaxLinks) return fail_errno(call, path, ELOOP);
    if (node->target.starts_with('/')) above.resize(1);
    auto target = components_of(node->target);
    rest.insert(rest.end(), std::make_move_iterator(target.rbegin()), std::make_move_iterator(target.rend()));
  }
  if (wants_directory && above.back()->kind != FileKind::directory) return fail_errno(call, path, ENOTDIR);
  return above.back();
}

Result<ModelFs::Place> ModelFs::place_of(std::string_view call, const std::string& path) const {
  const auto components = components_of(path);
  if (components.empty() || components.back() == "." || components.back() == "..")
    return fail_errno(call, path, EINVAL);
  auto parent = find(call, parent_of(path), true);
  if (!parent) return fail_errno(call, path, parent.error().os_errno);
  if ((*parent)->kind != FileKind::directory) return fail_errno(call, path, ENOTDIR);
  return Place{.parent = *std::move(parent), .name = components.back()};
}

Result<std::string> ModelFs::read_start(const std::string& path, std::size_t max_bytes) {
  NCT_TRY(const auto node, find("open", path, true));
  if (node->kind != FileKind::regular) return fail_errno("open", path, EINVAL);
  return node->bytes.substr(0, max_bytes + 1);
}

Result<std::vector<DirectoryEntry>> ModelFs::list_names(const std::string& path) {
  auto entries = list_directory(path);
  if (entries)
    for (auto& entry : *entries)
      entry.target.clear();
  return entries;
}

Result<std::vector<DirectoryEntry>> ModelFs::list_directory(const std::string& path) {
  NCT_TRY(const auto node, find("open", path, true));
  if (node->kind != FileKind::directory) return fail_errno("open", path, ENOTDIR);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, child] : node->names)
    entries.push_back({.name = name, .kind = child->kind, .target = child->target});
  return entries;
}

Result<std::optional<FileStatus>> ModelFs::status(const std::string& path, bool follow) {
  const auto found = find("open", path, follow);
  if (!found && (found.error().os_errno == ENOENT || found.error().os_errno == ENOTDIR)) return std::nullopt;
  if (!found) return std::unexpected(found.error());
  const auto& node = **found;
  return FileStatus{.kind = node.kind,
                    .mode = node.kind == FileKind::link ? 0777 : node.mode,
                    .size = node.kind == FileKind::link ? node.target.size() : node.bytes.size(),
                    .device = 1,
                    .inode = node.inode};
}

Result<std::vector<std::string>> ModelFs::make_directories(const std::string& path) {
  if (const auto there = find("open", path, true); there) {
    if ((*there)->kind == FileKind::directory) return std::vector<std::string>();
    return fail_errno("mkdir", path, ENOTDIR);
  } else if (there.error().os_errno == ENOTDIR) {
    return fail_errno("mkdir", path, ENOTDIR);
  } else if (there.error().os_errno != ENOENT) {
    return std::unexpected(there.error());
  }
  auto parent = parent_of(path);
  NCT_TRY(auto made_in, make_directories(parent));
  NCT_TRY(const auto place, place_of("mkdir", path));
  NCT_CHECK(step("mkdir", path));
  if (place.node()) return fail_errno("mkdir", path, EEXIST);
  place.parent->change(steps_, {{place.name, std::make_shared<Node>()}});
  made_in.push_back(std::move(parent));
  return made_in;
}

Result<void> ModelFs::write_files(std::span<const NewFile> files) {
  std::size_t created = 0;
  const auto written = write_all(files, created);
  if (written) return {};
  for (const auto& file : files.first(created))
    (void)remove_file(file.path);
  return written;
}

Result<void> ModelFs::write_all(std::span<const NewFile> files, std::size_t& created) {
  std::vector<NodePtr> nodes;
  for (const auto& file : files) {
    NCT_TRY(const auto place, place_of("open", file.path));
    NCT_CHECK(step("open", file.path));
    if (place.node()) return fail_errno("open", file.path, EEXIST);
    const auto node = std::make_shared<Node>();
    node->kind = FileKind::regular;
    node->mode = file.mode;
    place.parent->change(steps_, {{place.name, node}});
    nodes.push_back(node);
    ++created;
    NCT_CHECK(step("write", file.path));
    node->bytes = file.bytes;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    NCT_CHECK(step("fsync", files[i].path));
    nodes[i]->durable = content_syncs_;
  }
  return {};
}

Result<void> ModelFs::make_link(const std::string& target, const std::string& path) {
  NCT_TRY(const auto place, place_of("symlink", path));
  NCT_CHECK(step("symlink", path));
  if (place.node()) return fail_errno("symlink", path, EEXIST);
  const auto node = std::make_shared<Node>();
  node->kind = FileKind::link;
  node->target = target;
  place.parent->change(steps_, {{place.name, node}});
  return {};
}

Result<void> ModelFs::rename(const std::string& from, const std::string& to) {
  const auto subject = concat(from, "' to '", to);
  NCT_TRY(const auto source, place_of("rename", from));
  NCT_TRY(const auto target, place_of("rename", to));
  NCT_CHECK(step("rename", subject));
  const auto moved = source.node();
  const auto replaced = target.node();
  const auto refused = [&](int os_errno) { return fail_errno("rename", subject, os_errno); };
  if (!moved) return refused(ENOENT);
  if (moved == replaced) return {};
  if (moved == target.parent || moved->holds(target.parent)) return refused(EINVAL);
  if (replaced) {
    if (replaced->holds(moved)) return refused(ENOTEMPTY);
    const bool directory = moved->kind == FileKind::directory;
    if (directory && replaced->kind != FileKind::directory) return refused(ENOTDIR);
    if (!directory && replaced->kind == FileKind::directory) return refused(EISDIR);
    if (directory && !replaced->names.empty()) return refused(ENOTEMPTY);
  }
  if (source.parent == target.parent) {
    source.parent->change(steps_, {{source.name, nullptr}, {target.name, moved}});
  } else {
    target.parent->change(steps_, {{target.name, moved}});
    source.parent->change(steps_, {{source.name, nullptr}});
  }
  return {};
}

Result<void> ModelFs::remove_file(const std::string& path) {
  NCT_TRY(const auto place, place_of("unlink", path));
  NCT_CHECK(step("unlink", path));
  const auto node = place.node();
  if (!node) return fail_errno("unlink", path, ENOENT);
  if (node->kind == FileKind::directory) return fail_errno("unlink", path, EISDIR);
  place.parent->change(steps_, {{place.name, nullptr}});
  return {};
}

Result<bool> ModelFs::remove_directory(const std::string& path) {
  const auto place = place_of("rmdir", path);
  if (!place && place.error().os_errno == ENOENT) return false;
  if (!place) return std::unexpected(place.error());
  NCT_CHECK(step("rmdir", path));
  const auto node = place->node();
  if (!node) return false;
  if (node->kind != FileKind::directory) return fail_errno("rmdir", path, ENOTDIR);
  if (!node->names.empty()) return false;
  place->parent->change(steps_, {{place->name, nullptr}});
  return true;
}

Result<void> ModelFs::sync_directory(const std::string& path) {
  NCT_TRY(const auto node, find("open", path, true));
  if (node->kind != FileKind::directory) return fail_errno("open", path, ENOTDIR);
  NCT_CHECK(step("fsync", path));
  if (forgotten_.contains(path)) return {};
  if (one_journal_)
    root_->sync_all();
  else
    node->sync();
  return {};
}

Result<void> ModelFs::set_mode(const std::string& path, std::uint32_t mode) {
  NCT_TRY(const auto node, find("open", path, false));
  NCT_CHECK(step("fchmod", path));
  node->mode = mode;
  return {};
}

Result<void> ModelFs::copy_label(const std::string& like, const std::string& path) {
  NCT_TRY([[maybe_unused]] const auto source, find("open", like, true));
  NCT_TRY([[maybe_unused]] const auto target, find("open", path, false));
  return step("fsetxattr", path);
}

}  // namespace nct::test
