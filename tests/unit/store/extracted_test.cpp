#include "store/p11kit/extracted.hpp"

#include "support/certificates.hpp"
#include "support/extracted_files.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "cert/sha256.hpp"

using namespace nct;
using namespace nct::test;

TEST_CASE(
    "certificates are found in every form, and what is cut off or changed in its sizes is no file of it") {
  const auto a = make_ca({.common_name = "A"});
  const auto b = make_ca({.common_name = "B"});
  const std::vector<Fingerprint> both{sha256(a.der), sha256(b.der)};
  struct Row {
    Extract::Form form;
    std::string bytes;
  };
  const Row rows[] = {
      {Extract::Form::pem_bundle, "# A\n" + a.pem + "\n# B\n" + b.pem},
      {Extract::Form::java_cacerts, java_keystore({a.der, b.der})},
      {Extract::Form::edk2_cacerts, signature_lists({a.der, b.der})},
  };
  for (const auto& [form, bytes] : rows) {
    CAPTURE(static_cast<int>(form));
    const auto found = certificates_of(form, bytes, {});
    REQUIRE(found);
    CHECK(*found == both);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const auto cut = certificates_of(form, bytes.substr(0, length), {});
      CHECK((!cut || cut->size() < 2 || form == Extract::Form::pem_bundle));
    }
  }
  CHECK_FALSE(certificates_of(Extract::Form::java_cacerts, java_keystore({a.der}) + "x", {}));
  CHECK_FALSE(certificates_of(Extract::Form::edk2_cacerts, signature_lists({a.der}) + "x", {}));
  CHECK_FALSE(certificates_of(Extract::Form::java_cacerts, a.pem, {}));
  CHECK_FALSE(certificates_of(Extract::Form::edk2_cacerts, a.pem, {}));
  CHECK(certificates_of(Extract::Form::edk2_cacerts, "", {})->empty());
  auto key_entry = java_keystore({a.der});
  key_entry[15] = 1;
  CHECK_FALSE(certificates_of(Extract::Form::java_cacerts, key_entry, {}));
}

TEST_CASE("trust(1) is asked as update-ca-trust asks it") {
  const Extract bundle{
      .form = Extract::Form::pem_bundle, .comment = true, .purpose = "server-auth", .path = "/x"};
  CHECK(arguments_of(bundle, "/run/0") ==
        std::vector<std::string>{"extract", "--format=pem-bundle", "--filter=ca-anchors", "--overwrite",
                                 "--comment", "--purpose=server-auth", "/run/0"});
  const Extract trusted{.form = Extract::Form::openssl_bundle, .comment = true, .purpose = {}, .path = "/x"};
  CHECK(arguments_of(trusted, "/run/1") == std::vector<std::string>{"extract", "--format=openssl-bundle",
                                                                    "--filter=certificates", "--overwrite",
                                                                    "--comment", "/run/1"});
  const Extract plain{.form = Extract::Form::pem_bundle, .purpose = "server-auth", .path = "/x"};
  CHECK(arguments_of(plain, "/run/2") == std::vector<std::string>{"extract", "--format=pem-bundle",
                                                                  "--filter=ca-anchors", "--overwrite",
                                                                  "--purpose=server-auth", "/run/2"});
}
