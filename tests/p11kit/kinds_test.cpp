// What p11-kit leaves out of every view is refused where it makes the store, and nothing else for that.
#include "clients/kinds.hpp"

#include "p11kit/trust_node.hpp"
#include "support/der_builder.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <ctime>
#include <doctest/doctest.h>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/clients.hpp"
#include "cert/judge.hpp"
#include "cert/profile.hpp"

using namespace nct;
using namespace nct::test;

TEST_CASE("p11-kit makes of each kind of certificate what the rules say") {
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), "azurelinux3", 5);
  const auto key = new_signing_key();
  struct Asked {
    std::string name;
    std::string der;
    std::string file;
  };
  std::vector<Asked> asked;
  for (const auto& kind : kinds()) {
    auto parts = ca_parts(concat("CA of kind ", kind.name), key);
    kind.change(parts);
    Asked one{.name = kind.name, .der = signed_certificate(parts, key), .file = {}};
    if (!parse_certificate(one.der)) continue;
    one.file = concat(kTrustAnchors, "/", std::to_string(asked.size()), ".crt");
    write_whole(node.directory() + one.file, canonical_pem(one.der));
    asked.push_back(std::move(one));
  }
  const auto bundle = node.extract_bundle();
  std::size_t left_out = 0;
  std::size_t needless = 0;
  for (const auto& [name, der, file] : asked) {
    CAPTURE(name);
    auto certificate = parse_certificate(der);
    const bool extracted = bundle.contains(canonical_pem(der));
    const bool refused = refuses(Client::p11_kit, profile_of(der, certificate->self_issued));
    const auto judged = judge({{.certificate = *std::move(certificate), .origin = {}}}, {.p11_kit = true},
                              std::time(nullptr));
    const bool accepted = judged.front().verdict == Verdict::accepted;
    if (!extracted) ++left_out;
    // Of two certificates of one name and key p11-kit takes both.
    CHECK_MESSAGE((!accepted || extracted), "accepted, and left out");
    if (refused && extracted) {
      ++needless;
      MESSAGE(name, ": said to be left out, and extracted");
    }
    if (!refused && !extracted)
      MESSAGE(name, ": not said to be left out, and not extracted; accepted: ", accepted);
  }
  CHECK(needless == 0);
  MESSAGE(asked.size(), " kinds, of which p11-kit leaves out ", left_out);
}
