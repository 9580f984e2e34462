#!/bin/bash
# layers.sh HOOK_DIRECTORY: a file of a layer includes its own layer and those to its right on the map in
# README.md, and a library is used where the map says.
set -euo pipefail
cd "$1"

declare -A sees=(
  [base]="base"
  [intake]="intake base"
  [cert]="cert intake base"
  [config]="config cert intake base"
  [store]="store cert intake base"
  [wish]="wish config cert intake base"
  [services]="services wish config cert intake base"
  [report]="report wish config cert intake base"
  [sys]="sys base"
  [node]="node report services wish store config cert intake sys base"
  [cmd]="cmd node report services wish store config cert intake sys base"
)
# Libraries, and calls into the kernel, each with the layers that may include them.
declare -A users=(
  ['zlib\.h']="intake"
  ['openssl/.*']="cert"
  ['yaml\.h']="intake"
  ['toml\+\+/.*']="intake config wish"
  ['nlohmann/.*']="intake report"
  ['systemd/.*']="sys"
  ['CLI/.*']="cmd"
  ['(sys/.*|unistd\.h|fcntl\.h|dirent\.h|poll\.h|signal\.h|csignal|filesystem|fstream|iostream|thread|cstdio)']="sys"
)

wrong=0
complain() {
  echo "$1"
  wrong=1
}
may() { [[ " $1 " == *" $2 "* ]]; }

for layer in */; do
  layer=${layer%/}
  [[ $layer == doc || $layer == packaging ]] && continue
  [[ -v sees[$layer] ]] || { complain "$layer/: a layer that is not on the map"; continue; }
  while IFS=: read -r file number line; do
    included=$(sed -E 's/^ *# *include *[<"]([^>"]*)[>"].*/\1/' <<<"$line")
    if [[ $line == *'"'* ]]; then
      [[ -e $included ]] || complain "$file:$number: '$included' is not named from the top of the tree"
      may "${sees[$layer]}" "${included%%/*}" || complain "$file:$number: $layer may not see '$included'"
    else
      for library in "${!users[@]}"; do
        [[ $included =~ ^$library$ ]] || continue
        may "${users[$library]}" "$layer" || complain "$file:$number: $layer may not use <$included>"
      done
    fi
  done < <(grep -rnE '^ *# *include' "$layer")
done
exit $wrong
