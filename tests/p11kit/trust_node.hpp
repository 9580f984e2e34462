// A small root of one of p11-kit's families, with a trust(1) that runs there (root.sh).
#pragma once

#include "support/process.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nct::test {

constexpr const char* kTrustAnchors = "/etc/pki/ca-trust/source/anchors";
constexpr const char* kExtractedFiles = "/etc/pki/ca-trust/extracted";
constexpr const char* kHashedFiles = "/etc/pki/ca-trust/extracted/pem/directory-hash";
constexpr const char* kHashLinks = "/etc/pki/tls/certs";

class TrustNode {
 public:
  // Of `family`, with the first `roots` of the distribution's, and as its update-ca-trust leaves it. The
  // programs are those of the suite NCT_SUITE.
  TrustNode(std::string directory, std::string family, std::size_t roots);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] const std::string& family() const { return family_; }
  [[nodiscard]] bool has_hash_directory() const;

  // A copy of it.
  [[nodiscard]] TrustNode copy(const std::string& directory) const;

  // The commands of the family's update-ca-trust(8), one after the other. What failed, in words.
  [[nodiscard]] std::string update_ca_trust() const;

  // Whether a view of it was made in memory only: runs one extract of the bundle for servers, and returns it.
  [[nodiscard]] std::string extract_bundle() const;

  // Runs the product on it.
  [[nodiscard]] Finished run_product(const std::string& command,
                                     const std::vector<std::string>& arguments = {}) const;

 private:
  TrustNode() = default;

  std::string directory_;
  std::string family_;
};

}  // namespace nct::test
