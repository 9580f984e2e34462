#include "intake/line.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "intake/base64_text.hpp"

using namespace nct;

namespace {

const std::string kBody = "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU\n";

bool has_key(std::string_view text) {
  return std::ranges::any_of(pem_lines_of(text),
                             [](const Line& line) { return line.kind == Line::Kind::key; });
}

}  // namespace

TEST_CASE("words about a private key are no private key") {
  const std::vector<std::string> mentions{
      "# do not add -----BEGIN PRIVATE KEY----- here\n",
      "# do not add -----BEGIN PRIVATE KEY----- here\n-----BEGIN CERTIFICATE-----\n" + kBody,
      "; -----BEGIN RSA PRIVATE KEY-----\n; (taken out)\n; -----END RSA PRIVATE KEY-----\n",
      "No block that says -----BEGIN PRIVATE KEY----- may stand in this file.\n",
      "# between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----\n\n" +
          std::string("# and so on\n"),
      kBody + "# do not add -----BEGIN PRIVATE KEY----- here\n",
  };
  for (const auto& text : mentions) {
    CAPTURE(text);
    CHECK_FALSE(has_key(text));
    for (const auto& line : pem_lines_of(text))
      CHECK(line.text.find("PRIVATE KEY") == std::string_view::npos);
  }
}

TEST_CASE("a private key is one in a comment and among words, too") {
  const std::vector<std::string> keys{
      "-----BEGIN PRIVATE KEY-----\n",
      "----BEGIN PRIVATE KEY----\n",
      "BEGIN PRIVATE KEY\n",
      "# -----BEGIN PRIVATE KEY-----\n# " + kBody,
      "#-----BEGIN PRIVATE KEY-----\n#\n#" + kBody,
      "// -----BEGIN RSA PRIVATE KEY-----\n// Proc-Type: 4,ENCRYPTED\n",
      "# " + kBody + "# -----END PRIVATE KEY-----\n",
      "tls.key: -----BEGIN PRIVATE KEY-----\n  " + kBody,
      "the key is -----BEGIN PRIVATE KEY-----\n\n" + kBody,
      "# -----BEGIN PRIVATE KEY----- U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU -----END PRIVATE KEY-----\n",
      "key = \"-----BEGIN PRIVATE KEY-----\\nTUlJRQ==\\n-----END PRIVATE KEY-----\"\n",
  };
  for (const auto& text : keys) {
    CAPTURE(text);
    CHECK(has_key(text));
  }
}

TEST_CASE("digests are no stray base64, whatever stands in front of them") {
  const std::string hex(64, 'a');
  CHECK_FALSE(holds_stray_base64("\t\tsha256:" + hex));
  CHECK_FALSE(holds_stray_base64("SHA256=" + hex));
  CHECK_FALSE(holds_stray_base64(hex));
  CHECK(holds_stray_base64("ca:" + std::string(80, 'Q')));
  CHECK(holds_stray_base64("ca: " + std::string(80, 'Q')));
}
