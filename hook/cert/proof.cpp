#include "cert/proof.hpp"

#include <algorithm>
#include <openssl/err.h>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/clients.hpp"
#include "cert/libcrypto.hpp"
#include "cert/read.hpp"
#include "cert/sha256.hpp"
#include "cert/tls_chain.hpp"
#include "intake/der.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

void free_infos(STACK_OF(X509_INFO) * infos) {
  sk_X509_INFO_pop_free(infos, X509_INFO_free);
}
using InfosHandle = Handle<STACK_OF(X509_INFO), free_infos>;

// What X509_load_cert_crl_file(3) and openssl-rehash(1) read a file with.
InfosHandle read_infos(std::string_view bytes) {
  ERR_clear_error();
  const auto bio = memory_bio(bytes);
  // A private key that cannot be decoded spoils a file; a certificate's public key does not.
  auto* const context = bytes.contains("PRIVATE KEY") ? nullptr : keyless_context();
  return InfosHandle(
      bio ? PEM_X509_INFO_read_bio_ex(bio.get(), nullptr, nullptr, no_pass_phrase(), context, nullptr)
          : nullptr);
}

std::uint32_t name_hash(const X509_NAME* name) {
  return static_cast<std::uint32_t>(X509_NAME_hash_ex(name, nullptr, nullptr, nullptr));
}

Fingerprint fingerprint_of(const X509_CRL& crl) {
  unsigned char* raw = nullptr;
  const int length = i2d_X509_CRL(&crl, &raw);
  const auto fingerprint =
      sha256({reinterpret_cast<const char*>(raw), static_cast<std::size_t>(std::max(0, length))});
  OPENSSL_free(raw);
  return fingerprint;
}

// One block, as PEM_read_bio(3) hands it out.
struct Block {
  Handle<char, [](char* pointer) { OPENSSL_free(pointer); }> label;
  Handle<unsigned char, [](unsigned char* pointer) { OPENSSL_free(pointer); }> bytes;
  std::size_t size = 0;
};

std::optional<Block> next_block(BIO& bio) {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  ERR_clear_error();
  if (PEM_read_bio(&bio, &label, &header, &bytes, &size) != 1) return std::nullopt;
  OPENSSL_free(header);
  Block block;
  block.label.reset(label);
  block.bytes.reset(bytes);
  block.size = static_cast<std::size_t>(size);
  return block;
}

bool at_clean_end() {
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

std::size_t lines_read(std::string_view text, BIO& bio) {
  const auto unread = static_cast<std::size_t>(BIO_pending(&bio));
  const auto read = text.substr(0, text.size() - std::min(unread, text.size()));
  return static_cast<std::size_t>(std::count(read.begin(), read.end(), '\n'));
}

// The certificate of one block, unless it is in `met`; and puts it there.
std::optional<BundledCertificate> certificate_in(std::string_view block, FingerprintSet& met) {
  const auto bytes = first_block(block, PEM_STRING_X509_TRUSTED);
  ERR_clear_error();
  if (!bytes || met.contains(sha256(*bytes))) return std::nullopt;
  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes->data());
  const X509Handle x509(d2i_X509(nullptr, &cursor, static_cast<long>(bytes->size())));
  if (!x509) {
    ERR_clear_error();
    return std::nullopt;
  }
  auto certificate = parse_certificate(der_of(*x509));  // without trust data, or what else stands behind it
  if (!certificate || !met.insert(certificate->fingerprint).second) return std::nullopt;
  cursor = reinterpret_cast<const unsigned char*>(bytes->data());
  const X509Handle with_trust(d2i_X509_AUX(nullptr, &cursor, static_cast<long>(bytes->size())));
  const bool rejected = with_trust && X509_get0_reject_objects(with_trust.get()) != nullptr;
  ERR_clear_error();
  return BundledCertificate{.certificate = *std::move(certificate), .rejected = rejected};
}

// Whether these are a certificate, and behind it what d2i_X509_AUX(3) reads there, if anything.
bool is_followed_by_trust(std::string_view bytes) {
  const auto certificate = der_element(bytes);
  if (!certificate) return false;
  const auto rest = bytes.substr(certificate->bytes.size());
  if (rest.empty()) return true;
  const auto* cursor = reinterpret_cast<const unsigned char*>(rest.data());
  const auto* const end = cursor + rest.size();
  const Handle<X509_CERT_AUX, X509_CERT_AUX_free> trust(
      d2i_X509_CERT_AUX(nullptr, &cursor, static_cast<long>(rest.size())));
  ERR_clear_error();
  return trust && cursor == end;
}

X509Handle parse(std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  X509* certificate = X509_new_ex(keyless_context(), nullptr);
  return X509Handle(
      d2i_X509(&certificate, &cursor, static_cast<long>(der.size())));  // which frees it on failure
}

}  // namespace

StoreFile inspect_store_file(std::string_view bytes) {
  StoreFile file;
  file.private_key = holds_private_key(bytes);
  const auto infos = read_infos(bytes);
  if (!infos) {
    file.failure = drain_libcrypto_errors();
    return file;
  }
  ERR_clear_error();
  const int count = sk_X509_INFO_num(infos.get());
  file.only_key = count == 1;
  for (int i = 0; i < count; ++i) {
    const X509_INFO* info = sk_X509_INFO_value(infos.get(), i);
    if (info->x509 == nullptr && info->crl == nullptr) continue;
    file.only_key = false;
    if (info->x509 != nullptr) {
      const auto der = der_of(*info->x509);
      file.certificates.push_back(sha256(der));
      if (file.breaks.empty()) file.breaks = words_of(broken_clients(profile_of(der)));
      if (count != 1) {
        file.name_hashes.push_back(name_hash(X509_get_subject_name(info->x509)));
        continue;
      }
      file.kind = StoreFile::Kind::certificate;
      file.name_hash = name_hash(X509_get_subject_name(info->x509));
    } else if (count == 1) {
      file.kind = StoreFile::Kind::crl;
      file.name_hash = name_hash(X509_CRL_get_issuer(info->crl));
      file.certificates.push_back(fingerprint_of(*info->crl));
    }
  }
  return file;
}

const StoreFile& facts_of(Record& record, const Fingerprint& digest, std::string_view bytes) {
  const auto known = record.files.find(digest);
  if (known != record.files.end()) return known->second;
  return record.files.emplace(digest, inspect_store_file(bytes)).first->second;
}

Result<std::vector<Fingerprint>> load_bundle(std::string_view bundle, const FingerprintSet& parsed) {
  const auto bio = memory_bio(bundle);
  if (!bio) return fail(Errc::bug, "libcrypto has no memory for the bundle");
  std::vector<Fingerprint> certificates;
  bool others = false;
  while (const auto block = next_block(*bio)) {
    const std::string_view label = block->label.get();
    std::string_view der(reinterpret_cast<const char*>(block->bytes.get()), block->size);
    if (label == PEM_STRING_X509_TRUSTED && is_followed_by_trust(der)) {
      der = der_element(der)->bytes;
    } else if (label != PEM_STRING_X509 && label != PEM_STRING_X509_OLD) {
      others = true;
      break;
    }
    const auto fingerprint = sha256(der);
    if (!parsed.contains(fingerprint)) {
      const auto x509 = parse(der);
      if (!x509)
        return fail(
            Errc::in_the_way,
            concat("no client can load the bundle: the certificate that ends at line ",
                   std::to_string(lines_read(bundle, *bio)), " is not one: ", drain_libcrypto_errors()));
      // A client's fingerprint is of the certificate, not of bytes that may stand behind it in the block.
      certificates.push_back(sha256(der_of(*x509)));
    } else {
      certificates.push_back(fingerprint);
    }
  }
  if (others) {
    // Lists and keys between certificates: rare enough to let libcrypto read everything.
    auto file = inspect_store_file(bundle);
    if (!file.failure.empty())
      return fail(Errc::in_the_way, concat("no client can load the bundle: ", file.failure));
    return std::move(file.certificates);
  }
  if (!at_clean_end())
    return fail(Errc::in_the_way,
                concat("no client can load the bundle: line ", std::to_string(lines_read(bundle, *bio)), ": ",
                       drain_libcrypto_errors()));
  ERR_clear_error();
  return certificates;
}

std::vector<BundledCertificate> certificates_beyond(std::string_view bundle, const FingerprintSet& known) {
  std::vector<BundledCertificate> found;
  FingerprintSet met = known;
  std::size_t line = 0;
  std::size_t begin_line = 0;  // of the open block; 0 outside of any
  std::size_t begin = 0;
  for (std::size_t from = 0; from < bundle.size();) {
    ++line;
    const auto end = std::min(bundle.find('\n', from), bundle.size());
    const auto pem = pem_line(bundle.substr(from, end - from));
    if (pem.opens()) {
      begin_line = line;
      begin = from;
    }
    if (pem.closes() && begin_line != 0) {
      if (auto certificate = certificate_in(bundle.substr(begin, end - begin), met)) {
        certificate->first_line = begin_line;
        certificate->last_line = line;
        found.push_back(*std::move(certificate));
      }
      begin_line = 0;
    }
    from = std::min(end + 1, bundle.size());
  }
  return found;
}

Result<void> verify_anchor(std::string_view pem_file, const Fingerprint& expected, const Record& known) {
  ERR_clear_error();
  const auto bytes = first_block(pem_file, PEM_STRING_X509_TRUSTED);
  if (!bytes) return fail(Errc::in_the_way, concat("no certificate in it: ", drain_libcrypto_errors()));

  // The same bytes make the same chain.
  const auto same = known.certificates.find(sha256(*bytes));
  if (same != known.certificates.end() && same->first == expected && same->second.chain_failure.empty())
    return {};

  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes->data());
  const X509Handle anchor(d2i_X509_AUX(nullptr, &cursor, static_cast<long>(bytes->size())));
  if (!anchor) return fail(Errc::in_the_way, concat("no certificate in it: ", drain_libcrypto_errors()));
  const auto der = der_of(*anchor);
  if (sha256(der) != expected) return fail(Errc::in_the_way, "holds another certificate than it should");
  NCT_TRY(const auto certificate, parse_certificate(der));
  // What OpenSSL is known to refuse is there for other clients; that it refuses it is no fault of the store.
  if (!certificate.chain_failure.empty() &&
      !refuses(Client::openssl, profile_of(der, certificate.self_issued)))
    return fail(Errc::in_the_way, concat("no chain to it: ", certificate.chain_failure));
  return {};
}

std::string failure_among(std::string_view anchor, std::span<const std::string_view> in_order) {
  const auto with_key = [](std::string_view der) {
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    return X509Handle(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  };
  const auto parsed = with_key(anchor);
  std::vector<X509Handle> owned;
  std::vector<X509*> store;
  for (const auto der : in_order)
    if (auto each = with_key(der)) {
      store.push_back(each.get());
      owned.push_back(std::move(each));
    }
  ERR_clear_error();
  return parsed ? chain_failure(*parsed, store) : "it is no certificate";
}

}  // namespace nct
