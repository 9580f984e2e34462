#include "support/der_builder.hpp"

#include <array>
#include <cstdint>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdexcept>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "intake/der.hpp"

namespace nct::test {

namespace {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Bio = Handle<BIO, BIO_free_all>;

template <class T>
T good(T answer, const char* call) {
  if (answer > T{}) return answer;
  throw std::runtime_error(concat("certificate factory: ", call, " failed"));
}

Key key_of(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(good(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), "PEM_read_bio_PrivateKey"));
}

std::string signature_of(std::string_view bytes, const SigningKey& key) {
  const auto pkey = key_of(key.pem);
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const bool own_digest =
      EVP_PKEY_is_a(pkey.get(), "ED25519") == 1 || EVP_PKEY_is_a(pkey.get(), "ED448") == 1;
  EVP_PKEY_CTX* padding = nullptr;
  good(EVP_DigestSignInit(context.get(), &padding, own_digest ? nullptr : EVP_sha256(), nullptr, pkey.get()),
       "EVP_DigestSignInit");
  if (EVP_PKEY_is_a(pkey.get(), "RSA-PSS") == 1)
    good(EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST),
         "EVP_PKEY_CTX_set_rsa_pss_saltlen");
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  good(EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()), "EVP_DigestSign");
  std::string signature(size, '\0');
  good(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                      bytes.size()),
       "EVP_DigestSign");
  signature.resize(size);
  return signature;
}

std::string bytes_of(std::initializer_list<unsigned> octets) {
  std::string text;
  for (const unsigned octet : octets)
    text += static_cast<char>(octet);
  return text;
}

// EVP_PKEY_Q_keygen(3) knows no key that is bound to RSASSA-PSS.
EVP_PKEY* new_pss_key() {
  const Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      good(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr), "EVP_PKEY_CTX_new_from_name"));
  EVP_PKEY* key = nullptr;
  good(EVP_PKEY_keygen_init(context.get()), "EVP_PKEY_keygen_init");
  good(EVP_PKEY_generate(context.get(), &key), "EVP_PKEY_generate");
  return key;
}

// RSASSA-PSS with SHA-256 and 32 octets of salt (RFC 4055, 3.1).
std::string pss_algorithm() {
  const auto sha256 = sequence({der_oid("2.16.840.1.101.3.4.2.1"), tlv(asn1::kNull, "")});
  const auto mask = sequence({der_oid("1.2.840.113549.1.1.8"), sha256});
  return sequence({der_oid("1.2.840.113549.1.1.10"),
                   sequence({tlv(0xA0, sha256), tlv(0xA1, mask), tlv(0xA2, der_integer(" "))})});
}

}  // namespace

std::string tlv(unsigned tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  const std::size_t size = content.size();
  if (size < 0x80) {
    out += static_cast<char>(size);
  } else {
    std::string octets;
    for (std::size_t rest = size; rest != 0; rest >>= 8U)
      octets.insert(octets.begin(), static_cast<char>(rest & 0xFFU));
    out += static_cast<char>(0x80U | octets.size());
    out += octets;
  }
  return out.append(content);
}

std::string sequence(const std::vector<std::string>& elements) {
  std::string content;
  for (const auto& element : elements)
    content += element;
  return tlv(asn1::kSequence, content);
}

std::string der_oid(std::string_view dotted) {
  std::vector<std::uint64_t> arcs(1);
  for (const char c : dotted) {
    if (c == '.')
      arcs.push_back(0);
    else
      arcs.back() = arcs.back() * 10 + static_cast<std::uint64_t>(c - '0');
  }
  std::string content;
  arcs.at(1) += arcs.at(0) * 40;
  for (std::size_t i = 1; i < arcs.size(); ++i) {
    std::string octets;
    std::uint64_t rest = arcs[i];
    do {
      octets.insert(octets.begin(), static_cast<char>((rest & 0x7FU) | (octets.empty() ? 0U : 0x80U)));
      rest >>= 7U;
    } while (rest != 0);
    content += octets;
  }
  return tlv(asn1::kObjectIdentifier, content);
}

std::string der_integer(std::string_view content) {
  return tlv(asn1::kInteger, content);
}

std::string extension(std::string_view dotted, bool critical, std::string_view value) {
  return sequence({der_oid(dotted), critical ? tlv(asn1::kBoolean, "\xFF") : std::string(),
                   tlv(asn1::kOctetString, value)});
}

std::string common_name(unsigned string_tag, std::string_view value) {
  return sequence({tlv(asn1::kSet, sequence({der_oid("2.5.4.3"), tlv(string_tag, value)}))});
}

SigningKey new_signing_key() {
  return new_signing_key("EC", "P-256");
}

SigningKey new_signing_key(const char* algorithm, const char* parameter) {
  const std::string_view name(algorithm);
  const Key key(good(name == "RSA-PSS" ? new_pss_key()
                     : name == "EC"    ? EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm, parameter)
                     : name == "RSA"   ? EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm,
                                                           static_cast<std::size_t>(std::stoul(parameter)))
                                       : EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm),
                     "EVP_PKEY_Q_keygen"));
  SigningKey made;
  const Bio bio(BIO_new(BIO_s_mem()));
  good(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), "write");
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  made.pem.assign(data, static_cast<std::size_t>(size));
  unsigned char* raw = nullptr;
  const int length = good(i2d_PUBKEY(key.get(), &raw), "i2d_PUBKEY");
  made.public_key.assign(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  OPENSSL_free(raw);
  made.algorithm = name == "EC"        ? sequence({der_oid("1.2.840.10045.4.3.2")})
                   : name == "RSA"     ? sequence({der_oid("1.2.840.113549.1.1.11"), tlv(asn1::kNull, "")})
                   : name == "RSA-PSS" ? pss_algorithm()
                   : name == "ED25519" ? sequence({der_oid("1.3.101.112")})
                   : name == "ED448"   ? sequence({der_oid("1.3.101.113")})
                                       : sequence({der_oid("2.16.840.1.101.3.4.3.2")});
  return made;
}

Parts ca_parts(std::string_view name, const SigningKey& key) {
  Parts parts;
  parts.version = tlv(0xA0, der_integer("\x02"));
  parts.serial = der_integer("\x11\x22\x33\x44\x55\x66\x77");
  parts.algorithm = parts.outer_algorithm = key.algorithm;
  parts.subject = parts.issuer = common_name(asn1::kUtf8String, name);
  parts.validity = sequence({tlv(asn1::kUtcTime, "250101000000Z"), tlv(asn1::kUtcTime, "400101000000Z")});
  parts.key = key.public_key;
  parts.extensions = {extension("2.5.29.19", true, sequence({tlv(asn1::kBoolean, "\xFF")})),
                      extension("2.5.29.15", true, tlv(asn1::kBitString, bytes_of({1, 6}))),
                      extension("2.5.29.14", false, tlv(asn1::kOctetString, "a key identifier of 20"))};
  return parts;
}

std::string signed_certificate(const Parts& parts, const SigningKey& key) {
  std::string content = parts.version + parts.serial + parts.algorithm + parts.issuer + parts.validity +
                        parts.subject + parts.key + parts.unique_ids;
  if (!parts.without_extensions) content += tlv(0xA3, sequence(parts.extensions));
  const auto tbs = tlv(asn1::kSequence, content);
  auto signature = signature_of(tbs, key);
  if (parts.spoilt_signature) signature.back() = static_cast<char>(signature.back() ^ 1);
  return sequence({tbs, parts.outer_algorithm, tlv(asn1::kBitString, std::string(1, '\0') + signature)});
}

std::string leaf_of(const Parts& parts, const SigningKey& key, const SigningKey& leaf_key) {
  Parts leaf = ca_parts("leaf.test", leaf_key);
  leaf.serial = der_integer("\x12\x34");
  leaf.algorithm = leaf.outer_algorithm = key.algorithm;
  leaf.issuer = parts.subject;
  leaf.extensions = {extension("2.5.29.15", true, tlv(asn1::kBitString, bytes_of({7, 0x80}))),
                     extension("2.5.29.37", false, sequence({der_oid("1.3.6.1.5.5.7.3.1")})),
                     extension("2.5.29.17", false, sequence({tlv(0x82, "leaf.test")}))};
  std::vector<DerElement> extensions;
  for (const auto& each : parts.extensions)
    for (DerReader elements(each); elements.good() && !elements.at_end();)  // one may have become two
      extensions.push_back(elements.take());
  for (const auto& each : extensions) {
    if (parts.without_extensions || leaf.extensions.size() > 3) break;  // of two identifiers the first
    DerReader fields(each.content);
    const auto name = fields.take().bytes;
    fields.take_if(asn1::kBoolean);
    DerReader value(fields.take(asn1::kOctetString).content);
    const auto id = value.take(asn1::kOctetString);
    if (name == der_oid("2.5.29.14") && !id.content.empty())
      leaf.extensions.push_back(extension("2.5.29.35", false, sequence({tlv(0x80, id.content)})));
  }
  return signed_certificate(leaf, key);
}

}  // namespace nct::test
