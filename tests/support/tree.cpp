#include "support/tree.hpp"

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

TreeNode node_at(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error(concat("cannot lstat ", path));
  const unsigned mode = status.st_mode & 07777U;
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      return {NodeKind::file, mode, read_whole(path)};
    case S_IFDIR:
      return {NodeKind::directory, mode, {}};
    case S_IFLNK:
      return {NodeKind::link, 0, fs::read_symlink(path).string()};
    default:
      return {NodeKind::other, mode, {}};
  }
}

void collect(const std::string& root, const std::string& relative, const std::vector<std::string>& excludes,
             Tree& tree) {
  if (std::ranges::find(excludes, relative) != excludes.end()) return;
  const std::string path = concat(root, "/", relative);
  const auto& node = tree[relative] = node_at(path);
  if (node.kind != NodeKind::directory) return;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    collect(root, relative == "." ? name : concat(relative, "/", name), excludes, tree);
  }
}

std::string octal(unsigned mode) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; mode >>= 3U)
    text[i] = static_cast<char>('0' + (mode & 7U));
  return text;
}

std::string described(const TreeNode& node) {
  switch (node.kind) {
    case NodeKind::file:
      return concat("file ", octal(node.mode), ", ", std::to_string(node.content.size()), " bytes");
    case NodeKind::directory:
      return concat("directory ", octal(node.mode));
    case NodeKind::link:
      return concat("link to ", printable(node.content));
    default:
      return concat("something else ", octal(node.mode));
  }
}

std::string first_difference(const std::string& before, const std::string& after) {
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  std::size_t i = 0;
  while (i < old_lines.size() && i < new_lines.size() && old_lines[i] == new_lines[i])
    ++i;
  const auto line = [i](const auto& lines) {
    return i < lines.size() ? concat("'", printable(lines[i]), "'") : std::string("the end");
  };
  return concat(" (line ", std::to_string(i + 1), ": ", line(old_lines), " became ", line(new_lines), ")");
}

}  // namespace

Tree tree_of(const std::string& directory, const std::vector<std::string>& excludes) {
  Tree tree;
  if (fs::exists(fs::symlink_status(directory))) collect(directory, ".", excludes, tree);
  return tree;
}

std::string difference(const Tree& before, const Tree& after) {
  std::string text;
  for (const auto& [path, node] : before)
    if (!after.contains(path)) text += concat("- ", printable(path), ": ", described(node), "\n");
  for (const auto& [path, node] : after) {
    const auto old = before.find(path);
    if (old == before.end()) {
      text += concat("+ ", printable(path), ": ", described(node), "\n");
    } else if (old->second != node) {
      text += concat("~ ", printable(path), ": ", described(old->second), " -> ", described(node));
      if (old->second.kind == NodeKind::file && node.kind == NodeKind::file &&
          old->second.content != node.content)
        text += first_difference(old->second.content, node.content);
      text += "\n";
    }
  }
  return text;
}

std::string read_whole(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error(concat("cannot open ", path));
  std::string bytes;
  ssize_t got = 1;
  while (got > 0) {
    const std::size_t have = bytes.size();
    bytes.resize(have + 65536);
    got = ::read(file, bytes.data() + have, 65536);
    bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  ::close(file);
  if (got < 0) throw std::runtime_error(concat("cannot read ", path));
  return bytes;
}

void write_whole(const std::string& path, std::string_view bytes, unsigned mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) throw std::runtime_error(concat("cannot create ", path));
  bool written = true;
  while (written && !bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    written = count > 0;
    if (written) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  ::close(file);
  if (!written) throw std::runtime_error(concat("cannot write ", path));
}

}  // namespace nct::test
