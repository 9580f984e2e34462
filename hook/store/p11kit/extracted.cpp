#include "store/p11kit/extracted.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"

namespace nct {

namespace {

std::string_view name_of(Extract::Form form) {
  switch (form) {
    case Extract::Form::pem_bundle:
      return "pem-bundle";
    case Extract::Form::openssl_bundle:
      return "openssl-bundle";
    case Extract::Form::java_cacerts:
      return "java-cacerts";
    case Extract::Form::edk2_cacerts:
      return "edk2-cacerts";
    case Extract::Form::pem_directory_hash:
      return "pem-directory-hash";
    case Extract::Form::openssl_directory:
      return "openssl-directory";
  }
  return "";
}

// Reads fields of a binary file; nothing where it is too short.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::optional<std::string_view> take(std::size_t length) {
    if (rest_.size() < length) return std::nullopt;
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::optional<std::uint64_t> big_endian(std::size_t length) {
    const auto bytes = take(length);
    if (!bytes) return std::nullopt;
    std::uint64_t number = 0;
    for (const char byte : *bytes)
      number = number << 8U | static_cast<unsigned char>(byte);
    return number;
  }

  std::optional<std::uint64_t> little_endian(std::size_t length) {
    const auto bytes = take(length);
    if (!bytes) return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = length; i > 0; --i)
      number = number << 8U | static_cast<unsigned char>((*bytes)[i - 1]);
    return number;
  }

 private:
  std::string_view rest_;
};

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::in_the_way, concat("no client can load it: ", what));
}

Result<std::vector<Fingerprint>> certificates_of_keystore(std::string_view bytes) {
  constexpr std::uint64_t kMagic = 0xfeedfeed;
  constexpr std::uint64_t kVersion = 2;
  constexpr std::uint64_t kTrustedCertificate = 2;
  constexpr std::size_t kDigestBytes = 20;
  Reader reader(bytes);
  if (reader.big_endian(4) != kMagic || reader.big_endian(4) != kVersion)
    return damaged("it is no JKS keystore of version 2");
  const auto count = reader.big_endian(4);
  const auto text = [&]() -> bool {
    const auto length = reader.big_endian(2);
    return length && reader.take(*length);
  };
  std::vector<Fingerprint> certificates;
  while (count && certificates.size() < *count) {
    if (reader.big_endian(4) != kTrustedCertificate)
      return damaged("an entry of the keystore is no trusted certificate");
    if (!text() || !reader.take(8) || !text()) return damaged("the keystore ends within an entry");
    const auto length = reader.big_endian(4);
    const auto der = length ? reader.take(*length) : std::nullopt;
    if (!der) return damaged("the keystore ends within a certificate");
    certificates.push_back(sha256(*der));
  }
  if (!count || reader.left() != kDigestBytes) return damaged("the keystore does not end with its digest");
  return certificates;
}

Result<std::vector<Fingerprint>> certificates_of_signature_lists(std::string_view bytes) {
  constexpr std::size_t kGuidBytes = 16;
  // EFI_CERT_X509_GUID, as it is stored.
  constexpr std::string_view kX509 = "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72";
  constexpr std::size_t kHeaderBytes = kGuidBytes + 3 * sizeof(std::uint32_t);
  Reader reader(bytes);
  std::vector<Fingerprint> certificates;
  while (reader.left() != 0) {
    const auto type = reader.take(kGuidBytes);
    const auto list_bytes = reader.little_endian(4);
    const auto header_bytes = reader.little_endian(4);
    const auto signature_bytes = reader.little_endian(4);
    if (!signature_bytes) return damaged("it ends within the header of a signature list");
    if (type != kX509) return damaged("a signature list is not one of X.509 certificates");
    if (*header_bytes != 0 || *signature_bytes <= kGuidBytes ||
        *list_bytes != kHeaderBytes + *signature_bytes)
      return damaged("the sizes of a signature list do not fit together");
    const auto owner = reader.take(kGuidBytes);
    const auto der = owner ? reader.take(*signature_bytes - kGuidBytes) : std::nullopt;
    if (!der) return damaged("it ends within a certificate");
    certificates.push_back(sha256(*der));
  }
  return certificates;
}

}  // namespace

std::vector<std::string> arguments_of(const Extract& extract, std::string path) {
  std::vector<std::string> arguments{
      "extract", concat("--format=", name_of(extract.form)),
      extract.form == Extract::Form::openssl_bundle ? "--filter=certificates" : "--filter=ca-anchors",
      "--overwrite"};
  if (extract.comment) arguments.emplace_back("--comment");
  if (!extract.purpose.empty()) arguments.push_back(concat("--purpose=", extract.purpose));
  arguments.push_back(std::move(path));
  return arguments;
}

std::string_view heading_of(std::string_view bundle) {
  std::size_t end = 0;
  while (end < bundle.size() && bundle[end] == '#') {
    const auto line_end = bundle.find('\n', end);
    if (line_end == std::string_view::npos) break;
    end = line_end + 1;
  }
  return bundle.substr(0, end);
}

Result<std::vector<Fingerprint>> certificates_of(Extract::Form form, std::string_view bytes,
                                                 const FingerprintSet& known) {
  switch (form) {
    case Extract::Form::pem_bundle:
    case Extract::Form::openssl_bundle:
      return load_bundle(bytes, known);
    case Extract::Form::java_cacerts:
      return certificates_of_keystore(bytes);
    case Extract::Form::edk2_cacerts:
      return certificates_of_signature_lists(bytes);
    case Extract::Form::pem_directory_hash:
    case Extract::Form::openssl_directory:
      break;
  }
  return fail(Errc::bug, "a directory is not one file");
}

}  // namespace nct
