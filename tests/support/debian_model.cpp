#include "support/debian_model.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>
#include <set>
#include <stdexcept>
#include <strings.h>
#include <sys/stat.h>
#include <unordered_map>

#include "base/handle.hpp"
#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBundle = "ca-certificates.crt";
constexpr const char* kNewBundle = "ca-certificates.crt.new";

// A file as openssl-rehash(1) sees it.
struct Parsed {
  enum class Kind : std::uint8_t { nothing, several, certificate, crl, key };
  Kind kind = Kind::nothing;
  std::uint32_t hash = 0;
  std::string digest;
};

void free_infos(STACK_OF(X509_INFO) * infos) {
  sk_X509_INFO_pop_free(infos, X509_INFO_free);
}

Parsed parse(const std::string& bytes) {
  const Handle<BIO, BIO_free_all> bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  const Handle<STACK_OF(X509_INFO), free_infos> infos(
      PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!infos) return {};
  if (sk_X509_INFO_num(infos.get()) != 1) return {Parsed::Kind::several, 0, {}};
  const X509_INFO* info = sk_X509_INFO_value(infos.get(), 0);
  if (info->x509 == nullptr && info->crl == nullptr) return {Parsed::Kind::key, 0, {}};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const X509_NAME* name = nullptr;
  if (info->x509 != nullptr) {
    name = X509_get_subject_name(info->x509);
    X509_digest(info->x509, EVP_sha1(), digest.data(), &size);
  } else {
    name = X509_CRL_get_issuer(info->crl);
    X509_CRL_digest(info->crl, EVP_sha1(), digest.data(), &size);
  }
  return {info->x509 != nullptr ? Parsed::Kind::certificate : Parsed::Kind::crl,
          static_cast<std::uint32_t>(X509_NAME_hash_ex(name, nullptr, nullptr, nullptr)),
          std::string(digest.begin(), digest.begin() + size)};
}

// Remembered by digest: the bundles of a long test would fill the memory.
const Parsed& parsed(const std::string& bytes) {
  static std::unordered_map<std::string, Parsed> known;
  std::array<unsigned char, 32> digest{};
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(), nullptr) != 1)
    throw std::runtime_error("model: no SHA-256");
  const auto [found, is_new] = known.try_emplace(std::string(digest.begin(), digest.end()));
  if (is_new) found->second = parse(bytes);
  return found->second;
}

// The directory /etc/ssl/certs as a value; its links may lead out of it to files which nobody changes here.
struct Directory {
  std::string path;
  Tree tree;

  // What the path leads to in the end, a file with its bytes; nothing where it leads nowhere.
  [[nodiscard]] std::optional<TreeNode> target(const std::string& relative, int depth = 0) const {
    const auto found = tree.find(relative);
    if (found == tree.end() || depth > 40) return std::nullopt;
    if (found->second.kind != NodeKind::link) return found->second;
    const fs::path absolute = (fs::path(path) / relative).parent_path() / found->second.content;
    const std::string normal = absolute.lexically_normal();
    if (normal.starts_with(path + "/")) return target(normal.substr(path.size() + 1), depth + 1);
    struct stat status{};
    if (::stat(absolute.c_str(), &status) != 0) return std::nullopt;
    if (S_ISREG(status.st_mode)) return TreeNode{NodeKind::file, 0, read_whole(absolute)};
    return TreeNode{S_ISDIR(status.st_mode) ? NodeKind::directory : NodeKind::other, 0, {}};
  }

  [[nodiscard]] bool is_link(const std::string& relative) const {
    const auto found = tree.find(relative);
    return found != tree.end() && found->second.kind == NodeKind::link;
  }

  void link(const std::string& relative, const std::string& to) { tree[relative] = {NodeKind::link, 0, to}; }

  template <class Condition>
  void remove_links(Condition condition) {
    std::vector<std::string> doomed;
    for (const auto& [relative, node] : tree)
      if (node.kind == NodeKind::link && condition(relative, node.content)) doomed.push_back(relative);
    for (const auto& relative : doomed)
      tree.erase(relative);
  }
};

// openssl-rehash(1) of `directory`: apps/rehash.c, do_dir() and what it calls.
class Rehash {
 public:
  explicit Rehash(Directory& directory) : directory_(directory) {}

  int run() {
    std::vector<std::string> names;
    for (const auto& [relative, node] : directory_.tree)
      if (relative != "." && !relative.contains('/')) names.push_back(relative);
    std::ranges::sort(names);
    for (const auto& name : names)
      if (!note_link(name)) note_file(name);
    for (auto& [key, bucket] : buckets_)
      relink(key, bucket);
    return errors_ == 0 ? 0 : 1;
  }

  [[nodiscard]] bool numbers_by_chance() const { return numbers_by_chance_; }

 private:
  static constexpr std::uint16_t kNoId = 0xFFFF;

  struct Item {
    std::string name;
    std::uint16_t old_id = kNoId;
    bool needed = false;
    std::string digest{};
  };
  struct Bucket {
    std::vector<Item> items{};
    unsigned needed = 0;
  };
  using Key = std::pair<std::uint32_t, bool>;  // hash, and whether it is of CRLs

  // HHHHHHHH.N and HHHHHHHH.rN, if they are links.
  bool note_link(const std::string& name) {
    if (!directory_.is_link(name) || name.size() < 9 || name[8] != '.') return false;
    const auto is_hex = [](char c) { return std::string_view("0123456789abcdefABCDEF").contains(c); };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(name.substr(0, 8), is_hex)) return false;
    const bool crl = name.size() > 9 && (name[9] == 'r' || name[9] == 'R');
    const std::string digits = name.substr(crl ? 10 : 9);
    if (!std::ranges::all_of(digits, is_digit)) return false;
    const auto id = digits.empty() ? 0 : std::stoul(digits);
    const auto hash = static_cast<std::uint32_t>(std::stoul(name.substr(0, 8), nullptr, 16));
    note({hash, crl}, {.name = directory_.tree[name].content, .old_id = static_cast<std::uint16_t>(id)});
    return true;
  }

  void note_file(const std::string& name) {
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return;
    const std::string extension = name.substr(dot + 1);
    if (std::ranges::none_of(std::array{"pem", "crt", "cer", "crl"},
                             [&](const char* known) { return ::strcasecmp(known, extension.c_str()) == 0; }))
      return;
    const auto file = directory_.target(name);
    if (!file) {
      ++errors_;
      return;
    }
    const auto& held = parsed(file->content);
    if (held.kind == Parsed::Kind::key) ++errors_;
    if (held.kind == Parsed::Kind::certificate || held.kind == Parsed::Kind::crl)
      note({held.hash, held.kind == Parsed::Kind::crl},
           {.name = name, .needed = true, .digest = held.digest});
  }

  void note(const Key& key, const Item& noted) {
    auto& bucket = buckets_[key];
    if (noted.needed && std::ranges::find(bucket.items, noted.digest, &Item::digest) != bucket.items.end())
      return;
    for (auto& item : bucket.items) {
      if (item.name != noted.name) continue;
      item.old_id = std::min(item.old_id, noted.old_id);
      if (noted.needed && !item.needed) {
        item.needed = true;
        item.digest = noted.digest;
        ++bucket.needed;
      }
      return;
    }
    bucket.items.push_back(noted);
    if (noted.needed) ++bucket.needed;
  }

  void relink(const Key& key, Bucket& bucket) {
    std::set<std::size_t> taken;
    for (const auto& item : bucket.items)
      if (item.old_id < bucket.needed) taken.insert(item.old_id);
    const auto link_name = [&key](std::size_t id) {
      std::string hex;
      for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        const char octet = static_cast<char>(key.first >> shift & 0xFFU);
        hex += hex_of({&octet, 1});
      }
      return concat(hex, key.second ? ".r" : ".", std::to_string(id));
    };
    for (const auto& item : bucket.items) {
      if (item.old_id < bucket.needed) continue;
      if (item.needed) {
        std::size_t free = 0;
        while (!taken.insert(free).second)
          ++free;
        numbers_by_chance_ |= free >= (bucket.needed + 7) / 8 * 8;
        directory_.link(link_name(free), item.name);
      } else {
        directory_.tree.erase(link_name(item.old_id));
      }
    }
  }

  Directory& directory_;
  std::map<Key, Bucket> buckets_;
  int errors_ = 0;
  bool numbers_by_chance_ = false;
};

// The lines that the shell's `sed ... | while read line` loop is run for: not one that has no line feed.
std::vector<std::string> conf_lines(const std::string& conf) {
  if (!fs::exists(conf)) return {};
  const std::string text = read_whole(conf);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == std::string::npos) break;
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// As `read` hands a line over.
std::string without_outer_blanks(const std::string& line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

// basename(1) with the suffix .crt.
std::string base_name(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.ends_with(".crt") && name != ".crt" ? name.substr(0, name.size() - 4) : name;
}

std::string link_name(const std::string& certificate) {
  std::string name = base_name(certificate);
  for (auto& c : name) {
    if (c == ' ' || c == ',') c = '_';
    if (c == '(' || c == ')') c = '=';
  }
  return name + ".pem";
}

// find -L DIRECTORY -type f -name '*.crt'
void find_certificates(const std::string& directory, std::vector<fs::path>& ancestors,
                       std::vector<std::string>& found) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::error_code ignored;
    const auto kind = fs::status(entry.path(), ignored).type();
    const std::string path = concat(directory, "/", entry.path().filename().string());
    if (kind == fs::file_type::regular && path.ends_with(".crt")) found.push_back(path);
    if (kind != fs::file_type::directory) continue;
    const auto canonical = fs::canonical(entry.path());
    if (std::ranges::find(ancestors, canonical) != ancestors.end()) continue;
    ancestors.push_back(canonical);
    find_certificates(path, ancestors, found);
    ancestors.pop_back();
  }
}

std::vector<std::string> local_certificates(const std::string& local) {
  std::vector<std::string> found;
  if (!fs::is_directory(local)) return found;
  std::vector<fs::path> ancestors{fs::canonical(local)};
  find_certificates(local, ancestors, found);
  std::ranges::sort(found);
  return found;
}

}  // namespace

std::vector<std::string> selected_certificates(const DebianPaths& paths) {
  std::vector<std::string> selected;
  for (const auto& line : conf_lines(paths.conf)) {
    if (line.empty() || line.starts_with('#') || line.starts_with('!')) continue;
    auto certificate = concat(paths.shared, "/", without_outer_blanks(line));
    if (fs::is_regular_file(certificate)) selected.push_back(std::move(certificate));
  }
  return selected;
}

DebianRun predict_update(const DebianPaths& paths, bool fresh) {
  DebianRun run;
  Directory directory{paths.certs, tree_of(paths.certs)};
  auto& tree = directory.tree;
  const auto leads_nowhere = [&](const std::string& relative, const std::string&) {
    return !directory.target(relative);
  };

  if (!fs::exists(paths.conf) || fs::file_size(paths.conf) == 0) fresh = true;
  if (fresh) {
    directory.remove_links([&](const std::string&, const std::string& target) {
      return target.starts_with(paths.shared) || target.starts_with(paths.local);
    });
    directory.remove_links([&](const std::string& relative, const std::string&) {
      const auto target = directory.target(relative);
      return !target || target->kind != NodeKind::file;
    });
  }

  std::optional<std::string> bundle;  // a killed run's leftover is appended to
  if (const auto leftover = tree.find(kNewBundle); leftover != tree.end()) bundle = leftover->second.content;
  const auto add = [&](const std::string& certificate) {
    const std::string name = link_name(certificate);
    if (!directory.target(name) || !directory.is_link(name) || tree[name].content != certificate) {
      directory.link(name, certificate);
      run.added.push_back(concat(paths.certs, "/", name));
    }
    std::string bytes = read_whole(certificate);
    if (!bytes.empty() && !bytes.ends_with('\n')) bytes += '\n';
    bundle = bundle.value_or("") + bytes;
  };

  const auto lines = conf_lines(paths.conf);
  for (const auto& line : lines) {
    if (!line.starts_with('!')) continue;
    const std::string name =
        base_name(concat(paths.shared, "/", without_outer_blanks(line.substr(1)))) + ".pem";
    if (!directory.is_link(name)) continue;
    tree.erase(name);
    run.removed.push_back(concat(paths.certs, "/", name));
  }
  for (const auto& certificate : selected_certificates(paths))
    add(certificate);
  for (const auto& certificate : local_certificates(paths.local))
    add(certificate);

  if (!run.added.empty() || !run.removed.empty()) {
    directory.remove_links(leads_nowhere);
    Rehash rehash(directory);
    run.status = rehash.run();
    run.numbers_by_chance = rehash.numbers_by_chance();
  }
  tree.erase(kNewBundle);
  if (run.status == 0 && bundle) tree[kBundle] = {NodeKind::file, 0644, *bundle};
  run.certs = tree;
  return run;
}

std::vector<std::string> update_command(const DebianPaths& paths, bool fresh) {
  std::vector<std::string> command{"update-ca-certificates"};
  const auto add = [&command](const char* option, const std::string& value) {
    command.insert(command.end(), {option, value});
  };
  add("--certsconf", paths.conf);
  add("--certsdir", paths.shared);
  add("--localcertsdir", paths.local);
  add("--etccertsdir", paths.certs);
  add("--hooksdir", paths.hooks);
  if (fresh) command.emplace_back("-f");
  return command;
}

}  // namespace nct::test
