#include "cmd/image_rows.hpp"

#include "base/text.hpp"
#include "cmd/hints.hpp"
#include "config/paths.hpp"

namespace nct {

namespace {

constexpr std::string_view kBake = "'node-ca-trust bake' puts it right";
constexpr std::string_view kInstall = "install the package of node-ca-trust into the image again";

}  // namespace

std::vector<std::string> gate_checks(bool expects) {
  std::vector<std::string> checks{"configuration", "store",     "record",    "units",
                                  "directories",   "libraries", "leftovers", "permissions"};
  if (expects) checks.emplace_back("expected");
  return checks;
}

std::string check_of(std::string_view kind) {
  if (kind == "configuration-refused") return "configuration";
  if (kind == "proof-unrecorded") return "record";
  if (kind == "unit-missing" || kind == "unit-not-enabled" || kind == "unit-changed" ||
      kind == "drop-in-missing")
    return "units";
  if (kind == "directory-missing") return "directories";
  if (kind == "library-missing" || kind == "library-unfit") return "libraries";
  if (kind == "leftover" || kind == "machine-specific" || kind == "interrupted") return "leftovers";
  if (kind == "unsafe-path") return "permissions";
  if (kind == "expected-missing") return "expected";
  return "store";
}

Report::Drift row_of(const ImageMiss& miss) {
  Report::Drift row{.subject = miss.subject, .message = miss.message};
  switch (miss.kind) {
    case ImageMiss::Kind::unit_missing:
      row.kind = "unit-missing";
      row.hint = kInstall;
      break;
    case ImageMiss::Kind::unit_not_enabled:
      row.kind = "unit-not-enabled";
      row.hint = kBake;
      break;
    case ImageMiss::Kind::unit_changed:
      row.kind = "unit-changed";
      row.hint =
          "'systemctl cat' shows the whole unit; take this out, or move what is needed into a unit of its "
          "own";
      break;
    case ImageMiss::Kind::drop_in_missing:
      row.kind = "drop-in-missing";
      row.hint =
          "'node-ca-trust bake' writes one that is missing; what hides it is for its owner to move away";
      break;
    case ImageMiss::Kind::directory_missing:
      row.kind = "directory-missing";
      row.hint = kBake;
      break;
    case ImageMiss::Kind::library_missing:
      row.kind = "library-missing";
      row.hint = "install the package that brings it into the image, and run ldconfig there";
      break;
    case ImageMiss::Kind::library_unfit:
      row.kind = "library-unfit";
      row.hint = "install the distribution's package of it again, or a newer one";
      break;
    case ImageMiss::Kind::leftover:
      row.kind = "leftover";
      row.hint = "'node-ca-trust bake' finishes what was broken off; remove what is of nobody";
      break;
    case ImageMiss::Kind::machine_specific:
      row.kind = "machine-specific";
      row.hint = "'node-ca-trust bake' as the last step of the build takes it out";
      break;
    case ImageMiss::Kind::unsafe_path:
      row.kind = "unsafe-path";
      row.hint = "who may write it decides what the node trusts: 'chown root:root' and 'chmod go-w' it";
      break;
  }
  return row;
}

Report::Drift row_of_untrusted(const JudgedCertificate& expected) {
  return {
      .kind = "expected-missing",
      .subject = expected.certificate.subject,
      .message = concat("the image does not trust it: ", expected.origin.text(), ", sha256 ",
                        expected.certificate.fingerprint.hex()),
      .hint =
          "give its file to 'node-ca-trust bake --from', together with all others that the image shall hold"};
}

Report::Drift refused_configuration(const Error& error) {
  return {.kind = "configuration-refused",
          .subject = std::string(kConfig),
          .message = error.message,
          .hint = std::string(hint_for(error))};
}

Report::Drift missing_record() {
  return {
      .kind = "proof-unrecorded",
      .subject = std::string(kRecord),
      .message = "what was proved is not on record, or of another libcrypto: each first boot proves it again",
      .hint = std::string(kBake)};
}

}  // namespace nct
