#!/bin/bash
# full.sh [SEED [CERTIFICATES]]: the rules about clients held against all the real clients there are: OpenSSL, GnuTLS
# and Go of this machine, and OpenSSL, GnuTLS, Go, Python and Java of Debian 13, in a root of its own (made once, below
# /var/cache/node-ca-trust-tests). Without a seed it takes a new one, and prints it; without a number, 100,000
# certificates, of which Java and Python are asked the first tenth. It needs root, and half an hour of two cores that
# nobody else uses; NCT_MINUTES=20 ends it early, with what it has.
# What the clients and the rules disagree about is listed in build/full/disagreements, a line a certificate: the client,
# what it is, what was changed, and the certificate in hexadecimal digits; and in build/full/pairs, by which of two CAs
# of one subject a client loses servers of the other.
set -euo pipefail
cd "$(dirname "$0")/../.."

bash tests/packages.sh build test
root=$(bash tests/system/base.sh trixie golang-go default-jdk-headless gnutls-bin wget git)
cmake -S . -B build/full -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNCT_TESTS=ON >/dev/null
cmake --build build/full --target test_clients guarded

NCT_SEED=${1:-$((RANDOM * 32768 + RANDOM))} NCT_CERTIFICATES=${2:-100000} \
  NCT_CLIENTS_ROOT=$root NCT_LIST=$PWD/build/full/disagreements \
  NCT_PAIRS=2000 NCT_LIST_PAIRS=$PWD/build/full/pairs \
  build/full/tests/guarded "$PWD/build/full" build/full/tests/clients/test_clients
