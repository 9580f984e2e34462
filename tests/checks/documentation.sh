#!/bin/bash
# documentation.sh HOOK_DIRECTORY BINARY: the man page lists what the program has, and nothing else.
set -euo pipefail
hook=$1
binary=$2
page=$hook/doc/node-ca-trust.8

wrong=0

# The text of one section, escapes undone.
section() {
  awk -v wanted="$1" '/^\.SH/ { inside = ($0 ~ "^\\.SH \"?" wanted "\"?$") } inside' "$page" |
    sed 's/\\-/-/g; s/\\(dq/"/g; s/\\f[BIRP]//g'
}
# The headings of its paragraphs: what stands in the line behind .TP or .TQ, without macro and quotes.
headings() {
  section "$1" | awk 'tagged { sub(/^\.[A-Z]+ /, ""); print } { tagged = ($0 ~ /^\.T[PQ]/) }' | tr -d '"'
}
# same WORDS PROGRAM PAGE: both lists have the same lines.
same() {
  local difference
  if [[ -z $2 ]]; then
    echo "$1: none found in the sources; has their form changed?"
    wrong=1
    return
  fi
  difference=$(diff --label program --label "man page" -U0 <(sort -u <<<"$2") <(sort -u <<<"$3")) && return
  echo "$1:"
  grep '^[-+][^-+]\|^[-+]--[a-z]' <<<"$difference" |
    sed 's/^-/  not in the man page: /; s/^+/  only in the man page: /'
  wrong=1
}

# Messages that go to groff's standard error.
said=$(groff -t -man -Tutf8 -ww -z "$page" 2>&1) || :
if [[ -n $said ]]; then
  echo "groff: $said"
  wrong=1
fi

help=$("$binary" --help)
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help")
options=$({ "$binary" --help; for each in $commands; do "$binary" "$each" --help; done; } |
  sed -n 's/^  \(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p')

same "commands" "$commands" "$(section COMMANDS | sed -n 's/^\.SS "*\([a-z]*\).*/\1/p')"
same "options" "$options" "$(headings OPTIONS | grep -o -- '--[a-z-]*')"
same "shapes" "$("$binary" lint --help | tr -d '\n' | sed 's/.*--as SHAPE:{\([^}]*\)}.*/\1/' | tr ',' '\n' | tr -d ' ')" \
  "$(section INPUTS | sed -n 's/^\([a-z-]*\)\tT{$/\1/p')"
same "findings" "$(grep -oE '\{FindingCode::[a-z_0-9]+, "[a-z0-9-]+"' "$hook/base/finding.cpp" | cut -d'"' -f2)" \
  "$(headings FINDINGS)"
same "drift" "$(tr '\n' ' ' <"$hook/cmd/rows.cpp" | grep -oE '[^_]drift\([^;]*' | grep -oE '"[a-z]+(-[a-z]+)*"' | tr -d '"'
  grep -ohE 'kind = "[a-z-]+"' "$hook"/cmd/*.cpp | cut -d'"' -f2)" "$(headings DRIFT)"
same "configuration keys" "$(grep -oE '\{"[a-z_.]+", set_' "$hook/config/config.cpp" | cut -d'"' -f2)" \
  "$(headings CONFIGURATION | sed 's/ .*//')"
same "defaults of the configuration" \
  "$(awk '/^\[/ { table = substr($0, 2, length($0) - 2) "." } /^#?[a-z_]+ = / { sub(/^#/, ""); print table $0 }' \
    "$hook/doc/config.toml" | tr -d '"')" "$(headings CONFIGURATION)"
same "exit statuses" "$({ grep -oE 'return [0-9]+;|inline constexpr int k[A-Za-z]+ = [0-9]+' |
  grep -oE '[0-9]+'; } <"$hook/cmd/exit_status.hpp")" "$(headings "EXIT STATUS")"
same "keys of the report" "$(grep -oE '(object\[|put\([a-z]+, |\{)"[a-z_0-9]+"' "$hook/report/report.cpp" | cut -d'"' -f2)" \
  "$(headings REPORT | tr ',' '\n' | tr -d ' ')"
same "files" "$(cat "$hook/config/paths.hpp" "$hook/store/debian/paths.hpp" | tr '\n' ' ' | grep -oE '= +"/[^"]+"' | cut -d'"' -f2)" "$(headings FILES | tr -d ' ' | sed 's/NAME$//')"
exit $wrong
