#include "wish/manifest.hpp"

#include <doctest/doctest.h>
#include <string>

#include "cert/certificate.hpp"
#include "cert/sha256.hpp"

using namespace nct;

namespace {

// A manifest keeps certificates without parsing them.
Manifest example() {
  Manifest manifest;
  const std::string der = "one certificate";
  const std::string other(300, '\x7f');
  manifest.anchors[sha256(der)] = {
      .der = der,
      .subject = "CN=Corporate \\\"Root\\\",O=Example",
      .owners = {{.source = "baked", .input = "/image.pem", .origin = "/image.pem: entry 1"},
                 {.source = "provision", .input = "/bundle.pem", .origin = "/bundle.pem: entry 2, line 14"}}};
  manifest.anchors[sha256(other)] = {
      .der = other, .subject = "", .owners = {{.source = "unknown", .input = "", .origin = "'''"}}};
  manifest.owed = {.hooks_added = {"node-ca-trust-1.pem"},
                   .hooks_removed = {"a \"b\".pem", "c.pem"},
                   .consumers = {"containerd.service"}};
  manifest.changed = {
      .unix_time = 1795463073, .boot = "0c1d7e5a-0000-4000-8000-000000000000", .monotonic_us = 15622242727};
  return manifest;
}

std::string damaged(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a manifest reads as it was written") {
  for (const auto& manifest : {Manifest{}, example()}) {
    const auto text = text_of(manifest);
    const auto read = manifest_from(text, "manifest.toml");
    REQUIRE_MESSAGE(read, read.error().message);
    CHECK(*read == manifest);
    CHECK(text_of(*read) == text);
  }
}

TEST_CASE("an input's name of any bytes becomes text, and stays the same text") {
  Manifest manifest;
  manifest.anchors[sha256("a")] = {
      .der = "a",
      .subject = "",
      .owners = {{.source = "provision", .input = "b\xFF\n\x1b.pem", .origin = ""}}};
  const auto read = manifest_from(text_of(manifest), "manifest.toml");
  REQUIRE(read);
  CHECK(read->anchors.begin()->second.owners.front().input == "b\\xff\\x0a\\x1b.pem");
  CHECK(manifest_from(text_of(*read), "manifest.toml") == *read);
}

TEST_CASE("a manifest that is not whole is refused, with its file") {
  const auto text = text_of(example());
  const auto hex = example().anchors.begin()->first.hex();
  struct Row {
    std::string text;
    std::string message;
  };
  const Row rows[] = {
      {"", "m: not a manifest of schema 1"},
      {std::string(100, '\0'),
       "m:1: Error while parsing root table: expected keys, tables, whitespace or comments, saw '\\u0000'"},
      {"schema = 2\n", "m: not a manifest of schema 1"},
      {"schema = 1\n", "m: it is cut off"},
      {"schema = 1\nanchor = [3]\n\n# end\n", "m: an anchor that is not a table"},
      {"schema = 1\n[[anchor]]\n\n# end\n", "m: an anchor without fingerprint"},
      {damaged(text, "fingerprint_sha256 = \"" + hex, "fingerprint_sha256 = \"" + std::string(64, '0')),
       "m: anchor " + std::string(64, '0') + " without its certificate"},
      {damaged(text, "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----"),
       "m: anchor " + hex + " without its certificate"},
  };
  for (const auto& [broken, message] : rows) {
    CAPTURE(broken);
    const auto manifest = manifest_from(broken, "m");
    REQUIRE_FALSE(manifest);
    CHECK(manifest.error().code == Errc::in_the_way);
    CHECK(manifest.error().message == message);
  }
}

TEST_CASE("a manifest cut off anywhere is not taken for a whole one with fewer anchors or owners") {
  const auto text = text_of(example());
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(manifest_from(text.substr(0, size), "m").has_value());
  }
}
