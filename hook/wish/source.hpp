// The documents that one run is given, read and judged together. They can be about two sources: custom CAs,
// and the CA of the HTTP proxy.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cert/judge.hpp"
#include "cert/record.hpp"
#include "config/config.hpp"

namespace nct {

struct Document {
  std::string name;
  std::string bytes;
  Shape as = Shape::bundle;
};

struct Source {
  std::vector<JudgedCertificate> certificates;  // in the order of the documents
  std::vector<Finding> findings;                // about what is not a certificate, or not only one
  // The documents that say what the custom CAs, and what the proxy's CA, shall be; "none" included. What
  // others brought before stays: absent is not empty.
  std::set<std::string> custom_from;
  std::set<std::string> proxy_from;
  // Those of them that say that there is none.
  std::set<std::string> no_custom;
  std::set<std::string> no_proxy;
  std::set<std::string> silent;  // documents that say nothing of either
  bool may_be_empty = false;     // no document hands a certificate over, and none was meant to

  // Nothing of it may be applied: a private key, no certificate at all, or, unless faulty ones are to be left
  // out, any error.
  [[nodiscard]] bool refused(Config::OnRejected on_rejected) const;

  [[nodiscard]] bool has_errors() const;
};

// Reads and judges. Limits and duplicates count over all documents, for custom CAs and the proxy's apart, as
// judge() says, which gets `distro`. A document without a certificate where it should hand some over gets the
// finding no-certificates; so does one with nothing but expired ones, where nothing else of the source is
// left, so that a bundle of expired certificates does not read as "none".
Source read_source(std::span<const Document> documents, const Config& config, const Record& known,
                   std::int64_t now, const FingerprintSet* distro = nullptr);

// Refuses the certificates with this fingerprint, for an error that only the store can tell; a document that
// has nothing else brings nothing, and what it brought before stays.
void refuse(Source& source, const Fingerprint& fingerprint, FindingCode code, const std::string& message);

// A warning `removes` for each document that says that there is none, for who does not know what is
// installed.
std::vector<Finding> removals(const Source& source);

// Puts what was parsed on record.
void remember_parsed(const Source& source, Record& record);

}  // namespace nct
