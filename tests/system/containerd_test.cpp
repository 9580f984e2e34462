// containerd itself, Debian's, pulls by way of its CRI socket from a TLS registry of a private CA.
#include "system/sync_machine.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <thread>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kImage = "registry.test:5000/tiny:1";
constexpr const char* kIdle = "systemctl is-active node-ca-trust-rotate.service | grep -qx inactive";

// One byte of protocol buffers' length is enough for what is short.
std::string field_one(const std::string& value) {
  return concat("\x0a", std::string(1, static_cast<char>(value.size())), value);
}

// PullImageRequest { image: ImageSpec { image: kImage } }, as gRPC frames it.
std::string pull_request() {
  const auto message = field_one(field_one(kImage));
  // Not compressed, and the length in four bytes.
  return concat(std::string(4, '\0'), std::string(1, static_cast<char>(message.size())), message);
}

constexpr const char* kPull = R"sh(#!/bin/sh
curl -sS --http2-prior-knowledge --unix-socket /run/containerd/containerd.sock -H 'te: trailers' \
  -H 'content-type: application/grpc' --data-binary @/etc/pull-request -D - -o /dev/null \
  http://localhost/runtime.v1.ImageService/PullImage
)sh";

// An image of one file, by the registry's HTTP API.
constexpr const char* kPush = R"sh(#!/bin/sh
set -e
cd "$(mktemp -d)"
registry=https://registry.test:5000/v2/tiny
ask() { curl -sSf --cacert /etc/registry/ca.pem "$@"; }
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
put() {
  location=$(ask -X POST -D - -o /dev/null $registry/blobs/uploads/ |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  ask -X PUT -H 'content-type: application/octet-stream' --data-binary "@$1" \
    "$location&digest=sha256:$(digest "$1")"
}
echo hello >hello.txt
tar -cf layer hello.txt
gzip -nk layer
cat >config <<END
{"architecture":"amd64","os":"linux","config":{},
 "rootfs":{"type":"layers","diff_ids":["sha256:$(digest layer)"]}}
END
put layer.gz
put config
type=application/vnd.docker
cat >manifest <<END
{"schemaVersion":2,"mediaType":"$type.distribution.manifest.v2+json",
 "config":{"mediaType":"$type.container.image.v1+json","size":$(stat -c %s config),
  "digest":"sha256:$(digest config)"},
 "layers":[{"mediaType":"$type.image.rootfs.diff.tar.gzip","size":$(stat -c %s layer.gz),
  "digest":"sha256:$(digest layer.gz)"}]}
END
ask -X PUT -H "content-type: $type.distribution.manifest.v2+json" \
  --data-binary @manifest $registry/manifests/1
)sh";

Disk registry_disk(const TestCa& ca) {
  auto disk = sync_disk("settle_ms = 300\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n");
  disk.files.erase("/etc/systemd/system/containerd.service");
  for (const char* unit : {"containerd.service", "docker-registry.service"}) {
    disk.links[concat("/etc/systemd/system/", unit)] = concat("/lib/systemd/system/", unit);
    disk.links[concat("/etc/systemd/system/multi-user.target.wants/", unit)] =
        concat("/lib/systemd/system/", unit);
  }
  disk.files["/etc/systemd/system/containerd.service.d/count.conf"] =
      "[Service]\nExecStartPost=/bin/sh -c 'echo started >>/run/containerd.starts'\n";
  const auto leaf = make_leaf(ca, "registry.test");
  disk.files["/etc/registry/ca.pem"] = ca.pem;
  disk.files["/etc/registry/server.pem"] = leaf.pem;
  disk.files["/etc/registry/server.key"] = leaf.key_pem;
  disk.files["/etc/hosts"] = "127.0.0.1 localhost registry.test\n";
  disk.files["/etc/docker/registry/config.yml"] =
      "version: 0.1\n"
      "storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}\n"
      "http: {addr: \"127.0.0.1:5000\", tls: {certificate: /etc/registry/server.pem, key: "
      "/etc/registry/server.key}}\n";
  disk.files["/etc/pull-request"] = pull_request();
  disk.files["/usr/local/bin/pull"] = kPull;
  disk.files["/usr/local/bin/push"] = kPush;
  return disk;
}

bool refuses(const Finished& pull) {
  return pull.out.contains("grpc-status: 2") &&
         pull.out.contains("x509: certificate signed by unknown authority");
}

bool succeeds(const Finished& pull) {
  return pull.out.contains("grpc-status: 0");
}

}  // namespace

TEST_CASE("containerd pulls from a private registry after its CA was synced, and not after it left") {
  const auto ca = make_ca({.common_name = "Registry Root"});
  const auto other = make_ca({.common_name = "Other Root"});
  const SyncMachine node(registry_disk(ca));
  const auto& machine = node.machine();
  REQUIRE(machine.comes_true("curl -sSf --cacert /etc/registry/ca.pem https://registry.test:5000/v2/"));
  const auto pushed = machine.shell("/usr/local/bin/push");
  INFO(pushed.err);
  REQUIRE(pushed.status == 0);
  const auto before = machine.shell("/usr/local/bin/pull");
  INFO(before.out, before.err);
  REQUIRE(refuses(before));
  CHECK(starts_of(machine, "containerd") == "1");

  // All that a rotation does has been done: nothing runs, and nothing has for longer than any of its times.
  const auto settled = [&](const std::vector<TestCa>& cas) {
    for (int i = 0; i < 100 && !node.trusts_exactly(cas); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(node.trusts_exactly(cas));
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    CHECK(machine.comes_true(kIdle));
    CHECK(node.trusts_exactly(cas));
  };
  machine.write("/opt/certs/00000000000000ca1.crt", ca.pem);
  machine.write("/opt/certs/00000000000000ca2.crt", other.pem);
  settled({ca, other});
  const auto after = machine.shell("/usr/local/bin/pull");
  CHECK_MESSAGE(succeeds(after), after.out, after.err);
  CHECK(starts_of(machine, "containerd") == "2");

  SUBCASE("new tags and the same certificates restart nothing") {
    const std::string runs = "$(journalctl -u node-ca-trust-rotate -o cat | grep -c ^Starting)";
    const auto so_far = machine.output(concat("echo ", runs));
    for (const char* name : {"ca1.crt", "ca2.crt"}) {
      machine.write(concat("/opt/certs/20260822151315", name), name[2] == '1' ? ca.pem : other.pem);
      std::filesystem::remove(node.certs() / concat("00000000000000", name));
    }
    CHECK(machine.comes_true(concat("test ", runs, " -gt ", so_far)));
    settled({ca, other});
    CHECK(starts_of(machine, "containerd") == "2");
    CHECK(succeeds(machine.shell("/usr/local/bin/pull")));
  }
  SUBCASE("when the CA leaves, a fresh pull fails again") {
    std::filesystem::remove(node.certs() / "00000000000000ca1.crt");
    settled({other});
    const auto late = machine.shell("/usr/local/bin/pull");
    CHECK_MESSAGE(refuses(late), late.out, late.err);
    CHECK(starts_of(machine, "containerd") == "3");
  }
  CHECK(machine.output("systemctl --failed --no-legend --plain") == "");
}
