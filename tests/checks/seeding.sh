# shellcheck shell=bash
# Sourced by seeded*.sh: has a check look at a mistake. They end with "exit $wrong".
set -euo pipefail
checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0

# finds TEXT CHECK ARGUMENT...: the check fails, and says TEXT.
finds() {
  local text=$1 check=$2 said
  if said=$(bash "$checks/$check" "${@:3}" 2>&1); then
    echo "$check did not notice: $text"
  elif grep -qF -- "$text" <<<"$said"; then
    return
  else
    echo "$check did not say: $text"
    echo "$said"
  fi
  wrong=1
}

# edited DIRECTORY FILE SED_EXPRESSION: a copy of DIRECTORY, with FILE in it edited, is $scratch/seeded.
edited() {
  rm -rf "$scratch/seeded"
  cp -r "$1" "$scratch/seeded"
  sed -i "$3" "$scratch/seeded/$2"
}
