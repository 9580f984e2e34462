#!/bin/bash
# sources.sh SUITE DIRECTORY: where this machine's apt gets the distribution's own packages, written into DIRECTORY as
# sources of SUITE, and the names of these files. It is taken from what apt itself reads, whatever the files are called
# and without those and the entries that are disabled; only the suite's name is another, where SUITE is not the
# machine's own.
set -euo pipefail
shopt -s extglob
suite=$1
into=$2

# shellcheck source=/dev/null
. /etc/os-release
declare -A files=() releases=()
# collect ORIGIN_PATTERN [OPTION]: files and names of the suite.
collect() {
  local entry origin codename release
  while IFS='|' read -r entry origin codename release; do
    # shellcheck disable=SC2053
    [[ ${origin,,} == $1 ]] || continue
    [[ $codename != '$(CODENAME)' ]] || codename=${release/#*([a-z])stable/$VERSION_CODENAME}
    [[ $codename == "$VERSION_CODENAME"?(-updates|-security) ]] || continue
    files[${entry%:*}]=
    releases[${release%%-*}]=
  done < <(apt-get indextargets "${@:2}" --format '$(SOURCESENTRY)|$(ORIGIN)|$(CODENAME)|$(RELEASE)' \
    'Created-By: Packages' 'Component: main')
}
collect "$ID"
# A copy of the archive may call itself by a name of its own; and apt may not have been updated yet.
(( ${#files[@]} )) || collect '*'
(( ${#files[@]} )) || collect '*' --no-release-info
if (( ${#files[@]} == 0 )); then
  echo "sources.sh: apt has no source of $ID $VERSION_CODENAME" >&2
  exit 78
fi

number=0
mapfile -t sorted < <(printf '%s\n' "${!files[@]}" | sort)
for file in "${sorted[@]}"; do
  copy=$into/$(( ++number ))-$(basename "$file")
  cp "$file" "$copy"
  if [[ $suite != "$VERSION_CODENAME" ]]; then
    for release in "${!releases[@]}"; do
      sed -Ei ":again; s/(^|[[:space:]])$release((-[a-z]+)*)([[:space:]]|\$)/\1$suite\2\4/; t again" "$copy"
    done
  fi
  if [[ $suite == sid ]]; then  # which has no suites of updates beside it
    sed -Ei '/^deb/{/[[:space:]]sid-/d}; /^Suites:/s/[[:space:]]+sid-[a-z]+//g' "$copy"
    awk -v RS= -v ORS='\n\n' '!/(^|\n)Suites:[[:space:]]*(\n|$)/' "$copy" >"$copy.sid"
    mv "$copy.sid" "$copy"
  fi
  echo "$copy"
done
