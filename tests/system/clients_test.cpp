// Debian's own TLS clients ask a server of a good CA, while certificates that break some of them are
// delivered beside it.
//   NCT_POISON=all  every kind that breaks a client by the rules, not three
#include "cert/clients.hpp"

#include "clients/kinds.hpp"
#include "support/certificates.hpp"
#include "support/der_builder.hpp"
#include "system/image.hpp"
#include "system/node_disk.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <future>
#include <map>
#include <sched.h>
#include <set>
#include <stdexcept>
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

// Answers each connection in a thread of its own, and lets the client end it.
constexpr const char* kServer = R"(
import http.server, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("certificate.pem", "key.pem")
http.server.SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
)";

// An image with the clients, and a server of the good CA on a network of this process's own.
class Site {
 public:
  Site() : good_(make_ca({.common_name = "Good CA"})) {
    if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("no network of one's own");
    const auto leaf = make_leaf(good_, "good.test");
    image_.write("/etc/hosts", "127.0.0.1 localhost good.test\n");
    image_.write("/server/certificate.pem", leaf.pem);
    image_.write("/server/key.pem", leaf.key_pem);
    image_.write("/server/file", "something\n");
    const std::string reference(40, 'a');
    image_.write("/server/repository/HEAD", "ref: refs/heads/main\n");
    image_.write("/server/repository/info/refs", concat(reference, "\trefs/heads/main\n"));
    image_.write("/server/serve.py", kServer);
    must(image_.shell(
        "mount -t proc proc $ROOT/proc && ip link set lo up && mkdir $ROOT/clients && mount --bind " +
        std::string(std::getenv("NCT_CLIENTS")) + " $ROOT/clients"));
    const auto started = image_.shell(
        "chroot $ROOT sh -c 'cd /server && exec setsid python3 serve.py' >/dev/null 2>&1 </dev/null & echo "
        "$!");
    server_ = std::stoi(started.out);
    must(image_.shell(
        "for i in $(seq 100); do chroot $ROOT curl -sk https://good.test/file && exit; sleep 0.05; done; "
        "exit 1"));
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  ~Site() { ::kill(server_, SIGKILL); }

  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] const TestCa& good() const { return good_; }

  [[nodiscard]] Finished inside(const std::string& line) const {
    return image_.shell(concat(
        "exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot $ROOT sh -c '", quoted(line), "'"));
  }

  // The clients that do not get through to the server, each with what it said.
  [[nodiscard]] std::map<std::string, std::string> refusing() const {
    std::map<std::string, std::future<Finished>> asked;
    for (const auto& [client, command] : kClientCommands)
      asked[client] = std::async(std::launch::async, [this, &command] { return inside(command); });
    std::map<std::string, std::string> refused;
    for (auto& [client, answer] : asked)
      if (const auto finished = answer.get(); finished.status != 0)
        refused[client] = concat(finished.out, finished.err);
    return refused;
  }

 private:
  static void must(const Finished& finished) {
    if (finished.status != 0) throw std::runtime_error(concat(finished.out, finished.err));
  }

  static std::string quoted(std::string_view line) {
    std::string text;
    for (const char c : line)
      text += c == '\'' ? "'\\''" : std::string(1, c);
    return text;
  }

  TestCa good_;
  Image image_;
  pid_t server_ = -1;
};

std::string names_of(const std::map<std::string, std::string>& refused) {
  std::string names;
  for (const auto& [client, words] : refused)
    names += concat(names.empty() ? "" : " ", client);
  return names;
}

void check_nobody_refuses(const Site& site) {
  const auto refused = site.refusing();
  for (const auto& [client, words] : refused)
    FAIL_CHECK(client, " does not get through:\n", words);
}

std::string every_client() {
  std::map<std::string, std::string> all(kClientCommands.begin(), kClientCommands.end());
  return names_of(all);
}

}  // namespace

TEST_CASE("whatever is delivered beside a good CA, every client of Debian trusts its server") {
  const Site site;
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
