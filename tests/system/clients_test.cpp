// Debian's own TLS clients ask a server of a good CA, while certificates that break some of them are
// delivered beside it.
//   NCT_POISON=all  every kind that breaks a client by the rules, not three
#include "cert/clients.hpp"

#include "clients/kinds.hpp"
#include "support/der_builder.hpp"
#include "system/tls_site.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/certificate.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// What each client is started as, in the image. Java reads the store that Debian's ca-certificates-java makes
// of the system's, as a hook of update-ca-certificates.
const std::map<std::string, std::string> kClientCommands{
    {"apt",
     "/usr/lib/apt/apt-helper -o Acquire::Retries=0 download-file https://good.test/file /tmp/fetched"},
    {"curl", "curl -sS -o /dev/null https://good.test/file"},
    {"git", "git ls-remote https://good.test/repository"},
    {"gnutls-cli", "gnutls-cli good.test </dev/null"},
    {"go", "/clients/ask good.test"},
    {"java", "java -XX:TieredStopAtLevel=1 -cp /clients Ask good.test"},
    {"python", "python3 -c 'import urllib.request; urllib.request.urlopen(\"https://good.test/file\")'"},
    {"wget", "wget -q -O /dev/null https://good.test/file"},
};

struct Poison {
  std::string name;
  std::string pem;
};

// The kinds that were met in the field.
const std::set<std::string> kMet{"aia-duplicate", "utc-offset", "v1-with-ext"};

// Those, or all.
std::vector<Poison> poisons() {
  const char* wanted = std::getenv("NCT_POISON");
  const bool all = wanted != nullptr && std::string_view(wanted) == "all";
  const auto key = new_signing_key();
  std::vector<Poison> found;
  for (const auto& kind : kinds()) {
    auto parts = ca_parts(concat("Poison ", kind.name), key);
    kind.change(parts);
    const auto der = signed_certificate(parts, key);
    const auto verdicts = client_verdicts(profile_of(der), Use::issues);
    const bool breaks = std::ranges::any_of(verdicts, [](const ClientVerdict& verdict) {
      return verdict.effect == Effect::breaks && !is_in_pods(verdict.client);
    });
    if (all ? breaks : kMet.contains(kind.name)) found.push_back({kind.name, canonical_pem(der)});
  }
  return found;
}

std::string every_client() {
  std::map<std::string, std::string> all(kClientCommands.begin(), kClientCommands.end());
  return names_of(all);
}

}  // namespace

TEST_CASE("whatever is delivered beside a good CA, every client of Debian trusts its server") {
  const TlsSite site(kClientCommands);
  const auto delivered_poisons = poisons();
  REQUIRE(delivered_poisons.size() >= 3);

  CHECK(names_of(site.refusing()) == every_client());
  site.image().write("/run/good.pem", site.good().pem);
  const auto provisioned = site.inside("node-ca-trust provision --from /run/good.pem");
  REQUIRE_MESSAGE(provisioned.status == 0, provisioned.out, provisioned.err);
  check_nobody_refuses(site);

  std::string together = site.good().pem;
  for (const auto& poison : delivered_poisons) {
    CAPTURE(poison.name);
    together += poison.pem;
    site.image().write("/run/poison.pem", poison.pem);
    const auto refused = site.inside("node-ca-trust provision --from /run/good.pem --from /run/poison.pem");
    CHECK(refused.status == 65);
    CHECK_MESSAGE((refused.out.contains("breaks-clients") || refused.out.contains("not-a-certificate")),
                  refused.out);
    check_nobody_refuses(site);
  }

  // All of them in one bundle, where faulty ones are left out.
  REQUIRE(site.inside("node-ca-trust remove --all").status == 0);
  CHECK(names_of(site.refusing()) == every_client());
  site.image().write("/etc/node-ca-trust/config.toml", "[policy.provision]\nrejected = \"keep\"\n");
  site.image().write("/run/together.pem", together);
  const auto kept = site.inside("node-ca-trust provision --from /run/together.pem");
  CHECK_MESSAGE(kept.status == 0, kept.out, kept.err);
  check_nobody_refuses(site);

  // What is used today installs them: the clients that use GnuTLS lose everything. Others lose it to other
  // kinds, or in other versions.
  for (const auto& poison : delivered_poisons) {
    CAPTURE(poison.name);
    site.image().write("/usr/local/share/ca-certificates/poison.crt", poison.pem);
    REQUIRE(site.inside("update-ca-certificates --hooksdir /nonexistent").status == 0);
    const auto refused = site.refusing();
    MESSAGE(poison.name, " installed by update-ca-certificates: refused by ", names_of(refused));
    if (kMet.contains(poison.name)) CHECK(refused.contains("gnutls-cli"));
  }
}
