// Changes of a CA that all clients accept: the words in which kinds of certificates are written.
#pragma once

#include "support/der_builder.hpp"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "intake/der.hpp"

namespace nct::test {

using Change = std::function<void(Parts&)>;

constexpr std::string_view kBasicConstraints = "2.5.29.19";
constexpr std::string_view kKeyUsage = "2.5.29.15";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
constexpr std::string_view kNameConstraints = "2.5.29.30";
constexpr std::string_view kSubjectKeyId = "2.5.29.14";
constexpr std::string_view kAuthorityKeyId = "2.5.29.35";
constexpr std::string_view kSubjectNames = "2.5.29.17";
constexpr std::string_view kIssuerNames = "2.5.29.18";
constexpr std::string_view kDistributionPoints = "2.5.29.31";
constexpr std::string_view kPolicies = "2.5.29.32";
constexpr std::string_view kAccess = "1.3.6.1.5.5.7.1.1";

inline std::string octets(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values)
    text += static_cast<char>(value);
  return text;
}

inline bool is_of(const std::string& whole, std::string_view dotted) {
  return whole.find(der_oid(dotted)) < 8;
}

inline void drop(Parts& parts, std::string_view dotted) {
  std::erase_if(parts.extensions, [&](const std::string& each) { return is_of(each, dotted); });
}

// In the place of what is there of it, if something is.
inline Change with(std::string_view dotted, bool critical, std::string value) {
  return [dotted, critical, value = std::move(value)](Parts& parts) {
    drop(parts, dotted);
    parts.extensions.push_back(extension(dotted, critical, value));
  };
}

inline Change without(std::string_view dotted) {
  return [dotted](Parts& parts) { drop(parts, dotted); };
}

// With its flag, or without one.
inline Change with_flag(std::string_view dotted, std::string flag, std::string value) {
  return [dotted, flag = std::move(flag), value = std::move(value)](Parts& parts) {
    drop(parts, dotted);
    parts.extensions.push_back(sequence({der_oid(dotted), flag, tlv(asn1::kOctetString, value)}));
  };
}

inline Change validity(unsigned first_tag, std::string first, unsigned second_tag, std::string second) {
  return [=](Parts& parts) { parts.validity = sequence({tlv(first_tag, first), tlv(second_tag, second)}); };
}

inline Change until(unsigned tag, std::string text) {
  return validity(asn1::kUtcTime, "250101000000Z", tag, std::move(text));
}

inline Change named(std::string name) {
  return [name = std::move(name)](Parts& parts) { parts.subject = parts.issuer = name; };
}

inline Change serial(std::string content) {
  return [content = std::move(content)](Parts& parts) { parts.serial = der_integer(content); };
}

inline Change version(std::string element) {
  return [element = std::move(element)](Parts& parts) { parts.version = element; };
}

// The parameter of the signature's algorithm, which has none.
inline Change algorithm_with(std::string parameter) {
  return [parameter = std::move(parameter)](Parts& parts) {
    parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.840.10045.4.3.2"), parameter});
  };
}

inline Change both(Change one, Change two) {
  return [one = std::move(one), two = std::move(two)](Parts& parts) {
    one(parts);
    two(parts);
  };
}

inline Change permits(std::string name, bool critical = true) {
  return with(kNameConstraints, critical, sequence({tlv(0xA0, sequence({std::move(name)}))}));
}

inline std::string bc(std::string fields) {
  return tlv(asn1::kSequence, fields);
}
inline const std::string kTrue = tlv(asn1::kBoolean, "\xFF");

inline std::string point_uri(std::string_view uri) {
  return sequence({sequence({tlv(0xA0, tlv(0xA0, tlv(0x86, uri)))})});
}

inline Change doubled(std::size_t which) {
  return [which](Parts& parts) {
    if (parts.extensions.size() > which) parts.extensions.push_back(std::string(parts.extensions.at(which)));
  };
}

inline void without_any(Parts& parts) {
  parts.extensions.clear();
  parts.without_extensions = true;
}

}  // namespace nct::test
