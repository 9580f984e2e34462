#include "p11kit/trust_node.hpp"

#include "p11kit/trust_tree.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>
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

// As the tool of each family has them.
const TrustLayout kRedHat{
    .source = "/etc/pki/ca-trust/source",
    .bundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    .mail = "/etc/pki/ca-trust/extracted/pem/email-ca-bundle.pem",
    .keystore = "/etc/pki/ca-trust/extracted/java/cacerts",
    .links = kHashLinks,
    .extracts = {
        {"openssl-bundle", "certificates", "", true,
         "/etc/pki/ca-trust/extracted/openssl/ca-bundle.trust.crt"},
        {"pem-bundle", "ca-anchors", "server-auth", true,
         "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"},
        {"pem-bundle", "ca-anchors", "email", true, "/etc/pki/ca-trust/extracted/pem/email-ca-bundle.pem"},
        {"pem-bundle", "ca-anchors", "code-signing", true,
         "/etc/pki/ca-trust/extracted/pem/objsign-ca-bundle.pem"},
        {"java-cacerts", "ca-anchors", "server-auth", false, "/etc/pki/ca-trust/extracted/java/cacerts"},
        {"edk2-cacerts", "ca-anchors", "server-auth", false, "/etc/pki/ca-trust/extracted/edk2/cacerts.bin"},
        {"pem-directory-hash", "ca-anchors", "server-auth", false, kHashedFiles}}};

const TrustLayout kArch{
    .source = "/etc/ca-certificates/trust-source",
    .bundle = "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
    .mail = "/etc/ca-certificates/extracted/email-ca-bundle.pem",
    .keystore = "/etc/ca-certificates/extracted/java-cacerts.jks",
    .links = "/etc/ssl/certs",
    .extracts = {
        {"pem-bundle", "ca-anchors", "server-auth", true, "/etc/ca-certificates/extracted/tls-ca-bundle.pem"},
        {"pem-bundle", "ca-anchors", "email", true, "/etc/ca-certificates/extracted/email-ca-bundle.pem"},
        {"pem-bundle", "ca-anchors", "code-signing", true,
         "/etc/ca-certificates/extracted/objsign-ca-bundle.pem"},
        {"openssl-bundle", "certificates", "", true, "/etc/ca-certificates/extracted/ca-bundle.trust.crt"},
        {"edk2-cacerts", "ca-anchors", "server-auth", false,
         "/etc/ca-certificates/extracted/edk2-cacerts.bin"},
        {"java-cacerts", "ca-anchors", "server-auth", false,
         "/etc/ca-certificates/extracted/java-cacerts.jks"},
        {"pem-directory-hash", "ca-anchors", "server-auth", false, "/etc/ca-certificates/extracted/cadir"}}};

const TrustLayout kSuse{
    .source = "/etc/pki/trust",
    .bundle = "/var/lib/ca-certificates/ca-bundle.pem",
    .mail = "",
    .keystore = "/var/lib/ca-certificates/java-cacerts",
    .links = "",
    .extracts = {
        {"java-cacerts", "ca-anchors", "server-auth", false, "/var/lib/ca-certificates/java-cacerts"},
        {"openssl-directory", "ca-anchors", "", false, "/var/lib/ca-certificates/openssl"},
        {"pem-directory-hash", "ca-anchors", "server-auth", false, "/var/lib/ca-certificates/pem"},
        {"pem-bundle", "ca-anchors", "server-auth", false, "/var/lib/ca-certificates/ca-bundle.pem"}}};

bool is_directory_form(const ExtractCommand& extract) {
  return extract.format.contains("directory");
}

Finished run_extract(const std::string& root, const ExtractCommand& extract, const std::string& path) {
  Command command{.argv = {"chroot", root, "/usr/bin/trust", "extract", concat("--format=", extract.format),
                           concat("--filter=", extract.filter), "--overwrite"},
                  .environment = {{"P11_KIT_NO_USER_CONFIG", "1"}}};
  if (extract.comment) command.argv.emplace_back("--comment");
  if (!extract.purpose.empty()) command.argv.push_back(concat("--purpose=", extract.purpose));
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

Flock::Flock(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) throw std::runtime_error(concat("no lock on ", path));
}

Flock::~Flock() {
  ::close(file_);
}

const TrustLayout& layout_of(const std::string& family) {
  if (family == "suse") return kSuse;
  return family == "arch" ? kArch : kRedHat;
}

TrustNode::TrustNode(std::string directory, std::string family, std::size_t roots)
    : directory_(std::move(directory)), family_(std::move(family)) {
  const auto made =
      run({.argv = {"bash", NCT_ROOT_SCRIPT, programs(), directory_, family_, std::to_string(roots)}});
  if (made.status != 0) throw std::runtime_error(concat("no root: ", made.err));
  if (const auto wrong = update_ca_trust(); !wrong.empty()) throw std::runtime_error(wrong);
}

std::vector<std::string> TrustNode::hash_directories() const {
  std::vector<std::string> there;
  for (const auto& extract : layout().extracts)
    if (is_directory_form(extract) && fs::is_directory(at(extract.path))) there.push_back(extract.path);
  return there;
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
  if (family_ == "arch") return update_arch();
  if (family_ == "suse") return update_suse();
  return update_red_hat();
}

std::string TrustNode::extract_all() const {
  for (const auto& extract : layout().extracts) {
    if (!fs::is_directory(fs::path(at(extract.path)).parent_path())) continue;
    if (is_directory_form(extract) && !fs::is_directory(at(extract.path))) continue;
    const auto finished = run_extract(directory_, extract, extract.path);
    if (finished.status != 0) return concat("extract of ", extract.path, ": ", finished.err);
  }
  return {};
}

// The links that exist already go first, and come back at the end.
std::string TrustNode::update_red_hat() const {
  const auto links = at(kHashLinks);
  const bool hashed = !hash_directories().empty();
  if (hashed) {
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(links))
      if (is_hash_link(entry.path())) old.push_back(entry.path());
    for (const auto& path : old)
      fs::remove(path);
  }
  if (auto wrong = extract_all(); !wrong.empty() || !hashed) return wrong;
  for (const auto& entry : fs::directory_iterator(at(kHashedFiles)))
    if (is_hash_link(entry.path()))
      fs::create_symlink(concat(kHashedFiles, "/", fs::read_symlink(entry.path()).string()),
                         concat(links, "/", entry.path().filename().string()));
  return {};
}

// Every name of cadir leads to its file, whatever had that name; then what leads nowhere goes; and Java's
// link.
std::string TrustNode::update_arch() const {
  if (auto wrong = extract_all(); !wrong.empty()) return wrong;
  const fs::path links = at("/etc/ssl/certs");
  const auto replace = [&](const std::string& target, const fs::path& path) {
    const auto aside = links / "CuAside";
    fs::create_symlink(target, aside);
    fs::rename(aside, path);
  };
  for (const auto& entry : fs::directory_iterator(at("/etc/ca-certificates/extracted/cadir"))) {
    const auto file = fs::is_symlink(entry.path()) ? fs::read_symlink(entry.path()) : entry.path().filename();
    replace(concat("../../ca-certificates/extracted/cadir/", file.string()), links / entry.path().filename());
  }
  std::vector<fs::path> dangling;
  for (const auto& entry : fs::directory_iterator(links))
    if (fs::is_symlink(entry.path()) && !fs::exists(entry.path())) dangling.push_back(entry.path());
  for (const auto& path : dangling)
    fs::remove(path);
  replace("../../../ca-certificates/extracted/java-cacerts.jks", links / "java/cacerts");
  return {};
}

std::string TrustNode::lock() const {
  return family_ == "suse" ? at("/var/lib/ca-certificates") : std::string();
}

// Under its lock; the bundle gets a heading, unless it seems newer than the hash directory that was just
// made.
std::string TrustNode::update_suse() const {
  constexpr auto kUnwritable = static_cast<fs::perms>(0555);
  const fs::path views = lock();
  fs::permissions(views, static_cast<fs::perms>(0755));
  const Flock lock(views);
  const auto bundle = at(layout().bundle);
  for (const auto& extract : layout().extracts) {
    const bool is_bundle = extract.path == layout().bundle;
    const auto seconds = [](const fs::path& path) {
      return std::chrono::time_point_cast<std::chrono::seconds>(fs::last_write_time(path));
    };
    if (is_bundle && fs::exists(bundle) && seconds(bundle) > seconds(views / "pem")) continue;
    const auto finished = run_extract(directory_, extract, extract.path + (is_bundle ? ".tmp" : ""));
    if (finished.status != 0) return concat("extract of ", extract.path, ": ", finished.err);
    if (!is_bundle) continue;
    write_whole(bundle + ".new",
                concat("#\n# made by the tool of this root\n#\n", read_whole(bundle + ".tmp")), 0444);
    fs::remove(bundle + ".tmp");
    fs::rename(bundle + ".new", bundle);
  }
  fs::permissions(views, kUnwritable);
  return {};
}

std::string TrustNode::extract_bundle() const {
  const auto& extracts = layout().extracts;
  const auto bundle = std::ranges::find(extracts, layout().bundle, &ExtractCommand::path);
  const auto finished = run_extract(directory_, *bundle, "/tmp/bundle.pem");
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
  const auto keystore = tree.find(node.layout().keystore.substr(1));
  if (keystore != tree.end()) keystore->second.content = without_times(keystore->second.content);
  return tree;
}

}  // namespace nct::test
