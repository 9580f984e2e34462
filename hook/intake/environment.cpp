#include "intake/environment.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kCount = "CUSTOM_CA_TRUST_COUNT";
constexpr std::string_view kCertificate = "CUSTOM_CA_CERT_";
constexpr std::string_view kProxy = "HTTP_PROXY_TRUSTED_CA";

struct Value {
  std::string text;
  unsigned line = 0;
};

bool is_name_character(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<unsigned> number_of(std::string_view digits) {
  constexpr std::size_t kMostDigits = 6;
  unsigned number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, number);
  const bool whole = !digits.empty() && digits.size() <= kMostDigits && error == std::errc() && at == end;
  return whole ? std::optional(number) : std::nullopt;
}

bool is_ours(std::string_view name) {
  return name == kCount || name == kProxy ||
         (name.starts_with(kCertificate) && number_of(name.substr(kCertificate.size())));
}

// Meets each assignment of ours in turn.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The name of the next one; its value is next.
  std::optional<std::string_view> next_name() {
    while (at_ < text_.size()) {
      const auto from = at_;
      const bool comment = text_[at_] == '#' && (at_ == 0 || is_space(text_[at_ - 1]));
      if (comment) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      while (at_ < text_.size() && is_name_character(text_[at_]))
        ++at_;
      const auto name = text_.substr(from, at_ - from);
      const bool expansion = from > 0 && (text_[from - 1] == '$' || text_[from - 1] == '{');
      if (at_ < text_.size() && text_[at_] == '=' && !expansion && is_ours(name)) {
        ++at_;
        return name;
      }
      if (at_ == from) step();
    }
    return std::nullopt;
  }

  // As a shell joins the words of a value: 'a'"b"c.
  Value value() {
    Value value{.text = {}, .line = line_};
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        step();
        quoted(c, value.text);
      } else if (is_space(c) || c == ';' || c == '&' || c == '|') {
        break;
      } else {
        value.text += take();
      }
    }
    // Quotes of a command line that was quoted as a whole.
    if (value.text.size() > 1 && value.text.front() == value.text.back() &&
        (value.text.front() == '"' || value.text.front() == '\''))
      value.text = value.text.substr(1, value.text.size() - 2);
    return value;
  }

 private:
  void step() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  char take() {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) step();
    const char c = text_[at_];
    step();
    return c;
  }
  void quoted(char quote, std::string& out) {
    while (at_ < text_.size() && text_[at_] != quote) {
      const bool escaped = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                           std::string_view("\"\\$`\n").find(text_[at_ + 1]) != std::string_view::npos;
      if (escaped) step();
      if (!escaped || text_[at_] != '\n') out += text_[at_];  // a line that is continued
      step();
    }
    if (at_ < text_.size()) step();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
};

class Collector {
 public:
  explicit Collector(std::string_view text) {
    Scanner scanner(text);
    while (const auto name = scanner.next_name())
      assign(*name, scanner.value());
  }

  Fields fields() && {
    fields_.shapes.push_back(Shape::cse);
    if (count_ || !certificates_.empty()) compare();
    const bool none = certificates_.empty() && fields_.flaws.empty();
    if (count_ || !certificates_.empty()) fields_.custom = none ? Says::none : Says::some;
    for (auto& [number, value] : certificates_)
      want(concat(kCertificate, std::to_string(number)), value, false);
    if (proxy_) {
      const bool no_proxy = trimmed(proxy_->text).empty();
      fields_.proxy = no_proxy ? Says::none : Says::some;
      if (!no_proxy) want(std::string(kProxy), *proxy_, true);
    }
    // In the order of the document; what stands in one line keeps the order of the numbers.
    for (auto& [line, field] : wanted_)
      fields_.wanted.push_back(std::move(field));
    return std::move(fields_);
  }

 private:
  void flaw(std::string name, unsigned line, std::string message) {
    fields_.flaws.push_back({.code = FindingCode::count_mismatch,
                             .severity = Severity::error,
                             .origin = {.line = line, .field = std::move(name)},
                             .message = std::move(message)});
  }

  void assign(std::string_view name, Value value) {
    std::optional<Value>* single = name == kCount ? &count_ : name == kProxy ? &proxy_ : nullptr;
    const Value* before = nullptr;
    if (single != nullptr) {
      if (*single) before = &**single;
    } else {
      const auto [known, added] =
          certificates_.emplace(number_of(name.substr(kCertificate.size())).value_or(0), value);
      if (!added) before = &known->second;
    }
    if (before != nullptr && before->text != value.text)
      flaw(std::string(name), value.line,
           concat("assigned before, in line ", std::to_string(before->line), ", with another value"));
    else if (single != nullptr)
      *single = std::move(value);
  }

  void compare() {
    if (!count_) {
      const auto& first = certificates_.begin()->second;
      return flaw(
          std::string(kCount), first.line,
          concat("not assigned, beside ", std::to_string(certificates_.size()), " of ", kCertificate, "<n>"));
    }
    const auto count = number_of(count_->text);
    if (!count)
      return flaw(std::string(kCount), count_->line,
                  concat("'", printable(std::string_view(count_->text).substr(0, 32)), "' is not a number"));
    // The first that is missing says it all.
    unsigned number = 0;
    while (number < *count && certificates_.contains(number))
      ++number;
    if (number < *count)
      flaw(concat(kCertificate, std::to_string(number)), count_->line,
           concat("not assigned, while ", kCount, " is ", count_->text));
    for (const auto& [each, value] : certificates_)
      if (each >= *count)
        flaw(concat(kCertificate, std::to_string(each)), value.line,
             concat("one too many, while ", kCount, " is ", count_->text));
  }

  void want(std::string name, const Value& value, bool proxy) {
    wanted_.emplace(value.line, Field{.name = std::move(name),
                                      .line = value.line,
                                      .text = value.text,
                                      .base64 = true,
                                      .proxy = proxy,
                                      .takes = Takes::base64_of_pem});
  }

  std::optional<Value> count_;
  std::optional<Value> proxy_;
  std::map<unsigned, Value> certificates_;
  std::multimap<unsigned, Field> wanted_;  // by line
  Fields fields_;
};

}  // namespace

bool has_environment(std::string_view text) {
  // Hardly a text has one of the names, and to look for them is much less than to scan for assignments.
  const bool named = text.contains(kCount) || text.contains(kProxy) || text.contains(kCertificate);
  return named && Scanner(text).next_name().has_value();
}

Fields fields_of_environment(std::string_view text) {
  return Collector(text).fields();
}

}  // namespace nct
