#include "wish/desired.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

#include "cert/certificate.hpp"
#include "cert/sha256.hpp"

using namespace nct;

namespace {

// Content stands for a certificate here: nothing of this is parsed.
Fingerprint print_of(const std::string& name) {
  return sha256(name);
}

Owner owner(const std::string& source, const std::string& input) {
  return {.source = source, .input = input, .origin = input + ": entry 1"};
}

AnchorSet anchors(const std::vector<std::pair<std::string, std::vector<Owner>>>& rows) {
  AnchorSet set;
  for (const auto& [name, owners] : rows)
    set[print_of(name)] = {.der = name, .subject = "CN=" + name, .owners = owners};
  return set;
}

Source source_of(const std::vector<std::pair<std::string, std::string>>& certificates) {
  Source source;
  for (const auto& [name, input] : certificates) {
    JudgedCertificate judged{.certificate = {.fingerprint = print_of(name), .der = name},
                             .origin = {.file = input, .entry = 1}};
    judged.certificate.subject = "CN=" + name;
    source.certificates.push_back(judged);
    source.custom_from.insert(input);
  }
  return source;
}

// What entries bring: "certificate", "entry"; and which are faulty.
GenerationReading reading_of(const std::vector<std::pair<std::string, std::string>>& certificates,
                             const std::set<std::string>& faulty = {}) {
  GenerationReading reading{.there = true, .source = source_of(certificates), .faulty = faulty};
  for (const auto& [name, entry] : certificates)
    reading.good.emplace_back(print_of(name), owner("rotation", entry));
  return reading;
}

Owner rotated(const std::string& entry) {
  return owner("rotation", entry);
}

const Owner kBundle = owner("provision", "/bundle.pem");
const Owner kProxy = owner("provision", "/proxy.pem");

}  // namespace

TEST_CASE("files of the configuration replace what came from them, and absent ones keep it") {
  const auto installed = anchors({{"a", {kBundle}}, {"b", {kProxy}}, {"c", {owner("baked", "/image.pem")}}});
  CHECK(desired_for_provision(installed, source_of({{"d", "/bundle.pem"}}),
                              {.names = {"/bundle.pem"}, .complete = false}) ==
        anchors({{"b", {kProxy}}, {"c", {owner("baked", "/image.pem")}}, {"d", {kBundle}}}));
  CHECK(desired_for_provision(installed, {}, {.names = {}, .complete = false}) == installed);
}

TEST_CASE("files named on the command line are all of the source provision") {
  const auto installed = anchors({{"a", {kBundle}}, {"b", {kProxy}}, {"c", {owner("baked", "/image.pem")}}});
  CHECK(desired_for_provision(installed, source_of({{"b", "new.pem"}}),
                              {.names = {"new.pem"}, .complete = true}) ==
        anchors({{"b", {owner("provision", "new.pem")}}, {"c", {owner("baked", "/image.pem")}}}));
}

TEST_CASE("what an image is given replaces what it had of its own, and is known by its file's name alone") {
  const auto installed = anchors({{"a", {owner("baked", "old.pem")}}, {"b", {kProxy}}});
  CHECK(desired_for_image(installed, source_of({{"c", "/tmp/build.x7Yz/new.pem"}, {"b", "new.pem"}})) ==
        anchors({{"b", {owner("baked", "new.pem"), kProxy}}, {"c", {owner("baked", "new.pem")}}}));
}

TEST_CASE("an anchor of several owners stays until the last one goes") {
  const auto installed = anchors({{"a", {owner("baked", "/image.pem"), kBundle}}, {"b", {kBundle}}});
  CHECK(desired_for_provision(installed, source_of({{"b", "/bundle.pem"}}),
                              {.names = {"/bundle.pem"}, .complete = false}) ==
        anchors({{"a", {owner("baked", "/image.pem")}}, {"b", {kBundle}}}));
  CHECK(desired_for_provision({}, source_of({{"a", "/proxy.pem"}, {"a", "/bundle.pem"}}),
                              {.names = {"/bundle.pem", "/proxy.pem"}, .complete = false}) ==
        anchors({{"a", {kBundle, kProxy}}}));
}

TEST_CASE("an anchor found without a manifest belongs to who delivers it") {
  const auto installed = anchors({{"a", {owner("unknown", "")}}, {"b", {owner("unknown", "")}}});
  CHECK(desired_for_provision(installed, source_of({{"a", "/bundle.pem"}}),
                              {.names = {"/bundle.pem"}, .complete = false}) ==
        anchors({{"a", {kBundle}}, {"b", {owner("unknown", "")}}}));
}

TEST_CASE("only accepted certificates become anchors") {
  auto source = source_of({{"a", "/bundle.pem"}, {"b", "/bundle.pem"}, {"c", "/bundle.pem"}});
  source.certificates[0].verdict = Verdict::rejected;
  source.certificates[1].verdict = Verdict::duplicate;
  CHECK(desired_for_provision({}, source, {.names = {"/bundle.pem"}, .complete = false}) ==
        anchors({{"c", {kBundle}}}));
}

TEST_CASE("a removal takes what it names") {
  const auto installed =
      anchors({{"a", {owner("baked", "/image.pem"), kBundle}}, {"b", {kBundle}}, {"c", {kProxy}}});
  CHECK(desired_for_removal(installed, {.all = true}) == AnchorSet{});
  CHECK(desired_for_removal(installed, {.sources = {"provision"}}) ==
        anchors({{"a", {owner("baked", "/image.pem")}}}));
  CHECK(desired_for_removal(installed, {.sources = {"baked", "nobody"}}) ==
        anchors({{"a", {kBundle}}, {"b", {kBundle}}, {"c", {kProxy}}}));
  CHECK(desired_for_removal(installed, {.fingerprints = {print_of("a"), print_of("z")}}) ==
        anchors({{"b", {kBundle}}, {"c", {kProxy}}}));
  CHECK(desired_for_removal(installed, {}) == installed);
}

TEST_CASE("what a generation adds is wanted promptly, what left it goes late") {
  const auto installed = anchors(
      {{"a", {rotated("1")}}, {"b", {rotated("2")}}, {"c", {kBundle}}, {"d", {kBundle, rotated("3")}}});
  const auto wish = desired_for_rotation(installed, reading_of({{"a", "1"}, {"e", "2"}, {"c", "4"}}));
  CHECK(wish.prompt == anchors({{"a", {rotated("1")}},
                                {"b", {rotated("2")}},
                                {"c", {kBundle, rotated("4")}},
                                {"d", {kBundle, rotated("3")}},
                                {"e", {rotated("2")}}}));
  CHECK(
      wish.late ==
      anchors(
          {{"a", {rotated("1")}}, {"c", {kBundle, rotated("4")}}, {"d", {kBundle}}, {"e", {rotated("2")}}}));
}

TEST_CASE("a missing directory wants what is installed, an empty one nothing of it") {
  const auto installed = anchors({{"a", {rotated("1")}}, {"c", {kBundle}}});
  CHECK(desired_for_rotation(installed, {}).prompt == installed);
  CHECK(desired_for_rotation(installed, {}).late == installed);
  CHECK(desired_for_rotation(installed, reading_of({})).prompt == installed);
  CHECK(desired_for_rotation(installed, reading_of({})).late == anchors({{"c", {kBundle}}}));
}

TEST_CASE("a faulty entry keeps what it brought, by its name") {
  const auto installed =
      anchors({{"a", {rotated("1")}}, {"b", {rotated("1"), rotated("2")}}, {"c", {rotated("2")}}});
  const auto wish = desired_for_rotation(installed, reading_of({{"d", "3"}}, {"1"}));
  CHECK(wish.late == anchors({{"a", {rotated("1")}}, {"b", {rotated("1")}}, {"d", {rotated("3")}}}));
  CHECK(
      wish.prompt ==
      anchors({{"a", {rotated("1")}}, {"b", {rotated("1")}}, {"c", {rotated("2")}}, {"d", {rotated("3")}}}));
  // And so does a document that says nothing of certificates.
  auto silent = reading_of({{"d", "3"}});
  silent.silent = {"1"};
  CHECK(desired_for_rotation(installed, silent).late == wish.late);
  CHECK(desired_for_rotation(installed, silent).prompt == wish.prompt);
  // A faulty entry that was never good brings nothing.
  CHECK(desired_for_rotation({}, reading_of({}, {"1"})).late == AnchorSet{});
}

TEST_CASE("a certificate that only moves to another entry is no removal") {
  const auto wish = desired_for_rotation(anchors({{"a", {rotated("1")}}, {"u", {owner("unknown", "")}}}),
                                         reading_of({{"a", "2"}, {"u", "3"}}));
  CHECK(wish.prompt == wish.late);
  CHECK(wish.late == anchors({{"a", {rotated("2")}}, {"u", {rotated("3")}}}));
}
