#include "store/family.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace nct {

namespace {

// Why a system's store is not changed.
constexpr std::string_view kOldOpenssl = "it has OpenSSL 1.1.1, and this program needs OpenSSL 3";
constexpr std::string_view kMusl = "its C library is musl, and this program needs glibc";
constexpr std::string_view kOldSuse =
    "it has OpenSSL 1.1.1 and a glibc before 2.34, and this program needs OpenSSL 3 and glibc 2.34: service "
    "pack 6 and SUSE Linux Micro 6 are the first that have them";
constexpr std::string_view kOldGlibc = "its C library is older than glibc 2.34, which this program needs";

// A system, by words of its os-release; an empty one stands for any. The first row that fits counts.
struct System {
  std::string_view id;  // of ID; or one of ID_LIKE, where no row has the ID
  std::string_view variant_id;
  std::string_view version;  // of VERSION_ID, or what it begins with up to a dot
  std::string_view family;   // its name; empty where there is none
  std::string_view refusal;  // and why
};

constexpr System of(std::string_view family, std::string_view id) {
  return {.id = id, .variant_id = {}, .version = {}, .family = family, .refusal = {}};
}

constexpr System refuse(std::string_view why, std::string_view id) {
  return {.id = id, .variant_id = {}, .version = {}, .family = {}, .refusal = why};
}

constexpr System version(std::string_view number, System system) {
  system.version = number;
  return system;
}

constexpr System variant(std::string_view variant_id, System system) {
  system.variant_id = variant_id;
  return system;
}

constexpr System kSystems[] = {
    of("debian", "debian"),
    of("debian", "ubuntu"),
    of("gardener", "gardenlinux"),
    // Where the program does not run.
    refuse(kOldOpenssl, "mariner"),
    version("2", refuse(kOldOpenssl, "amzn")),
    version("8", refuse(kOldOpenssl, "rhel")),
    version("8", refuse(kOldOpenssl, "centos")),
    version("8", refuse(kOldOpenssl, "rocky")),
    version("8", refuse(kOldOpenssl, "almalinux")),
    version("8", refuse(kOldOpenssl, "ol")),
    refuse(kMusl, "alpine"),
    refuse(kMusl, "wolfi"),
    refuse("it runs no programs of its users; its machine configuration takes CAs, as TrustedRootsConfig",
           "talos"),
    refuse("it runs no programs of its users; its settings take CAs, below settings.pki", "bottlerocket"),
    version("3", refuse(kOldGlibc, "photon")),
    version("4", refuse(kOldGlibc, "photon")),
    // Those whose certificate files lie in /etc/ssl/certs.
    of("flatcar", "flatcar"),
    of("photon", "photon"),
    // p11-kit's. Azure Linux 3 as it is, as Azure Container Linux, and as OS Guard.
    variant("azurecontainerlinux", of("azurelinux3", "azurelinux")),
    version("3", of("azurelinux3", "azurelinux")),
    of("azurelinux3", "azurecontainerlinux"),
    of("azurelinux3", "acl"),
    version("9", of("el9", "rhel")),
    version("9", of("el9", "centos")),
    version("9", of("el9", "rocky")),
    version("9", of("el9", "almalinux")),
    version("9", of("el9", "ol")),
    version("2023", of("el9", "amzn")),
    version("10", of("el10", "rhel")),
    version("10", of("el10", "centos")),
    version("10", of("el10", "rocky")),
    version("10", of("el10", "almalinux")),
    version("10", of("el10", "ol")),
    version("4", of("fedora43", "azurelinux")),
    version("41", of("fedora43", "fedora")),
    version("42", of("fedora43", "fedora")),
    version("43", of("fedora43", "fedora")),
    of("fedora44", "fedora"),
    of("arch", "arch"),
    // SUSE's. "suse" is what the others are like.
    version("12", refuse(kOldSuse, "sles")),
    version("15.6", of("suse", "sles")),
    version("15.7", of("suse", "sles")),
    version("15", refuse(kOldSuse, "sles")),
    of("suse", "sles"),
    version("15.6", of("suse", "opensuse-leap")),
    version("15", refuse(kOldSuse, "opensuse-leap")),
    of("suse", "opensuse-leap"),
    of("suse", "opensuse-tumbleweed"),
    of("suse", "opensuse-slowroll"),
    of("suse", "opensuse-microos"),
    version("5", refuse(kOldSuse, "opensuse-leap-micro")),
    of("suse", "opensuse-leap-micro"),
    version("5", refuse(kOldSuse, "sle-micro")),
    of("suse", "sl-micro"),
    version("12", refuse(kOldSuse, "suse")),
    version("15.6", of("suse", "suse")),
    version("15.7", of("suse", "suse")),
    version("15", refuse(kOldSuse, "suse")),
    of("suse", "suse"),
};

// os-release(5): shell-like assignments, values perhaps in quotes. Lower-cased: images are not of one mind
// about case.
std::map<std::string, std::string> assignments_of(std::string_view os_release) {
  std::map<std::string, std::string> values;
  for (auto line : lines_of(os_release)) {
    line = trimmed(line);
    const auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    auto value = line.substr(equals + 1);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    std::string lower(value);
    std::ranges::transform(lower, lower.begin(), ascii_lower);
    values[std::string(line.substr(0, equals))] = std::move(lower);
  }
  return values;
}

std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  while (!(text = trimmed(text)).empty()) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

struct OsRelease {
  std::string id;
  std::string variant_id;
  std::string version;
  std::string like;
};

OsRelease os_release_from(std::string_view text) {
  auto values = assignments_of(text);
  return {.id = values["ID"],
          .variant_id = values["VARIANT_ID"],
          .version = values["VERSION_ID"],
          .like = values["ID_LIKE"]};
}

const System* system_of(const OsRelease& os, std::string_view id) {
  const auto* const found = std::ranges::find_if(kSystems, [&](const System& system) {
    return system.id == id && (system.variant_id.empty() || system.variant_id == os.variant_id) &&
           (system.version.empty() || concat(os.version, ".").starts_with(concat(system.version, ".")));
  });
  return found == std::end(kSystems) ? nullptr : found;
}

std::string words_of(const OsRelease& os) {
  std::string words = concat("os-release says ID='", printable(os.id), "'");
  if (!os.variant_id.empty()) words += concat(" VARIANT_ID='", printable(os.variant_id), "'");
  if (!os.version.empty()) words += concat(" VERSION_ID='", printable(os.version), "'");
  if (!os.like.empty()) words += concat(" ID_LIKE='", printable(os.like), "'");
  return words;
}

std::string known_families() {
  std::string known;
  for (const auto& family : families())
    known += concat(known.empty() ? "" : ", ", family.name);
  return known;
}

}  // namespace

Result<const Family*> family_named(std::string_view name) {
  const auto family = std::ranges::find(families(), name, &Family::name);
  if (family != families().end()) return &*family;
  return fail(Errc::usage, concat("'", printable(name),
                                  "', and the families whose store is known are: ", known_families()));
}

Result<Distro> distro_from(const std::optional<std::string>& os_release, std::string_view chosen) {
  const auto os = os_release_from(os_release.value_or(""));
  if (!chosen.empty()) {
    auto family = family_named(chosen);
    if (family) return Distro{.id = os.id, .family = *family, .likeness = {}};
    return fail(Errc::configuration, concat("store.family is ", family.error().message));
  }
  if (!os_release) return Distro{.id = {}, .family = &families().front(), .likeness = {}};
  const auto* system = system_of(os, os.id);
  std::string likeness;
  for (const auto word : words_in(os.like)) {
    if (system != nullptr) break;
    system = system_of(os, word);
    likeness = word;
  }
  if (system == nullptr)
    return fail(Errc::configuration,
                concat(words_of(os), ", and the families whose trust store is known are: ", known_families(),
                       " (store.family in the configuration chooses one)"));
  if (system->family.empty()) return fail(Errc::configuration, concat(words_of(os), ": ", system->refusal));
  NCT_TRY(const auto* family, family_named(system->family));
  return Distro{.id = os.id, .family = family, .likeness = std::move(likeness)};
}

}  // namespace nct
