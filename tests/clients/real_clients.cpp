#include "clients/real_clients.hpp"

#include "support/process.hpp"
#include "support/scratch.hpp"

#include <fstream>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdexcept>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "cert/certificate.hpp"

// GnuTLS 3.7 leaks some bytes of certificates that it refuses. The sanitizer asks for this
// (lsan_interface.h).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libgnutls.so";
}

namespace nct::test {

namespace {

// ---- libcrypto
// ----------------------------------------------------------------------------------------------

using X509Handle = Handle<X509, X509_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
void free_infos(STACK_OF(X509_INFO) * infos) {
  sk_X509_INFO_pop_free(infos, X509_INFO_free);
}

X509Handle parsed(const std::string& der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  return X509Handle(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

// As SSL_CTX of Debian does it: security level 2, for a server.
bool verifies(X509_STORE& store, const std::string& leaf_der, bool strict) {
  const auto leaf = parsed(leaf_der);
  const Handle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  if (!leaf || X509_STORE_CTX_init(context.get(), &store, leaf.get(), nullptr) != 1) return false;
  auto* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_auth_level(param, 2);
  unsigned long flags = X509_V_FLAG_TRUSTED_FIRST;
  if (strict) flags |= X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
  X509_VERIFY_PARAM_set_flags(param, flags);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return good;
}

// ---- GnuTLS
// -------------------------------------------------------------------------------------------------

gnutls_datum_t datum(const std::string& bytes) {
  // GnuTLS takes what it only reads through a pointer to non-const.
  return {.data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())),  // NOLINT
          .size = static_cast<unsigned>(bytes.size())};
}

void free_list(gnutls_x509_trust_list_t list) {
  gnutls_x509_trust_list_deinit(list, 1);
}

bool gnutls_verifies(gnutls_x509_trust_list_t list, const std::string& leaf_der) {
  gnutls_x509_crt_t leaf = nullptr;
  if (gnutls_x509_crt_init(&leaf) != 0) return false;
  const Handle<gnutls_x509_crt_int, gnutls_x509_crt_deinit> owner(leaf);
  const auto bytes = datum(leaf_der);
  if (gnutls_x509_crt_import(leaf, &bytes, GNUTLS_X509_FMT_DER) != 0) return false;
  unsigned status = 0;
  gnutls_typed_vdata_st purpose{.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                .data = reinterpret_cast<unsigned char*>(  // NOLINT
                                    const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER)),
                                .size = 0};
  return gnutls_x509_trust_list_verify_crt2(list, &leaf, 1, &purpose, 1, 0, &status, nullptr) == 0 &&
         status == 0;
}

// ---- Go
// -----------------------------------------------------------------------------------------------------

// A line a question: two certificates in hexadecimal digits. The first line is the good ones.
constexpr std::string_view kGoProgram = R"(package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
)

func der(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return bytes
}

func verifies(leaf []byte, roots *x509.CertPool) bool {
	certificate, err := x509.ParseCertificate(leaf)
	if err != nil {
		return false
	}
	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots, DNSName: "leaf.test"})
	return err == nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	var good []string
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if good == nil {
			good = fields
			continue
		}
		roots := x509.NewCertPool()
		for _, ca := range []string{good[0], fields[0]} {
			roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der(ca)}))
		}
		if !verifies(der(good[1]), roots) {
			fmt.Println("breaks")
		} else if verifies(der(fields[1]), roots) {
			fmt.Println("accepts")
		} else {
			fmt.Println("refuses")
		}
	}
}
)";

}  // namespace

Answer ask_libcrypto(const Question& question, const GoodCa& good, bool strict) {
  const auto bundle = canonical_pem(good.ca_der) + canonical_pem(question.ca_der);
  const Handle<BIO, BIO_free_all> bio(BIO_new_mem_buf(bundle.data(), static_cast<int>(bundle.size())));
  const Handle<STACK_OF(X509_INFO), free_infos> infos(
      PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!infos) return Answer::breaks;
  const StoreHandle store(X509_STORE_new());
  for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i)
    if (auto* const x509 = sk_X509_INFO_value(infos.get(), i)->x509; x509 != nullptr)
      X509_STORE_add_cert(store.get(), x509);
  if (!verifies(*store, good.leaf_der, strict)) return Answer::breaks;
  return verifies(*store, question.leaf_der, strict) ? Answer::accepts : Answer::refuses;
}

Answer ask_gnutls(const Question& question, const GoodCa& good) {
  const auto bundle = canonical_pem(good.ca_der) + canonical_pem(question.ca_der);
  gnutls_x509_trust_list_t list = nullptr;
  if (gnutls_x509_trust_list_init(&list, 0) != 0) throw std::runtime_error("gnutls_x509_trust_list_init");
  const Handle<gnutls_x509_trust_list_st, free_list> owner(list);
  const auto bytes = datum(bundle);
  gnutls_x509_trust_list_add_trust_mem(list, &bytes, nullptr, GNUTLS_X509_FMT_PEM, 0, 0);
  if (!gnutls_verifies(list, good.leaf_der)) return Answer::breaks;
  return gnutls_verifies(list, question.leaf_der) ? Answer::accepts : Answer::refuses;
}

std::vector<Answer> ask_go(const std::vector<Question>& questions, const GoodCa& good) {
  const Scratch scratch;
  const auto program = (scratch.path() / "ask.go").string();
  std::ofstream(program) << kGoProgram;
  std::string input = concat(hex_of(good.ca_der), " ", hex_of(good.leaf_der), "\n");
  for (const auto& question : questions)
    input += concat(hex_of(question.ca_der), " ", hex_of(question.leaf_der), "\n");
  const auto finished = run({.argv = {"go", "run", program},
                             .input = input,
                             .environment = {{"GOCACHE", (scratch.path() / "cache").string()},
                                             {"GOPATH", (scratch.path() / "path").string()},
                                             {"GO111MODULE", "off"},
                                             {"GOFLAGS", "-mod=mod"},
                                             {"GOTOOLCHAIN", "local"},
                                             {"GOPROXY", "off"},
                                             {"CGO_ENABLED", "0"}},
                             .directory = scratch.path().string()});
  if (finished.status != 0) throw std::runtime_error(concat("go run: ", finished.err));
  std::vector<Answer> answers;
  for (const auto line : lines_of(finished.out))
    answers.push_back(line == "accepts"   ? Answer::accepts
                      : line == "refuses" ? Answer::refuses
                                          : Answer::breaks);
  if (answers.size() != questions.size()) throw std::runtime_error("go run: answers are missing");
  return answers;
}

}  // namespace nct::test
