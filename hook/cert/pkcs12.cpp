#include "cert/pkcs12.hpp"

#include <memory>
#include <openssl/pkcs12.h>

#include "cert/libcrypto.hpp"

namespace nct {

namespace {

using Pkcs12Handle = Handle<PKCS12, PKCS12_free>;

struct FreeParts {
  void operator()(STACK_OF(PKCS7) * parts) const { sk_PKCS7_pop_free(parts, PKCS7_free); }
};
struct FreeBags {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
};
using PartsHandle = std::unique_ptr<STACK_OF(PKCS7), FreeParts>;
using BagsHandle = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags>;

bool holds_only_certificates(PKCS7& part) {
  const BagsHandle bags(PKCS12_unpack_p7data(&part));
  for (int i = 0; bags && i < sk_PKCS12_SAFEBAG_num(bags.get()); ++i) {
    const int kind = PKCS12_SAFEBAG_get_nid(sk_PKCS12_SAFEBAG_value(bags.get(), i));
    if (kind != NID_certBag && kind != NID_crlBag) return false;
  }
  return bags != nullptr;
}

bool has_no_key(const PKCS12& store) {
  const PartsHandle parts(PKCS12_unpack_authsafes(&store));
  for (int i = 0; parts && i < sk_PKCS7_num(parts.get()); ++i) {
    PKCS7* part = sk_PKCS7_value(parts.get(), i);
    if (PKCS7_type_is_encrypted(part)) continue;  // by a password, which nobody is asked for
    if (!PKCS7_type_is_data(part) || !holds_only_certificates(*part)) return false;
  }
  return parts != nullptr;
}

}  // namespace

bool is_pkcs12_without_key(std::string_view bytes) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes.data());
  const Pkcs12Handle store(d2i_PKCS12(nullptr, &cursor, static_cast<long>(bytes.size())));
  const bool without = store && has_no_key(*store);
  ERR_clear_error();
  return without;
}

}  // namespace nct
