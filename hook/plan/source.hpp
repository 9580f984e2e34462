// One source of anchors: the documents it handed over, read and judged together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cert/judge.hpp"
#include "cert/record.hpp"
#include "plan/config.hpp"

namespace nct {

struct Document {
  std::string name;
  std::string bytes;
  Shape as = Shape::bundle;
};

struct Source {
  std::vector<JudgedCertificate> certificates;  // in the order of the documents
  std::vector<Finding> findings;                // about what is not a certificate, or not only one
  bool says_none = false;                       // each of its documents says so explicitly: it shall be empty

  // Nothing of it may be applied: a private key, no certificate at all, or, unless faulty ones are to be left
  // out, any error.
  [[nodiscard]] bool refused(Config::OnRejected on_rejected) const;

  [[nodiscard]] bool has_errors() const;
};

// Reads and judges. Limits and duplicates count over all documents. A document of which nothing is accepted
// gets the finding no-certificates, so that a bundle of expired certificates does not read as "none".
Source read_source(std::span<const Document> documents, const Config& config, const Record& known,
                   std::int64_t now);

}  // namespace nct
