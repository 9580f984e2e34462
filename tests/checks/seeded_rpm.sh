#!/bin/bash
# seeded_rpm.sh CPACK BUILD_DIRECTORY BASE_SCRIPT: rpm.sh finds the mistakes that are seeded here.
source "$(dirname "$0")/seeding.sh"
finds "a removal asks: " rpm.sh "$1" "$2" "$3" 's/= 0/= 1/' preun
finds "an upgrade changes what is trusted" rpm.sh "$1" "$2" "$3" 's/"\$1" = 0/-n "$1"/' postun
finds "an upgrade asks: journalctl --update-catalog" rpm.sh "$1" "$2" "$3" 's/"\$1" = 1/-n "$1"/' post
exit $wrong
