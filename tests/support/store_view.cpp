#include "support/store_view.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <mutex>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdexcept>

#include "base/handle.hpp"
#include "base/text.hpp"

namespace nct::test {
namespace {

constexpr std::size_t kMaxBytes = 16U << 20U;

struct Loaded {
  bool whole = true;  // a client loads all of it
  struct Found {
    std::string fingerprint;
    std::string subject_hash;
    std::string old_hash;  // as before OpenSSL 1.0, by which p11-kit links a certificate once more
  };
  std::vector<Found> certificates;
};

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1)
    throw std::runtime_error("no digest");
  return hex_of({reinterpret_cast<const char*>(digest.data()), length});
}

std::string text_of_hash(unsigned long hash) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08lx", hash);
  return text.data();
}

std::string subject_hash_of(const X509* certificate) {
  int known = 0;
  const auto hash = X509_NAME_hash_ex(X509_get_subject_name(certificate), nullptr, nullptr, &known);
  if (known != 1) throw std::runtime_error("no subject hash");
  return text_of_hash(hash);
}

Loaded load(const std::string& bytes) {
  const Handle<BIO, BIO_free_all> source(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  Loaded loaded;
  for (;;) {
    const Handle<X509, X509_free> certificate(PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    loaded.certificates.push_back(
        {.fingerprint = fingerprint_of(certificate.get()),
         .subject_hash = subject_hash_of(certificate.get()),
         .old_hash = text_of_hash(X509_NAME_hash_old(X509_get_subject_name(certificate.get())))});
  }
  loaded.whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return loaded;
}

// A power-cut test asks for the same bytes many thousand times.
const Loaded& loaded_from(const std::string& bytes) {
  static std::mutex mutex;
  static std::map<std::string, Loaded> known;
  const std::scoped_lock lock(mutex);
  auto found = known.find(bytes);
  if (found == known.end()) found = known.emplace(bytes, load(bytes)).first;
  return found->second;
}

// "0123abcd" and 4 of "0123abcd.4".
bool is_hash_link(const std::string& name, std::string& hash, unsigned long& number) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.size() < 10 || name.size() > 13 || name[8] != '.') return false;
  if (!std::all_of(name.begin(), name.begin() + 8, is_hex)) return false;
  if (!std::all_of(name.begin() + 9, name.end(), is_digit)) return false;
  hash = name.substr(0, 8);
  number = std::stoul(name.substr(9));
  return true;
}

}  // namespace

StoreView view_of(Fs& fs, const std::string& directory, std::string bundle) {
  constexpr const char* kOfPhoton = "/etc/pki/tls/certs/ca-bundle.crt";
  if (bundle.empty())
    bundle =
        fs.status(kOfPhoton, true).value_or(std::nullopt) ? kOfPhoton : "/etc/ssl/certs/ca-certificates.crt";
  StoreView view;
  if (const auto bytes = fs.read_file(bundle, kMaxBytes)) {
    const auto& loaded = loaded_from(*bytes);
    if (!loaded.whole) view.faults.push_back(concat(bundle, " does not load"));
    if (loaded.whole)
      for (const auto& [fingerprint, hash, old_hash] : loaded.certificates)
        view.bundle.insert(fingerprint);
  }

  const auto entries = fs.list_directory(directory).value_or(std::vector<DirectoryEntry>{});
  std::map<std::string, std::set<unsigned long>> buckets;
  for (const auto& entry : entries) {
    std::string hash;
    unsigned long number = 0;
    if (is_hash_link(entry.name, hash, number)) buckets[hash].insert(number);
    if (entry.kind == FileKind::link &&
        !fs.status(concat(directory, "/", entry.name), true).value_or(std::nullopt))
      view.faults.push_back(concat(entry.name, " -> ", entry.target, " leads nowhere"));
  }
  for (const auto& [hash, numbers] : buckets) {
    unsigned long number = 0;
    for (; numbers.contains(number); ++number) {
      const auto name = concat(hash, ".", std::to_string(number));
      const auto file = fs.read_file(concat(directory, "/", name), kMaxBytes);
      if (!file) break;
      const auto& loaded = loaded_from(*file);
      if (!loaded.whole || loaded.certificates.empty()) {
        view.faults.push_back(concat(name, " does not load"));
        break;
      }
      for (const auto& [fingerprint, subject_hash, old_hash] : loaded.certificates)
        if (subject_hash == hash)
          view.hashed.insert(fingerprint);
        else if (old_hash != hash)
          view.faults.push_back(concat(name, " is under the wrong hash"));
    }
    if (!numbers.empty() && number <= *numbers.rbegin())
      view.faults.push_back(concat(hash, " has a gap at ", std::to_string(number)));
  }
  return view;
}

std::vector<std::string> missing_from(const StoreView& now, const StoreView& both) {
  std::vector<std::string> missing;
  const auto compare = [&](const char* way, const Fingerprints& found, const Fingerprints& wanted) {
    for (const auto& fingerprint : wanted)
      if (!found.contains(fingerprint)) missing.push_back(concat(way, " misses ", fingerprint.substr(0, 16)));
  };
  compare("bundle", now.bundle, both.bundle);
  compare("hash directory", now.hashed, both.hashed);
  return missing;
}

StoreView held_by_both(const StoreView& one, const StoreView& other) {
  StoreView both;
  std::ranges::set_intersection(one.bundle, other.bundle, std::inserter(both.bundle, both.bundle.end()));
  std::ranges::set_intersection(one.hashed, other.hashed, std::inserter(both.hashed, both.hashed.end()));
  return both;
}

}  // namespace nct::test
