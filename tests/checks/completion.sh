#!/bin/bash
# completion.sh HOOK_DIRECTORY BINARY: bash completes what --help lists, and nothing else.
set -uo pipefail
# shellcheck source=/dev/null
source "$1/doc/node-ca-trust.bash" || exit
binary=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
touch "$scratch/bundle one.pem"
mkdir "$scratch/below"
cd "$scratch" || exit
function=$(complete -p node-ca-trust | sed 's/.*-F \([^ ]*\) .*/\1/')
wrong=0

# completes WANTED WORD...: what is offered for the last word is WANTED, in any order.
completes() {
  local wanted=$1 got
  shift
  COMP_WORDS=(node-ca-trust "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  "$function"
  got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
  [[ $got == "$(sort <<<"$wanted")" ]] && return
  echo "node-ca-trust $* offers:" "${COMPREPLY[@]}"
  echo "  wanted:" "$wanted"
  wrong=1
}

options_of() { "$binary" "$@" --help | sed -n 's/^  \(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p'; }

[[ $("$binary" verify --help) == *"--format text|json|junit"* ]] || { echo "--help of verify has no formats"; exit 1; }
commands=$("$binary" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[[ -n $commands ]] || { echo "--help lists no commands; has its form changed?"; exit 1; }
completes "$commands"$'\n'"$(options_of)" ""
for command in $commands; do
  completes "$(options_of "$command")" "$command" --
  [[ $command == lint ]] || completes "$(options_of "$command")" "$command" ""
  formats=$("$binary" "$command" --help | sed -n 's/^  --format \([a-z|]*\).*/\1/p' | tr '|' '\n')
  completes "$formats" "$command" --format ""
  completes $'text' "$command" --format = t
  completes "$formats" "$command" --format =
  completes "below" "$command" --root ""
  completes $'below\nbundle one.pem' "$command" --config ""
done
completes "provision" pro
completes "--dry-run" provision --d
completes $'below\nbundle one.pem' bake --from ""
completes $'below\nbundle one.pem' provision --from ""
shapes=$("$binary" lint --help | tr -d '\n' | sed 's/.*--as SHAPE:{\([^}]*\)}.*/\1/' | tr ',' '\n' | tr -d ' ')
completes "$shapes" provision --as ""
completes "$shapes" lint --as ""
completes "below" rotate --directory ""
completes $'below\nbundle one.pem' lint ""
completes "bundle one.pem" lint a.pem bun
completes $'provision\nproxy\nrotation\nbaked\nunknown' remove --source ""
completes "" remove --fingerprint ""
exit $wrong
