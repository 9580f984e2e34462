#include "report/report.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;

namespace {

Fingerprint filled(unsigned char value) {
  Fingerprint fingerprint;
  fingerprint.bytes.fill(value);
  return fingerprint;
}

}  // namespace

TEST_CASE("a report with everything in it") {
  Report::Certificate certificate{.certificate = {.fingerprint = filled(0xab),
                                                  .subject = "CN=Corporate Root,O=Example",
                                                  .issuer = "CN=Corporate Root,O=Example",
                                                  .serial = "-0a",
                                                  .not_before = 0,
                                                  .not_after = 1795463073},
                                  .source = "provision",
                                  .origin = "bundle.pem: entry 1",
                                  .verdict = Verdict::accepted,
                                  .findings = {{.finding = {.code = FindingCode::negative_serial,
                                                            .origin = {.file = "bundle.pem", .entry = 1},
                                                            .message = "its serial number is negative: -0a"},
                                                .hint = "ask for another"}}};
  Report::Certificate anchor{
      .certificate = {.fingerprint = filled(0x01), .subject = "CN=\"quoted\\\xFF\""},
      .source = "baked",
      .origin = "/image.pem: entry 1",
      .owners = {{.source = "baked", .input = "/image.pem", .origin = "/image.pem: entry 1"},
                 {.source = "provision", .input = "/b.pem", .origin = "/b.pem: entry 2"}},
      .file = "/usr/local/share/ca-certificates/node-ca-trust/node-ca-trust-01.crt"};
  Report report{.command = "provision",
                .result = RunResult::changed,
                .distro = Report::Distro{.id = "ubuntu", .family = "debian"}};
  report.certificates = {certificate};
  report.anchors = {anchor};
  report.findings = {{.finding = {.code = FindingCode::private_key,
                                  .severity = Severity::error,
                                  .origin = {.file = "bundle.pem", .entry = 3, .certificate = 0, .line = 14},
                                  .message = "a private key"},
                      .hint = ""}};
  report.plan = {{.step = "add-anchor", .subject = "/a", .reason = "it is not there", .outcome = "done"},
                 {.step = "publish-store", .subject = "/b", .reason = "2 links change", .outcome = ""}};
  report.repairs = {"/c: is stale"};
  report.warnings = {"hook '/d' exited with status 1"};
  report.drift = {
      {.kind = "anchor-missing", .subject = "/e", .message = "it is not there", .hint = "provision"}};
  report.store = {.bundle = "/f", .roots = 142, .anchors = 2, .proved = true};
  report.rotation = {.directory = "/opt/certs",
                     .units = {{.unit = "a.path", .state = "active", .file_state = "enabled"},
                               {.unit = "b.timer", .state = "", .file_state = "masked"}}};
  report.consumers = {{.unit = "c.service", .state = "fresh", .started = {}, .changed = {}},
                      {.unit = "d.service", .state = "stale", .started = 0, .changed = 1795463073}};
  report.error = {.code = "input", .message = "refused", .hint = "fix it"};

  CHECK(json_of(report) == R"({
  "schema": 1,
  "command": "provision",
  "result": "changed",
  "distro": {
    "id": "ubuntu",
    "family": "debian"
  },
  "certificates": [
    {
      "fingerprint_sha256": "abababababababababababababababababababababababababababababababab",
      "subject": "CN=Corporate Root,O=Example",
      "issuer": "CN=Corporate Root,O=Example",
      "serial": "-0a",
      "not_before": "1970-01-01T00:00:00Z",
      "not_after": "2026-11-23T19:44:33Z",
      "source": "provision",
      "origin": "bundle.pem: entry 1",
      "verdict": "accepted",
      "findings": [
        {
          "code": "negative-serial",
          "severity": "warning",
          "message": "its serial number is negative: -0a",
          "hint": "ask for another"
        }
      ]
    }
  ],
  "anchors": [
    {
      "fingerprint_sha256": "0101010101010101010101010101010101010101010101010101010101010101",
      "subject": "CN=\"quoted\\�\"",
      "not_before": "1970-01-01T00:00:00Z",
      "not_after": "1970-01-01T00:00:00Z",
      "source": "baked",
      "origin": "/image.pem: entry 1",
      "owners": [
        {
          "source": "baked",
          "origin": "/image.pem: entry 1"
        },
        {
          "source": "provision",
          "origin": "/b.pem: entry 2"
        }
      ],
      "file": "/usr/local/share/ca-certificates/node-ca-trust/node-ca-trust-01.crt",
      "findings": []
    }
  ],
  "findings": [
    {
      "code": "private-key",
      "severity": "error",
      "origin": "bundle.pem: entry 3, line 14",
      "message": "a private key"
    }
  ],
  "plan": [
    {
      "step": "add-anchor",
      "subject": "/a",
      "reason": "it is not there",
      "outcome": "done"
    },
    {
      "step": "publish-store",
      "subject": "/b",
      "reason": "2 links change"
    }
  ],
  "repairs": [
    "/c: is stale"
  ],
  "warnings": [
    "hook '/d' exited with status 1"
  ],
  "drift": [
    {
      "kind": "anchor-missing",
      "subject": "/e",
      "message": "it is not there",
      "hint": "provision"
    }
  ],
  "store": {
    "bundle": "/f",
    "roots": 142,
    "anchors": 2,
    "proved": true
  },
  "rotation": {
    "directory": "/opt/certs",
    "units": [
      {
        "unit": "a.path",
        "state": "active",
        "file_state": "enabled"
      },
      {
        "unit": "b.timer",
        "file_state": "masked"
      }
    ]
  },
  "consumers": [
    {
      "unit": "c.service",
      "state": "fresh"
    },
    {
      "unit": "d.service",
      "state": "stale",
      "started": "1970-01-01T00:00:00Z",
      "changed": "2026-11-23T19:44:33Z"
    }
  ],
  "error": {
    "code": "input",
    "message": "refused",
    "hint": "fix it"
  }
}
)");
}

TEST_CASE("what is not there is left out, and an empty list that a command promises is not") {
  CHECK(json_of({.command = "lint", .result = RunResult::unchanged}) == R"({
  "schema": 1,
  "command": "lint",
  "result": "unchanged"
}
)");
  Report report{.command = "status", .result = RunResult::unchanged};
  report.drift.emplace();
  report.anchors.emplace();
  CHECK(json_of(report) == R"({
  "schema": 1,
  "command": "status",
  "result": "unchanged",
  "anchors": [],
  "drift": []
}
)");
}

TEST_CASE("every result has a name") {
  CHECK(name_of(RunResult::changed) == "changed");
  CHECK(name_of(RunResult::unchanged) == "unchanged");
  CHECK(name_of(RunResult::nothing_to_do) == "nothing-to-do");
  CHECK(name_of(RunResult::planned) == "planned");
  CHECK(name_of(RunResult::failed) == "failed");
}
