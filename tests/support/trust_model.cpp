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
  std::string plain;
  std::vector<std::string> ders;
  for (const auto& certificate : certificates) {
    const auto pem = canonical_pem(certificate.der);
    bundle += concat("# ", certificate.subject, "\n", pem, "\n");
    plain += pem;
    ders.push_back(certificate.der);
  }
  std::vector<Extracted> all;
  for (const auto& extract : extracts) {
    Extracted extracted;
    if (extract.form == Extract::Form::java_cacerts)
      extracted.bytes = java_keystore(ders);
    else if (extract.form == Extract::Form::edk2_cacerts)
      extracted.bytes = signature_lists(ders);
    else if (is_directory(extract.form))
      extracted = directory_of(certificates);
    else
      extracted.bytes = extract.comment ? bundle : plain;
    all.push_back(std::move(extracted));
  }
  return all;
}

void put_trust_node(ModelFs& fs, const Family& family, std::span<const TestCa> roots) {
  constexpr std::string_view kCerts = "/etc/ssl/certs";
  fs.put_file("/usr/bin/trust", "", 0755);
  for (const char* directory : {"/run", "/var/lib", "/etc/ssl", "/etc/pki/java"})
    fs.put_directory(directory);
  if (family.store.empty())
    fs.put_link("../../var/lib/ca-certificates/pem", std::string(kCerts));
  else if (family.store != kCerts)
    fs.put_link(std::string(family.store), std::string(kCerts));
  for (const auto source : family.sources)
    for (const char* below : {"/anchors", "/blocklist"})
      fs.put_directory(concat(source, below));
  for (std::size_t i = 0; i < roots.size(); ++i)
    fs.put_file(concat(family.shipped, "/root", std::to_string(i), ".crt"), roots[i].pem);
  const auto views = extract_by_model(fs, family, family.extracts).value();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const std::string path(family.extracts[i].path);
    if (!is_directory(family.extracts[i].form)) {
      fs.put_file(path, concat(family.extracts[i].heading ? "# made by the tool\n" : "", views[i].bytes),
                  0444);
      continue;
    }
    fs.put_directory(path, 0555);
    for (const auto& [name, bytes] : views[i].files) {
      fs.put_file(concat(path, "/", name), bytes, 0444);
      if (family.store_has_names)
        fs.put_link(concat(family.into_view, name), concat(family.store, "/", name));
    }
    for (const auto& [name, target] : views[i].links) {
      fs.put_link(target, concat(path, "/", name));
      if (!family.store.empty())
        fs.put_link(concat(family.into_view, target), concat(family.store, "/", name));
    }
  }
  if (!family.view_directory.empty()) fs.put_directory(std::string(family.view_directory), 0555);
  // Those in /etc/ssl/certs by the path that it has.
  for (const auto& [link, view] : family.links)
    if (link != kCerts && (family.store == kCerts || !link.starts_with(concat(kCerts, "/"))))
      fs.put_link(std::string(view), std::string(link));
  if (!family.store.empty() && family.store != kCerts)
    fs.put_link(std::string(family.bundle), concat(family.store, "/ca-certificates.crt"));
}

}  // namespace nct::test
