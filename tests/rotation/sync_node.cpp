#include "rotation/sync_node.hpp"

#include "support/debian_node.hpp"
#include "support/store_view.hpp"
#include "support/tree.hpp"

#include <stdexcept>
#include <sys/stat.h>

#include "base/text.hpp"

namespace nct::test {

namespace fs = std::filesystem;

const std::vector<TestCa>& sync_cas() {
  static const std::vector<TestCa> made = [] {
    std::vector<TestCa> cas;
    for (const char name : std::string_view("ABCDEFGH"))
      cas.push_back(make_ca({.common_name = concat("Rotated ", std::string(1, name))}));
    return cas;
  }();
  return made;
}

SyncNode::SyncNode(const SyncTimes& times) {
  ::umask(022);
  fs::create_directory(root());
  nct::test::put(debian_node(), root());
  fs::create_directories(certs());
  fs::create_directories(root() / "etc/node-ca-trust");
  fs::create_directories(outside());
  auto opened = open_root(root());
  if (!opened) throw std::runtime_error(opened.error().message);
  fs_ = *std::move(opened);
  configure(times);
}

void SyncNode::configure(const SyncTimes& times) const {
  write_whole(root() / "etc/node-ca-trust/config.toml",
              concat(times.more, "\n[rotation]\nsettle_ms = ", std::to_string(times.settle),
                     "\nremoval_grace_ms = ", std::to_string(times.removal_grace), "\nempty_grace_ms = ",
                     std::to_string(times.empty_grace), "\n[store]\nreader_grace_ms = 1\n"));
}

void SyncNode::put(const std::string& name, std::string_view bytes) const {
  write_whole(certs() / name, bytes);
}

Finished SyncNode::command(const std::vector<std::string>& words) const {
  Command command{.argv = {NCT_BINARY}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.argv.insert(command.argv.end(), {"--root", root()});
  return run(command);
}

std::vector<std::string> SyncNode::rotation_command() const {
  return {NCT_BINARY, "rotate", "--root", root(), "--format", "json"};
}

Finished SyncNode::rotate(const std::vector<std::string>& more, int seconds) const {
  Command command{.argv = {"timeout", "--signal=KILL", std::to_string(seconds)}};
  for (const auto& words : {rotation_command(), more})
    command.argv.insert(command.argv.end(), words.begin(), words.end());
  return run(command);
}

std::string SyncNode::trusted(const std::vector<TestCa>& cas) const {
  const auto view = view_of(*fs_);
  std::string out;
  Fingerprints known;
  for (const auto& root : distro_roots())
    known.insert(root.ca.fingerprint_hex);
  for (std::size_t i = 0; i < cas.size(); ++i) {
    const bool in_bundle = view.bundle.contains(cas[i].fingerprint_hex);
    const bool hashed = view.hashed.contains(cas[i].fingerprint_hex);
    known.insert(cas[i].fingerprint_hex);
    const char letter = static_cast<char>('A' + i);
    if (in_bundle && hashed)
      out += letter;
    else if (in_bundle || hashed)
      out += concat(" ", std::string(1, letter), in_bundle ? " only in the bundle" : " only hashed");
  }
  for (const auto& each : view.bundle)
    if (!known.contains(each)) out += "?";
  for (const auto& fault : view.faults)
    out += concat(" ", fault);
  return out;
}

std::string SyncNode::missed(const TestCa& ca) const {
  return missed_by_readers(*fs_, ca);
}

std::string missed_by_readers(Fs& fs, const TestCa& ca) {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  const auto bundle = fs.read_file("/etc/ssl/certs/ca-certificates.crt", kMost);
  if (!bundle) return bundle.error().message;
  if (!bundle->contains(ca.pem)) return concat("the bundle misses ", ca.subject);
  for (int number = 0;; ++number) {
    const auto link = concat("/etc/ssl/certs/", ca.subject_hash_hex, ".", std::to_string(number));
    const auto file = fs.read_file(link, kMost);
    if (!file) return concat("the hash directory misses ", ca.subject, ": ", file.error().message);
    if (file->contains(ca.pem)) return {};
  }
}

}  // namespace nct::test
