#include "distro/in_store.hpp"

#include "support/process.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

const std::string kStore = "/etc/ssl/certs/";
const std::string kShipped = "/usr/share/ca-certificates/";
const std::string kMozilla = "/usr/share/ca-certificates/mozilla/";

// Names in byte order, as globs and ls(1) give them with LC_ALL=C: without those that begin with a dot.
std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    if (const auto name = entry.path().filename().string(); !name.starts_with('.')) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

bool is_dangling(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_symlink() && !fs::exists(entry.path(), error);
}

// find -L DIRECTORY -type l -delete
void delete_dangling(const std::string& directory) {
  std::vector<fs::path> dangling;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (is_dangling(entry)) dangling.push_back(entry.path());
  for (const auto& path : dangling)
    fs::remove(path);
}

void photon_tool(const std::string& bundle) {
  (void)run({.argv = {"openssl", "rehash", kStore}});  // the script says so where it fails, and goes on
  delete_dangling(kStore);
  std::string all;
  for (const auto& name : names_in(kStore))
    if (name.ends_with(".pem")) all += read_whole(kStore + name);
  write_whole(bundle, all);
}

// "[[:xdigit:]]{8}\.r?[[:digit:]]+"
bool is_hash_name(const std::string& name) {
  if (name.size() < 10 || name[8] != '.') return false;
  const auto is_xdigit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto number = name.substr(name[9] == 'r' ? 10 : 9);
  return std::all_of(name.begin(), name.begin() + 8, is_xdigit) && !number.empty() &&
         std::ranges::all_of(number, is_digit);
}

// What openssl(1) says of a file: of its first certificate. Nothing where the script finds none in it.
std::optional<TestCa> first_certificate(const std::string& path) {
  if (!fs::is_regular_file(path)) return std::nullopt;
  const auto text = read_whole(path);
  const auto begin = text.find("-----BEGIN CERTIFICATE-----");
  if (begin == std::string::npos || (begin != 0 && text[begin - 1] != '\n')) return std::nullopt;
  static std::map<std::string, TestCa> known;
  const auto block = text.substr(begin, text.find("-----END CERTIFICATE-----", begin) + 25 - begin) + "\n";
  auto found = known.find(block);
  if (found == known.end()) found = known.emplace(block, read_ca(block)).first;
  return found->second;
}

void c_rehash() {
  for (const auto& name : names_in(kStore))
    if (is_hash_name(name) && fs::is_symlink(kStore + name)) fs::remove(kStore + name);
  for (const auto& name : names_in(kStore)) {
    const auto extension = fs::path(name).extension();
    const std::set<std::string> extensions{".pem", ".cer", ".crt", ".crl"};
    if (!extensions.contains(extension) || name.contains(' ')) continue;  // it does not quote names
    const auto certificate = first_certificate(kStore + name);
    if (!certificate) continue;
    for (unsigned number = 0;; ++number) {
      const auto link = concat(kStore, certificate->subject_hash_hex, ".", std::to_string(number));
      const auto there = first_certificate(link);
      if (there && there->fingerprint_hex == certificate->fingerprint_hex) break;
      if (fs::is_regular_file(link)) continue;
      fs::create_symlink(name, link);
      break;
    }
  }
}

void flatcar_bundle(const std::string& bundle) {
  if (fs::exists(bundle) && fs::last_write_time(kStore) <= fs::last_write_time(bundle)) return;
  std::string all;
  for (const auto& name : names_in(kStore)) {
    if (name.size() < 2 || name[name.size() - 2] != '.' || std::isdigit(name.back()) == 0) continue;
    all += read_whole(kStore + name);  // throws where it dangles, as sed(1) fails
    if (!all.empty() && all.back() != '\n') all += '\n';
  }
  write_whole(bundle + ".0123456789", all);
  fs::rename(bundle + ".0123456789", bundle);
  fs::last_write_time(bundle, fs::last_write_time(kStore));
}

void empty(const std::string& directory) {
  fs::create_directories(directory);
  for (const auto& entry : fs::directory_iterator(directory))
    fs::remove_all(entry.path());
}

}  // namespace

void ship(const InStoreSystem& system, const std::string& name, const TestCa& root) {
  if (!system.is_flatcar()) {
    write_whole(concat(kStore, root.subject_hash_hex, ".pem"), root.pem);
    return;
  }
  write_whole(concat(kShipped, name, ".pem"), root.pem);
  std::error_code there;
  fs::create_symlink(name + ".pem", concat(kShipped, root.subject_hash_hex, ".0"), there);
}

InStoreSystem::InStoreSystem(std::string name)
    : name_(std::move(name)),
      bundle_(is_flatcar() ? "/etc/ssl/certs/ca-certificates.crt" : "/etc/pki/tls/certs/ca-bundle.crt") {
  fs::remove("/etc/os-release");
  write_whole("/etc/os-release",
              is_flatcar() ? "ID=flatcar\nID_LIKE=coreos\n" : "ID=photon\nVERSION_ID=5.0\n");
  empty(kStore);
  fs::create_directories("/etc/pki/tls/certs");
  // The first by hash, two whose subjects others share (admin.cpp), and some more.
  std::size_t others = 0;
  for (const auto& file : names_in(kMozilla)) {
    const bool needed = file.starts_with("GlobalSign_Root_R46") || file.starts_with("ISRG_Root_X1") ||
                        file.starts_with("vTrus_Root_CA");
    if (needed || ++others % 8 == 0)
      ship(*this, fs::path(file).stem().string(), read_ca(read_whole(kMozilla + file)));
  }
  if (!is_flatcar()) {
    tool();
    return;
  }
  std::string all;
  for (const auto& file : names_in(kShipped))
    if (file.ends_with(".pem")) all += read_whole(kShipped + file);
  write_whole(kShipped + "ca-certificates.crt", all);
  boot();
}

void InStoreSystem::tool(bool rehash) const {
  if (!is_flatcar()) return photon_tool(bundle_);
  if (rehash) c_rehash();
  flatcar_bundle(bundle_);
}

void InStoreSystem::boot() const {
  for (const auto& name : names_in(kShipped)) {
    std::error_code there;
    if (fs::is_directory(kShipped + name)) continue;
    fs::create_symlink(concat("../../../usr/share/ca-certificates/", name), kStore + name, there);
  }
  delete_dangling(kStore);
  if (!fs::is_symlink(bundle_)) tool(false);
}

Tree InStoreSystem::derived() const {
  Tree all;
  for (const char* place : {"/etc/ssl", "/etc/pki"})
    for (auto& [path, node] : tree_of(place))
      all.emplace(concat(place, "/", path), node);
  return all;
}

bool InStoreSystem::is_foremost(const TestCa& ca) const {
  if (!is_flatcar()) return false;
  for (const auto& name : names_in(kStore))
    if (is_hash_name(name)) return ca.subject_hash_hex <= name.substr(0, 8);
  return true;
}

}  // namespace nct::test
