// Node systems, by how each makes its store of certificates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nct {

// How a family makes its store. node/ has one writer for all that is made of certificate files, and one for
// extracts.
enum class Mechanism : std::uint8_t {
  certificate_files,  // Debian's update-ca-certificates(8): all follows from certificate files in their order
  rehashed_files,     // Photon's: openssl-rehash(1) where they lie, and a bundle of them
  c_rehashed_files,   // Flatcar's: c_rehash(1) where they lie, and a bundle of what the hash links lead to
  extracts,           // p11-kit's trust(1) reads the sources, and writes each view of them
};

// Whether the certificate files lie in the directory of hash links itself, and nowhere else.
constexpr bool lie_in_store(Mechanism mechanism) {
  return mechanism == Mechanism::rehashed_files || mechanism == Mechanism::c_rehashed_files;
}

// What trust(1) extracts from its sources.
struct Extract {
  enum class Form : std::uint8_t {
    pem_bundle,
    openssl_bundle,  // "BEGIN TRUSTED CERTIFICATE", what is distrusted included
    java_cacerts,
    edk2_cacerts,
    pem_directory_hash,
    openssl_directory,  // the same, of "BEGIN TRUSTED CERTIFICATE"
  };
  Form form{};
  bool comment = false;      // --comment: a label before each certificate
  bool heading = false;      // the tool puts lines of its own in front of the first
  std::string_view purpose;  // of --purpose; empty for all
  std::string_view path;
};

constexpr bool is_directory(Extract::Form form) {
  return form == Extract::Form::pem_directory_hash || form == Extract::Form::openssl_directory;
}

// Where the distribution has a link to a view: to a file, or to the directory of hash links.
struct ViewLink {
  std::string_view path;
  std::string_view view;
};

// Where a family keeps what. Every path is absolute within the root.
struct Family {
  std::string_view name;
  Mechanism mechanism{};
  bool store_if_linked = false;  // the directory of hash links is one only where there are some in it
  bool store_has_names = false;  // it has a link to each file of the hash directory by the file's name, too;
                                 // and links of others, which the tool keeps as long as they lead somewhere
  std::string_view bundle;       // the file that most clients read
  std::string_view store;        // the directory of hash links, where there is one
  std::string_view anchors;      // where ours lie: below `local`, or the same
  std::string_view anchor_suffix;   // how their names end
  std::string_view local;           // where administrators put certificates of their own
  std::string_view shipped;         // the distribution's certificates
  std::string_view selection;       // the file that says which of them are trusted, where there is one
  std::string_view tool;            // what administrators run after a change
  std::string_view hooks;           // programs that are told of a change, where there are any
  std::string_view anchor_staging;  // how paths begin at which files wait that are renamed into `anchors`,
  std::string_view store_staging;   // and into the store: where no reader looks, on the same file system
  std::string_view bundle_staging;  // and to the bundle, and to other views of trust(1)
  std::string_view stale_bundle;    // what a killed run of the tool leaves for the next one, where it does
  std::span<const std::string_view> probes;   // without these the row is not the true one
  std::span<const std::string_view> writers;  // processes that write the store, too, by name
  std::span<const ViewLink> links;
  // Of p11-kit's families.
  std::span<const std::string_view> sources;  // what trust(1) reads, in order; each has anchors/, blocklist/
  std::span<const Extract> extracts;
  std::string_view into_view;       // how a link in `store` to a file of the hash directory begins
  std::string_view view_directory;  // of all views, where the tool holds flock(1) on it while it works, and
                                    // leaves it unwritable
  std::string_view snapshot_variable;  // of the environment: true where a snapshot of the system is made, to
                                       // which the views do not belong
};

// One row a family.
std::span<const Family> families();

struct Distro {
  std::string id;  // ID of os-release(5); empty where there is no os-release
  const Family* family = nullptr;
  std::string likeness;  // the word of ID_LIKE by which the family was found; empty where ID says it, or the
                         // configuration
};

// The family called `name`. Errc::usage names those that there are.
Result<const Family*> family_named(std::string_view name);

// The family of a root with this os-release(5), or without one: as `chosen` (store.family), else by
// VARIANT_ID and ID, else by ID_LIKE. A root without os-release is recognised by the probes alone, which the
// caller checks in any case. Errc::configuration says which system it is, and why its store is not changed.
Result<Distro> distro_from(const std::optional<std::string>& os_release, std::string_view chosen = {});

}  // namespace nct
