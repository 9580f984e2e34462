#include "cmd/delivered.hpp"

#include <utility>

#include "base/text.hpp"
#include "sys/input.hpp"

namespace nct {

Result<std::vector<Document>> read_named(const std::vector<std::string>& files, const Config& config) {
  std::vector<Document> documents;
  for (const auto& file : files) {
    NCT_TRY(auto bytes, read_input(file, config.intake.max_document_bytes));
    documents.push_back({.name = file, .bytes = std::move(bytes)});
  }
  return documents;
}

std::string refusal(const std::vector<Document>& documents) {
  std::string names;
  for (const auto& document : documents)
    names += concat(names.empty() ? "'" : ", '", printable(document.name), "'");
  return concat(names, ": refused");
}

void remember_parsed(const Source& source, Record& record) {
  for (const auto& judged : source.certificates) {
    auto certificate = judged.certificate;
    certificate.der.clear();
    record.certificates.emplace(certificate.fingerprint, std::move(certificate));
  }
}

}  // namespace nct
