#include "cert/pkcs12.hpp"

#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "cert/read.hpp"
#include "cert/record.hpp"

using namespace nct;

namespace {

using X509Owner = Handle<X509, X509_free>;
using KeyOwner = Handle<EVP_PKEY, EVP_PKEY_free>;
using StoreOwner = Handle<PKCS12, PKCS12_free>;
using BioOwner = Handle<BIO, BIO_free_all>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

// A store with `ca`, and its key where that is wanted; certificates in clear where `cipher` is -1.
std::string store_of(const test::TestCa& ca, bool with_key, int cipher = NID_aes_256_cbc) {
  const auto* der = reinterpret_cast<const unsigned char*>(ca.der.data());
  const X509Owner certificate(d2i_X509(nullptr, &der, static_cast<long>(ca.der.size())));
  const BioOwner pem(BIO_new_mem_buf(ca.key_pem.data(), static_cast<int>(ca.key_pem.size())));
  const KeyOwner key(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  sk_X509_push(others.get(), certificate.get());
  const StoreOwner store(PKCS12_create("changeit", "ca", with_key ? key.get() : nullptr,
                                       with_key ? certificate.get() : nullptr, others.get(), NID_aes_256_cbc,
                                       cipher, 1, 1, 0));
  REQUIRE(store != nullptr);
  unsigned char* bytes = nullptr;
  const int size = i2d_PKCS12(store.get(), &bytes);
  REQUIRE(size > 0);
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

// What comes of a Secret that holds the CA, and this store beside it.
std::string told(const test::TestCa& ca, const std::string& store) {
  const auto document = concat("kind: Secret\ndata:\n  ca.crt: ", test::base64(ca.pem),
                               "\n  bundle.p12: ", test::base64(store), "\n");
  const auto delivery = read_document("f", document, {}, Shape::sniffed);
  const auto reading = read_certificates(delivery.entries, {});
  std::string out = concat(std::to_string(reading.certificates.size()), " ");
  for (const auto& finding : reading.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message);
  return out;
}

}  // namespace

TEST_CASE("a PKCS#12 store with and without a private key") {
  const auto ca = test::make_ca({.common_name = "one"});
  for (const int cipher : {NID_aes_256_cbc, -1}) {
    CAPTURE(cipher);
    CHECK(is_pkcs12_without_key(store_of(ca, false, cipher)));
    CHECK_FALSE(is_pkcs12_without_key(store_of(ca, true, cipher)));
    CHECK(told(ca, store_of(ca, false, cipher)) ==
          "1 warning other-content f: data[\"bundle.p12\"], line 4: not a certificate but a PKCS#12 store "
          "without a private key, passed over");
    CHECK(told(ca, store_of(ca, true, cipher))
              .starts_with("1 error private-key f: data[\"bundle.p12\"], line 4"));
  }
  const auto whole = store_of(ca, false);
  CHECK_FALSE(is_pkcs12_without_key(whole.substr(0, whole.size() / 2)));
  CHECK_FALSE(is_pkcs12_without_key(ca.der));
  CHECK_FALSE(is_pkcs12_without_key(""));
}
