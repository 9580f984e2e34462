#!/bin/bash
# catalog.sh HOOK_DIRECTORY UNITS_DIRECTORY: every id of an entry in the journal is explained in the catalog, once, and
# journalctl can read it.
set -euo pipefail
events=$1/cmd/events.cpp
catalog=$2/node-ca-trust.catalog
wrong=0

used=$(grep -oE '"[0-9a-f]{32}"' "$events" | tr -d '"' | sort)
explained=$(sed -n 's/^-- //p' "$catalog" | sort)
[[ -n $used ]] || { echo "no ids in $events; has its form changed?"; exit 1; }
difference=$(diff --label program --label catalog -U0 <(echo "$used") <(echo "$explained")) || {
  grep '^[-+][0-9a-f]' <<<"$difference" | sed 's/^-/not in the catalog: /; s/^+/only in the catalog: /'
  wrong=1
}
# Fields that the explanations speak of.
while read -r field; do
  grep -q "\"$field=" "$events" || { echo "only in the catalog: $field"; wrong=1; }
done < <(grep -oE '@[A-Z_0-9]+@' "$catalog" | tr -d @ | sort -u)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
cp "$catalog" "$root/usr/lib/systemd/catalog/"
said=$(journalctl --root="$root" --update-catalog 2>&1) || :
[[ -z $said && -s $root/var/lib/systemd/catalog/database ]] || { echo "journalctl: $said"; wrong=1; }
exit $wrong
