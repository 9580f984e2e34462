#include "support/trust_model.hpp"

#include "support/extracted_files.hpp"

#include <map>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/read.hpp"
#include "store/hash_link.hpp"

namespace nct::test {
namespace {

std::string label_of(const Certificate& certificate) {
  auto label = certificate.subject.substr(certificate.subject.find('=') + 1);
  for (char& c : label)
    if (c == ' ') c = '_';
  return label;
}

Extracted directory_of(const std::vector<Certificate>& certificates) {
  Extracted directory;
  std::map<std::string, std::size_t> of_label;
  std::map<std::uint32_t, unsigned long> of_hash;
  for (const auto& certificate : certificates) {
    const auto label = label_of(certificate);
    const auto before = of_label[label]++;
    const auto name = concat(label, before == 0 ? "" : concat(".", std::to_string(before)), ".pem");
    directory.files.emplace(name, canonical_pem(certificate.der));
    const HashLinkName link{
        .hash = certificate.subject_hash, .crl = false, .number = of_hash[certificate.subject_hash]++};
    directory.links.emplace(text_of(link), name);
  }
  return directory;
}

}  // namespace

Result<std::vector<Extracted>> extract_by_model(Fs& fs, const Family& family,
                                                std::span<const Extract> extracts) {
  std::vector<Certificate> certificates;
  for (const auto source : family.sources)
    for (const char* below : {"", "/anchors"}) {
      const auto directory = concat(source, below);
      NCT_TRY(const auto entries, fs.list_directory(directory));
      for (const auto& entry : entries) {
        if (entry.kind != FileKind::regular) continue;
        NCT_TRY(const auto bytes, fs.read_file(concat(directory, "/", entry.name), std::size_t{1} << 20U));
        NCT_TRY(auto certificate, parse_certificate(der_from_pem(bytes).value_or("")));
        certificates.push_back(std::move(certificate));
      }
    }
  std::string bundle;
  std::vector<std::string> ders;
  for (const auto& certificate : certificates) {
    bundle += concat("# ", certificate.subject, "\n", canonical_pem(certificate.der), "\n");
    ders.push_back(certificate.der);
  }
  std::vector<Extracted> all;
  for (const auto& extract : extracts) {
    Extracted extracted;
    if (extract.form == Extract::Form::java_cacerts)
      extracted.bytes = java_keystore(ders);
    else if (extract.form == Extract::Form::edk2_cacerts)
      extracted.bytes = signature_lists(ders);
    else if (extract.form == Extract::Form::pem_directory_hash)
      extracted = directory_of(certificates);
    else
      extracted.bytes = bundle;
    all.push_back(std::move(extracted));
  }
  return all;
}

void put_fedora(ModelFs& fs, std::span<const TestCa> roots) {
  const auto& family = *family_named("fedora43").value();
  fs.put_file("/etc/os-release", "ID=fedora\nVERSION_ID=43\n");
  fs.put_file("/usr/bin/trust", "", 0755);
  fs.put_directory("/run");
  fs.put_directory("/var/lib");
  fs.put_directory("/etc/pki/java");
  fs.put_link("/etc/pki/tls/certs", "/etc/ssl/certs");
  for (const auto source : family.sources)
    for (const char* below : {"/anchors", "/blocklist"})
      fs.put_directory(concat(source, below));
  for (std::size_t i = 0; i < roots.size(); ++i)
    fs.put_file(concat(family.shipped, "/root", std::to_string(i), ".crt"), roots[i].pem);
  const auto views = extract_by_model(fs, family, family.extracts).value();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const std::string path(family.extracts[i].path);
    if (family.extracts[i].form != Extract::Form::pem_directory_hash) {
      fs.put_file(path, views[i].bytes, 0444);
      continue;
    }
    fs.put_directory(path, 0555);
    for (const auto& [name, bytes] : views[i].files)
      fs.put_file(concat(path, "/", name), bytes, 0444);
    for (const auto& [name, target] : views[i].links) {
      fs.put_link(target, concat(path, "/", name));
      fs.put_link(concat(path, "/", target), concat(family.store, "/", name));
    }
  }
  for (const auto& [link, view] : family.links)
    if (!link.starts_with("/etc/ssl/")) fs.put_link(std::string(view), std::string(link));
  fs.put_link(std::string(family.bundle), concat(family.store, "/ca-certificates.crt"));
}

}  // namespace nct::test
