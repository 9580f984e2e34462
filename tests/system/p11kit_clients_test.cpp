// TLS clients of every kind, in roots where p11-kit makes the store.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/tls_site.hpp"

#include <doctest/doctest.h>
#include <map>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

std::string openssl(const std::string& store) {
  return concat("openssl s_client -connect good.test:443 -verify_return_error ", store, " </dev/null");
}

std::string curl(const std::string& store) {
  return concat("curl -sS -o /dev/null ", store, " https://good.test/file");
}

// Each with the store that it has on such a node by default, where Debian's own does not have it.
std::map<std::string, std::string> clients_of(const TrustNode& node) {
  const std::string bundle = node.layout().bundle;
  std::map<std::string, std::string> clients{
      {"curl-file", curl(concat("--capath /nowhere --cacert ", bundle))},
      {"gnutls-file", concat("gnutls-cli --x509cafile=", bundle, " good.test </dev/null")},
      {"gnutls-p11-kit", "gnutls-cli --x509cafile=pkcs11:model=p11-kit-trust good.test </dev/null"},
      {"go", "/clients/ask good.test"},
      {"java", concat("java -XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore=/etc/pki/java/cacerts -cp "
                      "/clients Ask good.test")},
      {"nss", "tstclnt -D -Q -R /usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-trust.so -h good.test -p 443"},
      {"openssl-file", openssl(concat("-no-CApath -CAfile ", bundle))},
  };
  if (!node.hash_directories().empty()) {
    clients["curl-directory"] = curl(concat("--cacert /other.pem --capath ", kHashLinks));
    clients["openssl-directory"] = openssl(concat("-no-CAfile -CApath ", kHashLinks));
  }
  if (node.family() != "fedora44") {
    const std::string trusted = concat(kHashLinks, "/ca-bundle.trust.crt");
    clients["curl-trusted"] = curl(concat("--capath /nowhere --cacert ", trusted));
    clients["openssl-trusted"] = openssl(concat("-no-CApath -CAfile ", trusted));
  }
  return clients;
}

void check_clients(const std::string& family) {
  CAPTURE(family);
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), family, 30);
  Disk disk;
  disk.layers = {node.directory()};
  disk.files["/other.pem"] = make_ca().pem;
  const auto clients = clients_of(node);
  const std::string all = names_of(clients);
  const TlsSite site(clients, disk);
  CHECK(names_of(site.refusing()) == all);

  site.image().write("/run/good.pem", site.good().pem);
  const auto provisioned = site.inside("node-ca-trust provision --from /run/good.pem");
  REQUIRE_MESSAGE(provisioned.status == 0, provisioned.out, provisioned.err);
  check_nobody_refuses(site);

  const auto removed = site.inside("node-ca-trust remove --all");
  REQUIRE_MESSAGE(removed.status == 0, removed.out, removed.err);
  CHECK(names_of(site.refusing()) == all);
}

}  // namespace

TEST_CASE("Azure Linux 3: every client trusts what was installed, and no longer what was removed") {
  check_clients("azurelinux3");
}

TEST_CASE("Fedora 43: every client trusts what was installed, and no longer what was removed") {
  check_clients("fedora43");
}

TEST_CASE("Fedora 44: every client trusts what was installed, and no longer what was removed") {
  check_clients("fedora44");
}
