#include "p11kit/trust_node.hpp"

#include "p11kit/trust_tree.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

std::string programs() {
  const char* const suite = std::getenv("NCT_SUITE");
  const auto finished = run({.argv = {"bash", NCT_PROGRAMS_SCRIPT, suite == nullptr ? "bookworm" : suite}});
  if (finished.status != 0) throw std::runtime_error(concat("no programs: ", finished.err));
  return std::string(trimmed(finished.out));
}

struct ExtractCommand {
  const char* format;
  const char* filter;
  bool comment;
  const char* purpose;
  const char* path;
};

// As update-ca-trust has them.
constexpr ExtractCommand kExtracts[] = {
    {"openssl-bundle", "certificates", true, "", "openssl/ca-bundle.trust.crt"},
    {"pem-bundle", "ca-anchors", true, "server-auth", "pem/tls-ca-bundle.pem"},
    {"pem-bundle", "ca-anchors", true, "email", "pem/email-ca-bundle.pem"},
    {"pem-bundle", "ca-anchors", true, "code-signing", "pem/objsign-ca-bundle.pem"},
    {"java-cacerts", "ca-anchors", false, "server-auth", "java/cacerts"},
    {"edk2-cacerts", "ca-anchors", false, "server-auth", "edk2/cacerts.bin"},
    {"pem-directory-hash", "ca-anchors", false, "server-auth", "pem/directory-hash"},
};

Finished run_extract(const std::string& root, const ExtractCommand& extract, const std::string& path) {
  Command command{.argv = {"chroot", root, "/usr/bin/trust", "extract", concat("--format=", extract.format),
                           concat("--filter=", extract.filter), "--overwrite"},
                  .environment = {{"P11_KIT_NO_USER_CONFIG", "1"}}};
  if (extract.comment) command.argv.emplace_back("--comment");
  if (*extract.purpose != 0) command.argv.push_back(concat("--purpose=", extract.purpose));
  command.argv.push_back(path);
  return run(command);
}

// A keystore without the times of its entries and the digest of all.
std::string without_times(std::string keystore) {
  const auto number = [&](std::size_t at, std::size_t length) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < length; ++i)
      value = value << 8U | static_cast<unsigned char>(keystore.at(at + i));
    return value;
  };
  constexpr std::size_t kTimeBytes = 8;
  constexpr std::size_t kDigestBytes = 20;
  if (keystore.size() < 12 + kDigestBytes) return keystore;
  std::size_t at = 12;
  for (std::size_t count = number(8, 4); count > 0; --count) {
    at += 4;                  // what it is
    at += 2 + number(at, 2);  // alias
    keystore.replace(at, kTimeBytes, kTimeBytes, '-');
    at += kTimeBytes;
    at += 2 + number(at, 2);  // type
    at += 4 + number(at, 4);  // certificate
  }
  keystore.resize(keystore.size() - kDigestBytes);
  return keystore;
}

bool is_hash_link(const fs::path& path) {
  const auto name = path.filename().string();
  return fs::is_symlink(path) && name.size() > 9 && name[8] == '.' &&
         name.find_first_not_of("0123456789abcdef.") == std::string::npos;
}

}  // namespace

TrustNode::TrustNode(std::string directory, std::string family, std::size_t roots)
    : directory_(std::move(directory)), family_(std::move(family)) {
  const auto made =
      run({.argv = {"bash", NCT_ROOT_SCRIPT, programs(), directory_, family_, std::to_string(roots)}});
  if (made.status != 0) throw std::runtime_error(concat("no root: ", made.err));
  if (const auto wrong = update_ca_trust(); !wrong.empty()) throw std::runtime_error(wrong);
}

bool TrustNode::has_hash_directory() const {
  return fs::is_directory(directory_ + kHashedFiles);
}

TrustNode TrustNode::copy(const std::string& directory) const {
  fs::remove_all(directory);
  if (run({.argv = {"cp", "-a", directory_, directory}}).status != 0) throw std::runtime_error("no copy");
  TrustNode node;
  node.directory_ = directory;
  node.family_ = family_;
  return node;
}

std::string TrustNode::update_ca_trust() const {
  const auto links = directory_ + kHashLinks;
  if (has_hash_directory()) {
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(links))
      if (is_hash_link(entry.path())) old.push_back(entry.path());
    for (const auto& path : old)
      fs::remove(path);
  }
  for (const auto& extract : kExtracts) {
    const auto path = concat(kExtractedFiles, "/", extract.path);
    if (!fs::is_directory(fs::path(directory_ + path).parent_path())) continue;
    if (path == kHashedFiles && !has_hash_directory()) continue;
    const auto finished = run_extract(directory_, extract, path);
    if (finished.status != 0) return concat("extract of ", path, ": ", finished.err);
  }
  if (!has_hash_directory()) return {};
  for (const auto& entry : fs::directory_iterator(directory_ + kHashedFiles))
    if (is_hash_link(entry.path()))
      fs::create_symlink(concat(kHashedFiles, "/", fs::read_symlink(entry.path()).string()),
                         concat(links, "/", entry.path().filename().string()));
  return {};
}

std::string TrustNode::extract_bundle() const {
  const auto finished = run_extract(directory_, kExtracts[1], "/tmp/bundle.pem");
  if (finished.status != 0) throw std::runtime_error(finished.err);
  return read_whole(directory_ + "/tmp/bundle.pem");
}

Finished TrustNode::run_product(const std::string& command, const std::vector<std::string>& arguments) const {
  Command run_command{.argv = {NCT_BINARY, command, "--root", directory_},
                      .environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}};
  run_command.argv.insert(run_command.argv.end(), arguments.begin(), arguments.end());
  return run(run_command);
}

Tree tree_of(const TrustNode& node) {
  auto tree = tree_of(node.directory(), {"run", "usr/bin", "usr/lib", "lib", "lib64", "tmp"});
  const auto keystore = tree.find("etc/pki/ca-trust/extracted/java/cacerts");
  if (keystore != tree.end()) keystore->second.content = without_times(keystore->second.content);
  return tree;
}

}  // namespace nct::test
