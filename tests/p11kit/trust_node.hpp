// A small root of one of p11-kit's families, with a trust(1) that runs there (root.sh).
#pragma once

#include "support/process.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nct::test {

// Red Hat's.
constexpr const char* kTrustAnchors = "/etc/pki/ca-trust/source/anchors";
constexpr const char* kHashedFiles = "/etc/pki/ca-trust/extracted/pem/directory-hash";
constexpr const char* kHashLinks = "/etc/pki/tls/certs";

// What trust(1) makes, and where a family keeps it.
struct ExtractCommand {
  std::string format;
  std::string filter;
  std::string purpose;  // empty for all
  bool comment = false;
  std::string path;
};

struct TrustLayout {
  std::string source;    // with anchors/ and blocklist/
  std::string bundle;    // for TLS servers,
  std::string mail;      // and for e-mail; empty where there is none
  std::string keystore;  // Java's
  std::string links;     // the directory that has the hash directory's links, too; empty where there is none
  std::vector<ExtractCommand> extracts;

  [[nodiscard]] std::string anchors() const { return source + "/anchors"; }
  [[nodiscard]] std::string blocklist() const { return source + "/blocklist"; }
};

const TrustLayout& layout_of(const std::string& family);

// An exclusive flock(2) on a file or directory, waited for.
class Flock {
 public:
  explicit Flock(const std::string& path);
  Flock(const Flock&) = delete;
  Flock& operator=(const Flock&) = delete;
  ~Flock();

 private:
  int file_;
};

class TrustNode {
 public:
  // Of `family`, with the first `roots` of the distribution's, and as its update-ca-trust leaves it. The
  // programs are those of the suite NCT_SUITE.
  TrustNode(std::string directory, std::string family, std::size_t roots);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] const std::string& family() const { return family_; }
  [[nodiscard]] const TrustLayout& layout() const { return layout_of(family_); }

  // The path of something on it, from outside.
  [[nodiscard]] std::string at(const std::string& path) const { return directory_ + path; }

  // Paths of the hash directories that are there.
  [[nodiscard]] std::vector<std::string> hash_directories() const;

  // A copy of it.
  [[nodiscard]] TrustNode copy(const std::string& directory) const;

  // Of a family whose tool takes a lock, the directory that it takes it on, from outside; else empty.
  [[nodiscard]] std::string lock() const;

  // What the family's own tool does, one command after the other. What failed, in words.
  [[nodiscard]] std::string update_ca_trust() const;

  // Whether a view of it was made in memory only: runs one extract of the bundle for servers, and returns it.
  [[nodiscard]] std::string extract_bundle() const;

  // Runs the product on it.
  [[nodiscard]] Finished run_product(const std::string& command,
                                     const std::vector<std::string>& arguments = {}) const;

 private:
  TrustNode() = default;

  [[nodiscard]] std::string extract_all() const;
  [[nodiscard]] std::string update_red_hat() const;
  [[nodiscard]] std::string update_arch() const;
  [[nodiscard]] std::string update_suse() const;

  std::string directory_;
  std::string family_;
};

}  // namespace nct::test
