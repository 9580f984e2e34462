#include "cmd/kind_hints.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

// How the name of the kind begins, and the advice: {} is the file, {@} the place of a certificate in it.
using KindHint = std::pair<std::string_view, std::string_view>;

// "node-ca-trust lint -" stands for whatever reads it next.
constexpr auto kKinds = std::to_array<KindHint>({
    {"a tar archive", "take the certificates out: tar -xOf {} --wildcards '*.crt' '*.pem' >bundle.pem"},
    {"a zip archive", "take the certificates out: unzip -p {} '*.crt' '*.pem' >bundle.pem"},
    {"a 7z archive", "take the certificates out: 7z x -so {} >bundle.pem"},
    {"a Java keystore (JKS)", "take the certificates out: keytool -list -rfc -keystore {} >bundle.pem"},
    {"a Java keystore (JCEKS)",
     "take the certificates out: keytool -list -rfc -storetype jceks -keystore {} >bundle.pem"},
    {"PKCS#12", "take the certificates out, without the key: openssl pkcs12 -in {} -nokeys -out bundle.pem"},
    {"an ar archive", "unpack it: dpkg-deb -x {} DIRECTORY; and pass the certificates in it"},
    {"an RPM package", "unpack it: rpm2cpio {} | cpio -id; and pass the certificates in it"},
    {"a cpio archive", "unpack it: cpio -id <{}; and pass the certificates in it"},
    {"xz-compressed", "open it: xz -dc {} | node-ca-trust lint -"},
    {"bzip2-compressed", "open it: bzip2 -dc {} | node-ca-trust lint -"},
    {"zstd-compressed", "open it: zstd -dc {} | node-ca-trust lint -"},
    {"lz4-compressed", "open it: lz4 -dc {} | node-ca-trust lint -"},
    {"an SQLite database", "take a certificate out: certutil -L -d sql:DIRECTORY -a -n NAME >ca.pem"},
    {"a Berkeley database", "take a certificate out: certutil -L -d dbm:DIRECTORY -a -n NAME >ca.pem"},
    {"a Windows certificate store", "export it again as PKCS #7 (.p7b), or as Base-64 encoded X.509 (.cer)"},
    {"a macOS keychain", "take the certificates out: security find-certificate -a -p {} >bundle.pem"},
    {"data encrypted by 'openssl enc'",
     "decrypt it first: openssl enc -d, with the options it was made with"},
    {"an env file",
     "write the value to a file of its own: bash -c 'source \"$0\"; printf \"%s\\n\" \"$NAME\"' {} >ca.pem, "
     "with the "
     "name of the variable for NAME"},
    {"a file with git's conflict",
     "merge it: git checkout --ours {} (or --theirs), or edit it, and remove the marks"},
    {"a template that is not rendered",
     "render it first, by helm template, envsubst, or the tool it was written for, and pass what comes out"},
    {"a p11-kit file",
     "let p11-kit write what it trusts: trust extract --format=pem-bundle --filter=ca-anchors "
     "--purpose=server-auth bundle.pem"},
    {"a pointer of git-lfs", "fetch the file itself: git lfs pull"},
    {"a file encrypted by ansible-vault", "decrypt it: ansible-vault view {} | node-ca-trust lint -"},
    {"a file encrypted by age", "decrypt it: age -d -i IDENTITY {} | node-ca-trust lint -"},
    {"a file encrypted by sops", "decrypt it: sops -d {} | node-ca-trust lint -"},
    {"a SealedSecret",
     "only its cluster can open it: pass the Secret that it becomes: kubectl get secret NAME -o yaml"},
    {"an ExternalSecret",
     "it names a secret and holds none: pass what it becomes: kubectl get secret NAME -o yaml"},
    {"a cert-manager Certificate",
     "it asks for a certificate and holds none: kubectl get secret NAME -o jsonpath='{.data.ca\\.crt}' | "
     "base64 -d"},
    {"a kubeconfig",
     "take the CA out, without the client's key: kubectl --kubeconfig {} config view --raw -o "
     "jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d >ca.pem"},
    {"a Terraform configuration",
     "pass what Terraform makes of it: terraform show -json PLAN | node-ca-trust lint -"},
    {"an HTML page",
     "it is no download but a page about one, often an error: open it in a browser; curl -f fails instead"},
    {"an answer of an HTTP server", "leave the headers out: curl without -i"},
    {"UTF-32 text", "write it as UTF-8: iconv -f UTF-32 -t UTF-8 {} | node-ca-trust lint -"},
    {"a property list",
     "pass what stands between <data> and </data> of the payload's content, which is base64 of DER"},
    {"an XML document",
     "take the certificate out of it; in SAML metadata it is the text of X509Certificate, base64 "
     "of DER, which is read as it is"},
    {"nothing but comments", "check what should have written it"},
    {"a text in quotes", "leave the quotes out: jq -r instead of jq"},
    {"the path of a file",
     "pass the file that it names; a checkout without symbolic links leaves paths in their place"},
    {"an OpenSSH certificate",
     "SSH has CAs of its own; pass the X.509 certificate of the CA (BEGIN CERTIFICATE)"},
    {"an SSH public key", "it is a key, no certificate; pass the CA's certificate (BEGIN CERTIFICATE)"},
    {"an OpenPGP", "OpenPGP knows no X.509; of a message pass what is in it: gpg --decrypt {}"},
    {"a mail that quotes", "take the quotation marks off: sed 's/^> //' {} | node-ca-trust lint -"},
    {"a patch", "apply it, and pass the file that it changes"},
    {"a text signed by OpenPGP", "take the signature off: gpg --decrypt {} | node-ca-trust lint -"},
    {"LDIF",
     "pass the value behind 'cACertificate;binary::' or 'userCertificate;binary::', which is base64 of DER"},
    {"Mozilla's certdata.txt",
     "make PEM of it, by curl's mk-ca-bundle; the distribution has these roots already"},
    {"a CSV table", "take the column with the PEM out of it, without its quotes"},
    {"uuencoded data", "decode it: uudecode -o ca.crt {}"},
    {"a rejected certificate",
     "if TLS servers shall be trusted by it all the same, deliver the plain certificate: openssl x509 -in {} "
     "-out ca.pem"},
    {"a document where a bundle is read",
     "'rotate' and --as bundle read certificates alone: let its writer put them into files of their own; "
     "'node-ca-trust lint' and 'provision' read the document"},
    {"a JSON document", "take the certificates out: jq -r '{@}' {} | node-ca-trust lint -"},
    {"a TOML document", "take the certificates out: yq -p toml '{@}' {} | node-ca-trust lint -"},
    {"a YAML document", "take the certificates out: yq -r '{@}' {} | node-ca-trust lint -"},
});

// As a shell reads it.
std::string shell_word(std::string_view name) {
  if (name.empty() || name == "-") return "FILE";
  const auto plain = [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/+,@").find(c) != std::string_view::npos;
  };
  auto shown = printable(name);
  if (std::ranges::all_of(shown, plain) && !shown.starts_with('-')) return shown;
  if (shown.find('\'') != std::string::npos || shown.starts_with('-')) return "FILE";
  return concat("'", shown, "'");
}

// The tools ask each document of a stream: "document 2: data.ca" becomes "data.ca".
std::string_view without_document(std::string_view field) {
  const auto colon = field.starts_with("document ") ? field.find(": ") : std::string_view::npos;
  return colon == std::string_view::npos ? field : field.substr(colon + 2);
}

// The first of a list stands for all of it: "list[0]" becomes "list[]".
std::string all_of_list(std::string_view field) {
  constexpr std::string_view kFirst = "[0]";
  const auto at = field.rfind(kFirst);
  if (at == std::string_view::npos) return std::string(field);
  return concat(field.substr(0, at), "[]", field.substr(at + kFirst.size()));
}

std::string replaced(std::string_view text, std::string_view sign, std::string_view word) {
  std::string out;
  for (auto at = text.find(sign); at != std::string_view::npos; at = text.find(sign)) {
    out += concat(text.substr(0, at), word);
    text.remove_prefix(at + sign.size());
  }
  return out += text;
}

}  // namespace

std::string hint_for_kind(const Finding& finding) {
  if (finding.what.empty()) return {};
  const auto* hint = std::ranges::find_if(
      kKinds, [&](const KindHint& each) { return finding.what.starts_with(each.first); });
  if (hint == kKinds.end()) return {};
  const auto field = without_document(finding.origin.field);
  const bool placed = hint->second.find("{@}") != std::string_view::npos;
  if (placed && (field.empty() || field.find('\'') != std::string::npos)) return {};
  const auto with_file = replaced(hint->second, "{}", shell_word(finding.origin.file));
  return replaced(with_file, "{@}", concat(".", printable(all_of_list(field))));
}

}  // namespace nct
