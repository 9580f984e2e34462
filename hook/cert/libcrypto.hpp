// Handles of libcrypto, its error texts, and what is made with it more than once; for the .cpp files of this
// layer only.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>
#include <string>
#include <string_view>

#include "base/handle.hpp"

namespace nct {

using BioHandle = Handle<BIO, BIO_free_all>;
using X509Handle = Handle<X509, X509_free>;

// A read-only BIO over `bytes`, which must outlive it; empty if libcrypto has no memory.
BioHandle memory_bio(std::string_view bytes);

// For the last argument of a PEM reader that has no callback: the pass phrase of an encrypted block is the
// empty one, as in X509_load_cert_crl_file(3). With a null pointer libcrypto would ask for it at the
// terminal, and wait there.
void* no_pass_phrase();

// The bytes of the first block in `pem` whose label PEM_bytes_read_bio(3) takes where `label` is asked for.
// Where there is none, libcrypto's error queue says why.
std::optional<std::string> first_block(std::string_view pem, const char* label);

// A library context for parsing certificates whose keys nobody will use: it has no provider, so d2i_X509(3)
// finds no decoder to try on the public key. That try is nine tenths of the cost of parsing, and its failure
// is none of d2i's. What is parsed in it must not verify signatures; names are hashed, and bytes digested, in
// the default context. Null (which is the default context) if libcrypto cannot make one.
OSSL_LIB_CTX* keyless_context();

// The first reason in libcrypto's error queue, or "unknown reason". Leaves the queue empty.
std::string drain_libcrypto_errors();

// The DER of `certificate` as it was parsed (i2d of a parsed certificate gives the cached bytes back).
std::string der_of(const X509& certificate);

}  // namespace nct
