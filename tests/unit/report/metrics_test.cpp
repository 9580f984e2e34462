#include "report/metrics.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;

TEST_CASE("metrics of a first run, and of one that fails later") {
  Certificate certificate{.subject = "CN=\"quoted\\\"", .not_after = 1795463073};
  const auto hex = certificate.fingerprint.hex();
  const Metrics first{
      .command = "provision",
      .succeeded = true,
      .now = 1700000000,
      .state = Metrics::State{
          .anchors = {certificate}, .anchors_changed = 1699999999, .drift = 0, .stale_consumers = 1}};
  const auto text = text_of(first, "");
  CHECK(text ==
        "# HELP node_ca_trust_anchor_not_after_timestamp_seconds When an installed private CA certificate "
        "expires.\n# TYPE node_ca_trust_anchor_not_after_timestamp_seconds gauge\n"
        "node_ca_trust_anchor_not_after_timestamp_seconds{fingerprint_sha256=\"" +
            hex +
            "\",subject=\"CN=\\\"quoted\\\\\\\"\"} 1795463073\n"
            "# HELP node_ca_trust_anchors_changed_timestamp_seconds When the set of installed private CAs "
            "changed last.\n# TYPE node_ca_trust_anchors_changed_timestamp_seconds gauge\n"
            "node_ca_trust_anchors_changed_timestamp_seconds 1699999999\n"
            "# HELP node_ca_trust_drift Differences between manifest, anchors and store.\n"
            "# TYPE node_ca_trust_drift gauge\nnode_ca_trust_drift 0\n"
            "# HELP node_ca_trust_stale_consumers Consumers that hold an older set of private CAs.\n"
            "# TYPE node_ca_trust_stale_consumers gauge\nnode_ca_trust_stale_consumers 1\n"
            "# HELP node_ca_trust_last_success_timestamp_seconds When the command succeeded last.\n"
            "# TYPE node_ca_trust_last_success_timestamp_seconds gauge\n"
            "node_ca_trust_last_success_timestamp_seconds{command=\"provision\"} 1700000000\n"
            "# HELP node_ca_trust_last_run_succeeded Whether the last run of the command succeeded.\n"
            "# TYPE node_ca_trust_last_run_succeeded gauge\n"
            "node_ca_trust_last_run_succeeded{command=\"provision\"} 1\n");

  // One that could not read the node leaves what is said of it.
  const Metrics failed{.command = "rotate", .succeeded = false, .now = 1800000000, .state = std::nullopt};
  const auto both = text_of(failed, text);
  CHECK(both.starts_with(text.substr(0, text.find("# HELP node_ca_trust_last_success"))));
  const Metrics unwatched{
      .command = "rotate", .succeeded = false, .now = 1800000000, .state = Metrics::State{}};
  CHECK(text_of(unwatched, text).find("_drift") == std::string::npos);
  CHECK(both.ends_with(
      "node_ca_trust_last_success_timestamp_seconds{command=\"provision\"} 1700000000\n"
      "# HELP node_ca_trust_last_run_succeeded Whether the last run of the command succeeded.\n"
      "# TYPE node_ca_trust_last_run_succeeded gauge\n"
      "node_ca_trust_last_run_succeeded{command=\"provision\"} 1\n"
      "node_ca_trust_last_run_succeeded{command=\"rotate\"} 0\n"));
  auto again = first;
  again.succeeded = false;
  again.now = 1900000000;
  CHECK(text_of(again, both).find("last_success_timestamp_seconds{command=\"provision\"} 1700000000\n") !=
        std::string::npos);
}
