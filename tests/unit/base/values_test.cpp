#include <cerrno>
#include <doctest/doctest.h>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/finding.hpp"
#include "base/fingerprint.hpp"

using namespace nct;

TEST_CASE("an error keeps code and errno of its root cause as context is put in front") {
  auto failed = fail_errno("open", "/etc/ssl", ENOSPC);
  const auto error = std::move(failed.error()).within("publish");
  CHECK(error.code == Errc::io);
  CHECK(error.os_errno == ENOSPC);
  CHECK(error.message == "publish: open '/etc/ssl': no space left on device");
  CHECK(fail_errno("open", "/etc/shadow", EACCES).error().code == Errc::not_permitted);
}

namespace {
Result<int> half(int number) {
  if (number % 2 != 0) return fail(Errc::bug, "odd");
  return number / 2;
}
Result<int> quarter(int number) {
  NCT_TRY(const int first, half(number));
  NCT_TRY(const int second, half(first));
  return second;
}
}  // namespace

TEST_CASE("NCT_TRY hands values and errors on") {
  CHECK(quarter(12).value() == 3);
  CHECK(quarter(6).error().message == "odd");
}

TEST_CASE("a fingerprint reads what openssl prints") {
  const std::string hex(64, 'a');
  const auto fingerprint = Fingerprint::from_hex(hex);
  REQUIRE(fingerprint);
  CHECK(fingerprint->hex() == hex);
  std::string colons;
  for (int i = 0; i < 32; ++i)
    colons += i == 0 ? "AA" : ":AA";
  CHECK(Fingerprint::from_hex(colons) == fingerprint);
  CHECK_FALSE(Fingerprint::from_hex("aa").has_value());
}

TEST_CASE("an origin says what is known of it") {
  CHECK(Origin{.file = "ca.pem", .entry = 3, .certificate = 0, .line = 14}.text() ==
        "ca.pem: entry 3, line 14");
  CHECK(Origin{.file = "-", .entry = 1, .certificate = 2, .line = 0}.text() == "-: entry 1, certificate 2");
  CHECK(Origin{.file = "ca\n.pem"}.text() == "ca\\x0a.pem");
}

TEST_CASE("every finding code has a name of its own") {
  std::set<std::string> names;
  for (const auto code : all_finding_codes())
    names.emplace(name_of(code));
  CHECK(names.size() == all_finding_codes().size());
  CHECK(names.contains("trailing-garbage"));
}
