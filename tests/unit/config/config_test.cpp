#include "config/config.hpp"

#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace nct;

namespace {

std::string error_of(const std::string& text) {
  const std::vector<ConfigFile> files{{.name = "config.toml", .text = text}};
  const auto config = config_from(files);
  if (config) return "";
  CHECK(config.error().code == Errc::configuration);
  return config.error().message;
}

}  // namespace

TEST_CASE("the configuration that is shipped says the defaults") {
  const std::vector<ConfigFile> files{
      {.name = "config.toml", .text = test::read_whole(NCT_HOOK_DIRECTORY "/doc/config.toml")}};
  const auto config = config_from(files);
  REQUIRE_MESSAGE(config, error_of(files[0].text));
  const Config defaults;
  CHECK(config->provision_from == defaults.provision_from);
  CHECK(config->intake.max_document_bytes == defaults.intake.max_document_bytes);
  CHECK(config->policy.max_certificates == defaults.policy.max_certificates);
  CHECK(config->policy.max_proxy_certificates == defaults.policy.max_proxy_certificates);
  CHECK(config->policy.expiry_warning_days == defaults.policy.expiry_warning_days);
  CHECK(config->policy.install_distro_roots == defaults.policy.install_distro_roots);
  CHECK(config->provision_rejected == defaults.provision_rejected);
  CHECK(config->rotation.directory == defaults.rotation.directory);
  CHECK(config->rotation.settle == defaults.rotation.settle);
  CHECK(config->rotation.removal_grace == defaults.rotation.removal_grace);
  CHECK(config->rotation.empty_grace == defaults.rotation.empty_grace);
  CHECK(config->rotation.max_entries == defaults.rotation.max_entries);
  CHECK(config->rotation.rejected == defaults.rotation.rejected);
  CHECK(config->hooks == defaults.hooks);
  CHECK(config->reader_grace == defaults.reader_grace);
  CHECK(config->lock_timeout == defaults.lock_timeout);
  CHECK(config->on_failure == defaults.on_failure);
  CHECK(config->consumers == defaults.consumers);
  CHECK(config->splay == defaults.splay);
  CHECK(config->rotation.directory == defaults.rotation.directory);
  CHECK(config->metrics_file == defaults.metrics_file);
  CHECK(config->policy.distrusted == defaults.policy.distrusted);
}

TEST_CASE("every key is taken") {
  const std::vector<ConfigFile> files{{.name = "config.toml", .text = R"(
lock_timeout_ms = 1
[provision]
from = ["/a", "/b"]
[limits]
max_certificates = 2
max_document_bytes = 3
max_entries = 6
max_proxy_certificates = 5
[policy]
expiry_warning_days = 4
in_distro_store = "install"
provision.rejected = "keep"
rotate.rejected = "fail"
provision.on_failure = "block"
[rotation]
directory = "/srv/ca certs"
settle_ms = 7
removal_grace_ms = 8
empty_grace_ms = 9
[consumers]
units = ["docker.service", "a@b-1.service"]
splay_ms = 7
[metrics]
file = "/var/lib/node-exporter/ca.prom"
[distrust]
fingerprints = ["01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20"]
[store]
hooks = "skip"
reader_grace_ms = 5
)"}};
  const auto config = config_from(files);
  REQUIRE(config);
  CHECK(config->lock_timeout == std::chrono::milliseconds(1));
  CHECK(config->provision_from == std::vector<std::string>{"/a", "/b"});
  CHECK(config->policy.max_certificates == 2);
  CHECK(config->intake.max_document_bytes == 3);
  CHECK(config->policy.expiry_warning_days == 4);
  CHECK(config->policy.max_proxy_certificates == 5);
  CHECK(config->policy.install_distro_roots);
  CHECK(config->provision_rejected == Config::OnRejected::keep);
  CHECK(config->rotation.settle == std::chrono::milliseconds(7));
  CHECK(config->rotation.removal_grace == std::chrono::milliseconds(8));
  CHECK(config->rotation.empty_grace == std::chrono::milliseconds(9));
  CHECK(config->rotation.max_entries == 6);
  CHECK(config->rotation.rejected == Config::OnRejected::fail);
  CHECK(config->hooks == Config::Hooks::skip);
  CHECK(config->reader_grace == std::chrono::milliseconds(5));
  CHECK(config->on_failure == Config::OnFailure::block);
  CHECK(config->consumers == std::vector<std::string>{"docker.service", "a@b-1.service"});
  CHECK(config->splay == std::chrono::milliseconds(7));
  REQUIRE(config->policy.distrusted.size() == 1);
  CHECK(config->policy.distrusted.begin()->hex() ==
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
  CHECK(config->rotation.directory == "/srv/ca certs");
  CHECK(config->metrics_file == "/var/lib/node-exporter/ca.prom");
}

TEST_CASE("a later file replaces single keys of an earlier one") {
  const std::vector<ConfigFile> files{
      {.name = "vendor", .text = "provision.from = [\"/a\"]\nlimits.max_certificates = 1\n"},
      {.name = "ours", .text = "provision.from = [\"/b\"]\n"},
      {.name = "drop-in", .text = "provision.from = []\nlimits.max_document_bytes = 7\n"},
  };
  const auto config = config_from(files);
  REQUIRE(config);
  CHECK(config->provision_from.empty());  // replaced as a whole, not added to
  CHECK(config->policy.max_certificates == 1);
  CHECK(config->intake.max_document_bytes == 7);
}

TEST_CASE("an error names file, line, column and what would be right") {
  struct Row {
    std::string text;
    std::string message;
  };
  const Row rows[] = {
      {"", ""},
      {"# nothing\n", ""},
      {"[limits]\nmax_certificate = 3\n",
       "config.toml:2:1: there is no key 'limits.max_certificate', the nearest is 'limits.max_certificates'"},
      {"distrust.fingerprints = [\"01\"]\n",
       "config.toml:1:26: 'distrust.fingerprints' must be a list of SHA-256 fingerprints, each of 64 hex "
       "digits"},
      {"distrust.fingerprints = \"01\"\n",
       "config.toml:1:25: 'distrust.fingerprints' must be a list of SHA-256 fingerprints, each of 64 hex "
       "digits"},
      {"lock_timeout = 3\n",
       "config.toml:1:1: there is no key 'lock_timeout', the nearest is 'lock_timeout_ms'"},
      {"colour = \"green\"\n", "config.toml:1:1: there is no key 'colour'"},
      {"[limit]\nmax_certificates = 3\n", "config.toml:1:2: there is no key 'limit'"},
      {"policy = 3\n", "config.toml:1:1: there is no key 'policy'"},
      {"[limits]\nmax_certificates = \"3\"\n",
       "config.toml:2:20: 'limits.max_certificates' must be a whole number from 1 to 100000"},
      {"limits.max_certificates = 0\n",
       "config.toml:1:27: 'limits.max_certificates' must be a whole number from 1 to 100000"},
      {"limits.max_certificates = 2.5\n",
       "config.toml:1:27: 'limits.max_certificates' must be a whole number from 1 to 100000"},
      {"limits.max_document_bytes = 1073741825\n",
       "config.toml:1:29: 'limits.max_document_bytes' must be a whole number from 1 to 1073741824"},
      {"policy.expiry_warning_days = -1\n",
       "config.toml:1:30: 'policy.expiry_warning_days' must be a whole number from 0 to 36500"},
      {"policy.in_distro_store = \"ours\"\n",
       "config.toml:1:26: 'policy.in_distro_store' must be \"skip\" or \"install\""},
      {"store.hooks = true\n", "config.toml:1:15: 'store.hooks' must be \"run\" or \"skip\""},
      {"policy.provision.rejected = \"ignore\"\n",
       "config.toml:1:29: 'policy.provision.rejected' must be \"fail\" or \"keep\""},
      {"rotation.directory = \"certs\"\n", "config.toml:1:22: 'rotation.directory' must be an absolute path"},
      {"rotation.settle_ms = -1\n",
       "config.toml:1:22: 'rotation.settle_ms' must be a whole number from 0 to 3600000"},
      {"provision.from = \"/a\"\n", "config.toml:1:18: 'provision.from' must be a list of absolute paths"},
      {"provision.from = [\"/a\",\n  \"b\"]\n",
       "config.toml:2:3: 'provision.from' must be a list of absolute paths"},
      {"[limits\n", "config.toml:1:8: not TOML: Error while parsing table header: expected ']', saw '\\n'"},
      {"a = 1\na = 2\n",
       "config.toml:2:5: not TOML: Error while parsing key-value pair: cannot redefine existing integer 'a'"},
      {"key = \"\xFF\"\n", "config.toml:1:7: not TOML: Encountered invalid utf-8 sequence"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    CHECK(error_of(text) == message);
  }
}

TEST_CASE("units and paths that systemd could not take are refused") {
  for (const char* unit : {"containerd", ".service", "service.", "a b.service", "a/b.service", ""})
    CHECK(error_of("consumers.units = [\"" + std::string(unit) + "\"]") ==
          "config.toml:1:20: 'consumers.units' must be a list of unit names such as \"containerd.service\"");
  for (const char* path : {"certs", "", "/certs ", "/a\\nb"})
    CHECK(error_of("rotation.directory = \"" + std::string(path) + "\"") ==
          "config.toml:1:22: 'rotation.directory' must be an absolute path");
  CHECK(error_of("metrics.file = \"\"") == "");
  CHECK(error_of("metrics.file = \"a.prom\"") ==
        "config.toml:1:16: 'metrics.file' must be an absolute path, or empty");
  CHECK(error_of("policy.provision.on_failure = \"stop\"") ==
        "config.toml:1:31: 'policy.provision.on_failure' must be \"continue\" or \"block\"");
}
