// A private registry and Debian's containerd on a machine, and pulls through its CRI socket.
#pragma once

#include "system/node_disk.hpp"

#include <string>

namespace nct::test {

constexpr const char* kImage = "registry.test:5000/tiny:1";

// One byte of protocol buffers' length is enough for what is short.
inline std::string field_one(const std::string& value) {
  return concat("\x0a", std::string(1, static_cast<char>(value.size())), value);
}

// PullImageRequest { image: ImageSpec { image: kImage } }, as gRPC frames it.
inline std::string pull_request() {
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

// Puts containerd in the place of its stand-in, counted in the same way, and a TLS registry beside it, whose
// certificate is of `ca`.
inline void add_registry(Disk& disk, const TestCa& ca) {
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
}

inline bool refuses(const Finished& pull) {
  return pull.out.contains("grpc-status: 2") &&
         pull.out.contains("x509: certificate signed by unknown authority");
}

inline bool succeeds(const Finished& pull) {
  return pull.out.contains("grpc-status: 0");
}

// An image lies in the registry, which answers.
inline Finished push(const Machine& machine) {
  (void)machine.comes_true("curl -sSf --cacert /etc/registry/ca.pem https://registry.test:5000/v2/");
  return machine.shell("/usr/local/bin/push");
}

}  // namespace nct::test
