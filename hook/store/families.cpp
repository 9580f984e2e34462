// The table of families.
#include "store/debian/paths.hpp"
#include "store/family.hpp"

namespace nct {

namespace {

constexpr std::string_view kDebianProbes[] = {debian::kStore, debian::kCertificates};
constexpr std::string_view kDebianWriters[] = {"update-ca-certificates"};
constexpr ViewLink kDebianLinks[] = {
    {.path = debian::kOpensslFile, .view = debian::kBundle},
    {.path = debian::kOpensslDirectory, .view = debian::kStore},
};

constexpr Family kDebian{
    .name = "debian",
    .mechanism = Mechanism::certificate_files,
    .store_if_linked = false,
    .store_has_names = false,
    .bundle = debian::kBundle,
    .store = debian::kStore,
    .anchors = debian::kAnchors,
    .anchor_suffix = ".crt",
    .local = debian::kLocal,
    .shipped = debian::kCertificates,
    .selection = debian::kConf,
    .tool = "update-ca-certificates",
    .hooks = debian::kHooks,
    .anchor_staging = debian::kAnchorStaging,
    .store_staging = debian::kStoreStaging,
    .bundle_staging = debian::kStoreStaging,
    .stale_bundle = debian::kStaleBundle,
    .probes = kDebianProbes,
    .writers = kDebianWriters,
    .links = kDebianLinks,
    .sources = {},
    .extracts = {},
    .into_view = {},
    .view_directory = {},
    .snapshot_variable = {},
};

// Gardener runs the tool with --localcertsdir, on Debian and on Garden Linux, whose /usr is read-only.
constexpr Family of_gardener() {
  auto family = kDebian;
  family.name = "gardener";
  family.anchors = "/var/lib/ca-certificates-local/node-ca-trust";
  family.local = "/var/lib/ca-certificates-local";
  family.tool = "update-ca-certificates --localcertsdir /var/lib/ca-certificates-local";
  family.anchor_staging = "/var/lib/ca-certificates-local/.node-ca-trust.";
  return family;
}

// rehash_ca_certificates.sh of Photon 5: its packages have "<hash>.pem" there, administrators and cloud-init
// other names.
constexpr std::string_view kPhotonProbes[] = {debian::kStore, "/etc/pki/tls/certs"};
constexpr std::string_view kPhotonWriters[] = {"rehash_ca_certificates.sh"};

constexpr Family kPhoton{
    .name = "photon",
    .mechanism = Mechanism::rehashed_files,
    .store_if_linked = false,
    .bundle = "/etc/pki/tls/certs/ca-bundle.crt",
    .store = debian::kStore,
    .anchors = debian::kStore,
    .anchor_suffix = ".pem",
    .local = debian::kStore,
    .shipped = debian::kStore,
    .selection = {},
    .tool = "rehash_ca_certificates.sh",
    .hooks = {},
    .anchor_staging = debian::kStoreStaging,
    .store_staging = debian::kStoreStaging,
    .bundle_staging = "/etc/pki/tls/.node-ca-trust.",
    .stale_bundle = {},
    .probes = kPhotonProbes,
    .writers = kPhotonWriters,
    .links = {},
    .sources = {},
    .extracts = {},
};

// update-ca-certificates of Flatcar: systemd-tmpfiles(8) makes the links to what the sealed /usr ships.
constexpr std::string_view kFlatcarProbes[] = {debian::kStore, debian::kCertificates};
constexpr std::string_view kFlatcarWriters[] = {"update-ca-certificates", "c_rehash"};

constexpr Family of_flatcar() {
  auto family = kPhoton;
  family.name = "flatcar";
  family.mechanism = Mechanism::c_rehashed_files;
  family.bundle = debian::kBundle;
  family.shipped = debian::kCertificates;
  family.tool = "update-ca-certificates";
  family.bundle_staging = debian::kStoreStaging;
  family.probes = kFlatcarProbes;
  family.writers = kFlatcarWriters;
  return family;
}

// update-ca-trust(8) of the ca-certificates of Azure Linux 3 and, up to its extracts, of Fedora since 2018.
constexpr std::string_view kTrustProgram = "/usr/bin/trust";
constexpr std::string_view kTlsBundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";
constexpr std::string_view kOpensslBundle = "/etc/pki/ca-trust/extracted/openssl/ca-bundle.trust.crt";
constexpr std::string_view kJavaKeystore = "/etc/pki/ca-trust/extracted/java/cacerts";
constexpr std::string_view kTrustAnchors = "/etc/pki/ca-trust/source/anchors";
constexpr std::string_view kTrustProbes[] = {kTrustAnchors, "/etc/pki/ca-trust/extracted/pem", kTrustProgram};
constexpr std::string_view kTrustWriters[] = {"update-ca-trust", "p11-kit", "trust"};
constexpr std::string_view kTrustSources[] = {"/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source"};
constexpr std::string_view kTrustStaging = "/etc/pki/ca-trust/.node-ca-trust.";
constexpr Extract kSixExtracts[] = {
    {.form = Extract::Form::openssl_bundle, .comment = true, .purpose = {}, .path = kOpensslBundle},
    {.form = Extract::Form::pem_bundle, .comment = true, .purpose = "server-auth", .path = kTlsBundle},
    {.form = Extract::Form::pem_bundle,
     .comment = true,
     .purpose = "email",
     .path = "/etc/pki/ca-trust/extracted/pem/email-ca-bundle.pem"},
    {.form = Extract::Form::pem_bundle,
     .comment = true,
     .purpose = "code-signing",
     .path = "/etc/pki/ca-trust/extracted/pem/objsign-ca-bundle.pem"},
    {.form = Extract::Form::java_cacerts, .purpose = "server-auth", .path = kJavaKeystore},
    {.form = Extract::Form::edk2_cacerts,
     .purpose = "server-auth",
     .path = "/etc/pki/ca-trust/extracted/edk2/cacerts.bin"},
};
constexpr Extract kHashedExtracts[] = {
    kSixExtracts[0],
    kSixExtracts[1],
    kSixExtracts[2],
    kSixExtracts[3],
    kSixExtracts[4],
    kSixExtracts[5],
    {.form = Extract::Form::pem_directory_hash,
     .purpose = "server-auth",
     .path = "/etc/pki/ca-trust/extracted/pem/directory-hash"},
};
constexpr ViewLink kTrustLinks[] = {
    {.path = "/etc/pki/tls/cert.pem", .view = kTlsBundle},
    {.path = "/etc/pki/tls/certs/ca-bundle.crt", .view = kTlsBundle},
    {.path = "/etc/pki/tls/certs/ca-bundle.trust.crt", .view = kOpensslBundle},
    {.path = "/etc/ssl/certs/ca-bundle.crt", .view = kTlsBundle},
    {.path = "/etc/ssl/certs/ca-certificates.crt", .view = kTlsBundle},
    {.path = "/etc/pki/java/cacerts", .view = kJavaKeystore},
};

constexpr Family of_six_extracts(std::string_view name) {
  return {
      .name = name,
      .mechanism = Mechanism::extracts,
      .store_if_linked = false,
      .store_has_names = false,
      .bundle = kTlsBundle,
      .store = {},
      .anchors = kTrustAnchors,
      .anchor_suffix = ".crt",
      .local = kTrustAnchors,
      .shipped = "/usr/share/pki/ca-trust-source",
      .selection = {},
      .tool = "update-ca-trust",
      .hooks = {},
      .anchor_staging = kTrustStaging,
      .store_staging = kTrustStaging,
      .bundle_staging = kTrustStaging,
      .stale_bundle = {},
      .probes = kTrustProbes,
      .writers = kTrustWriters,
      .links = kTrustLinks,
      .sources = kTrustSources,
      .extracts = kSixExtracts,
      .into_view = {},
      .view_directory = {},
      .snapshot_variable = {},
  };
}

// With a hash directory, of which /etc/pki/tls/certs has the links, too. What a release dropped of the views
// and links is not there, and not missed.
constexpr Family of_hashed_extracts(std::string_view name) {
  auto family = of_six_extracts(name);
  family.store = "/etc/pki/tls/certs";
  family.extracts = kHashedExtracts;
  family.into_view = "/etc/pki/ca-trust/extracted/pem/directory-hash/";
  return family;
}

// Of what EL 10 has in /etc/pki/tls/certs, nobody here has seen a node.
constexpr Family of_el10() {
  auto family = of_hashed_extracts("el10");
  family.store_if_linked = true;
  return family;
}

// update-ca-trust(8) of the ca-certificates-utils of Arch. Its links are relative, and /etc/ssl/certs has
// names of packages and administrators, too.
constexpr std::string_view kArchBundle = "/etc/ca-certificates/extracted/tls-ca-bundle.pem";
constexpr std::string_view kArchKeystore = "/etc/ca-certificates/extracted/java-cacerts.jks";
constexpr std::string_view kArchAnchors = "/etc/ca-certificates/trust-source/anchors";
constexpr std::string_view kArchShipped = "/usr/share/ca-certificates/trust-source";
constexpr std::string_view kArchStaging = "/etc/ca-certificates/.node-ca-trust.";
constexpr std::string_view kArchProbes[] = {kArchAnchors, "/etc/ca-certificates/extracted", kTrustProgram};
constexpr std::string_view kArchSources[] = {"/etc/ca-certificates/trust-source", kArchShipped};
constexpr Extract kArchExtracts[] = {
    {.form = Extract::Form::pem_bundle, .comment = true, .purpose = "server-auth", .path = kArchBundle},
    {.form = Extract::Form::pem_bundle,
     .comment = true,
     .purpose = "email",
     .path = "/etc/ca-certificates/extracted/email-ca-bundle.pem"},
    {.form = Extract::Form::pem_bundle,
     .comment = true,
     .purpose = "code-signing",
     .path = "/etc/ca-certificates/extracted/objsign-ca-bundle.pem"},
    {.form = Extract::Form::openssl_bundle,
     .comment = true,
     .purpose = {},
     .path = "/etc/ca-certificates/extracted/ca-bundle.trust.crt"},
    {.form = Extract::Form::edk2_cacerts,
     .purpose = "server-auth",
     .path = "/etc/ca-certificates/extracted/edk2-cacerts.bin"},
    {.form = Extract::Form::java_cacerts, .purpose = "server-auth", .path = kArchKeystore},
    {.form = Extract::Form::pem_directory_hash,
     .purpose = "server-auth",
     .path = "/etc/ca-certificates/extracted/cadir"},
};
constexpr ViewLink kArchLinks[] = {
    {.path = "/etc/ssl/cert.pem", .view = kArchBundle},
    {.path = "/etc/ssl/certs/ca-certificates.crt", .view = kArchBundle},
    {.path = "/etc/ssl/certs/ca-bundle.crt", .view = kArchBundle},
    {.path = "/etc/ssl/certs/java/cacerts", .view = kArchKeystore},
};

constexpr Family kArch{
    .name = "arch",
    .mechanism = Mechanism::extracts,
    .store_if_linked = false,
    .store_has_names = true,
    .bundle = kArchBundle,
    .store = "/etc/ssl/certs",
    .anchors = kArchAnchors,
    .anchor_suffix = ".crt",
    .local = kArchAnchors,
    .shipped = kArchShipped,
    .selection = {},
    .tool = "update-ca-trust",
    .hooks = {},
    .anchor_staging = kArchStaging,
    .store_staging = "/etc/ssl/.node-ca-trust.",
    .bundle_staging = kArchStaging,
    .stale_bundle = {},
    .probes = kArchProbes,
    .writers = kTrustWriters,
    .links = kArchLinks,
    .sources = kArchSources,
    .extracts = kArchExtracts,
    .into_view = "../../ca-certificates/extracted/cadir/",
    .view_directory = {},
    .snapshot_variable = {},
};

// The hooks of update-ca-certificates(8) of SUSE's ca-certificates, in their order: 50java, 70openssl,
// 80etc_ssl and 99certbundle; /etc/ssl/certs is a link to `pem`.
constexpr std::string_view kSuseViews = "/var/lib/ca-certificates";
constexpr std::string_view kSuseBundle = "/var/lib/ca-certificates/ca-bundle.pem";
constexpr std::string_view kSusePem = "/var/lib/ca-certificates/pem";
constexpr std::string_view kSuseAnchors = "/etc/pki/trust/anchors";
constexpr std::string_view kSuseShipped = "/usr/share/pki/trust";
constexpr std::string_view kSuseViewStaging = "/var/lib/ca-certificates/.node-ca-trust.";
constexpr std::string_view kSuseProbes[] = {kSuseAnchors, kSusePem, kTrustProgram};
// The tool itself is kept out by its lock. Others run trust(1) without it.
constexpr std::string_view kSuseWriters[] = {"p11-kit", "trust"};
constexpr std::string_view kSuseSources[] = {"/etc/pki/trust", kSuseShipped};
constexpr Extract kSuseExtracts[] = {
    {.form = Extract::Form::java_cacerts,
     .purpose = "server-auth",
     .path = "/var/lib/ca-certificates/java-cacerts"},
    {.form = Extract::Form::openssl_directory, .purpose = {}, .path = "/var/lib/ca-certificates/openssl"},
    {.form = Extract::Form::pem_directory_hash, .purpose = "server-auth", .path = kSusePem},
    {.form = Extract::Form::pem_bundle, .heading = true, .purpose = "server-auth", .path = kSuseBundle},
};
constexpr ViewLink kSuseLinks[] = {
    {.path = "/etc/ssl/certs", .view = kSusePem},
    {.path = "/etc/ssl/ca-bundle.pem", .view = kSuseBundle},
};

constexpr Family kSuse{
    .name = "suse",
    .mechanism = Mechanism::extracts,
    .store_if_linked = false,
    .store_has_names = false,
    .bundle = kSuseBundle,
    .store = {},
    .anchors = kSuseAnchors,
    .anchor_suffix = ".crt",
    .local = kSuseAnchors,
    .shipped = kSuseShipped,
    .selection = {},
    .tool = "update-ca-certificates",
    .hooks = {},
    .anchor_staging = "/etc/pki/.node-ca-trust.",
    .store_staging = kSuseViewStaging,
    .bundle_staging = kSuseViewStaging,
    .stale_bundle = {},
    .probes = kSuseProbes,
    .writers = kSuseWriters,
    .links = kSuseLinks,
    .sources = kSuseSources,
    .extracts = kSuseExtracts,
    .into_view = {},
    .view_directory = kSuseViews,
    .snapshot_variable = "TRANSACTIONAL_UPDATE",
};

constexpr Family kFamilies[] = {
    kDebian,
    of_gardener(),
    of_six_extracts("azurelinux3"),
    of_six_extracts("el9"),
    of_el10(),
    of_hashed_extracts("fedora43"),
    of_hashed_extracts("fedora44"),
    kArch,
    kSuse,
    of_flatcar(),
    kPhoton,
};

}  // namespace

std::span<const Family> families() {
  return kFamilies;
}

}  // namespace nct
