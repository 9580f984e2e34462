// What a file is that is no bundle, by the name that people have for it.
#pragma once

#include <string_view>

namespace nct {

// By its first bytes: "a zip archive", "a Java keystore"; empty where they tell nothing. None of these is
// read, whatever stands further down: a tar archive has its files in it as they are.
std::string_view binary_kind(std::string_view bytes);

// A text in which PEM may stand and must not be picked out of, since the text says that it is not finished,
// or what the PEM is for: merge conflicts of git, settings, a template, a list of distrusted certificates.
// Empty where it is none of these. `line` is where that is seen.
struct TextKind {
  std::string_view name;
  unsigned line = 0;
};
TextKind unfit_text_kind(std::string_view text);

// Something is left to be filled in: "{{ .Values.ca }}", "${CA}", "<%= ca %>".
bool is_placeholder(std::string_view value);

// The line of the first "{{ ... }}" or "{% ... %}" in `text`, 0 where there is none.
unsigned template_line(std::string_view text);

// Whether a value is meant as certificates: PEM of them, DER, or base64 of these.
bool may_hold_certificates(std::string_view value);

// Of a text without PEM: "an SSH public key", "comments", "an env file", ...; "text" where nothing is known.
std::string_view text_kind(std::string_view text);

}  // namespace nct
