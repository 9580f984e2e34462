#!/bin/bash
# demo.sh [PRESET]: builds node-ca-trust, as it is shipped for this machine or by another preset, and shows it at work on
# a copy of this machine's trust store, for a bundle of ten CAs, up to TLS handshakes of a client that trusts nothing but
# that copy. The machine's own store is only read.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}

# What the environment says about certificates is not what is shown here.
unset SSL_CERT_FILE SSL_CERT_DIR OPENSSL_CONF
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

if (( EUID != 0 )); then
  echo "demo: run it as root; the client of the last steps is started in a chroot(2)" >&2
  exit 77
fi

scratch=$(mktemp -d)
node=$scratch/node    # the root that plays the node
server=               # process id of the TLS server
trap 'if [[ -n $server ]]; then kill "$server" 2>/dev/null || :; wait "$server" 2>/dev/null || :; fi
      rm -rf "$scratch"' EXIT

steps=0
failed=0

# step STATUS TEXT WORDS COMMAND...: runs the command, which is expected to exit with STATUS and to say TEXT.
step() {
  local expected=$1 text=$2 words=$3 status=0
  shift 3
  "$@" >"$scratch/said" 2>&1 </dev/null || status=$?
  (( ++steps ))
  if [[ $status == "$expected" ]] && grep -qF -- "$text" "$scratch/said"; then
    echo "ok    $words"
  else
    echo "WRONG $words: exit status $status, expected $expected and '$text'"
    (( ++failed ))
  fi
  # The beginning and the end of what it said.
  awk '{ line[NR] = $0 }
       END { for (i = 1; i <= NR; ++i) {
               if (NR > 14 && i == 9) print "      | ... " NR - 13 " more lines"
               if (NR <= 14 || i < 9 || i > NR - 5) print "      | " line[i] } }' "$scratch/said"
}

build() {
  cmake --preset "$preset" -DNCT_TESTS=OFF && cmake --build --preset "$preset" --target node-ca-trust &&
    g++ -std=c++23 -o "$scratch/guarded" tests/support/guarded.cpp
}

copy_trust_store() {
  mkdir -p "$node"/{etc/ssl,etc/ca-certificates/update.d,usr/share,usr/local/share,usr/lib,run,var/lib}
  cp -a /etc/ssl/certs "$node/etc/ssl/"
  cp -a /etc/ca-certificates.conf "$node/etc/"
  cp -L /etc/os-release "$node/etc/"
  cp -a /usr/share/ca-certificates "$node/usr/share/"
  cp -a /usr/local/share/ca-certificates "$node/usr/local/share/"
}

# A TLS client for the node: this machine's openssl with its libraries, started inside the node's root, so that
# the absolute links of the hash directory lead where they lead on a node.
copy_client() {
  local library
  install -D /usr/bin/openssl "$node/usr/bin/openssl"
  ldd /usr/bin/openssl | grep -o '/[^ ]*' | while read -r library; do
    install -D "$library" "$node$library"
  done
}

# make_ca NUMBER: ca-NUMBER.pem and its key.
make_ca() {
  openssl req -x509 -config "$scratch/openssl.cnf" -extensions ca -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -nodes -days 3650 -subj "/O=Example Corporation/CN=Example Root CA $1" \
    -keyout "$scratch/ca-$1.key" -out "$scratch/ca-$1.pem"
}

make_bundle() {
  cat >"$scratch/openssl.cnf" <<'END'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:registry.example
extendedKeyUsage = serverAuth
END
  local number
  for number in {1..10}; do make_ca "$number"; done
  # As people write them: a blank line between two, and one that passed through Windows.
  for number in {1..9}; do cat "$scratch/ca-$number.pem"; echo; done >"$scratch/bundle.pem"
  sed 's/$/\r/' "$scratch/ca-10.pem" >>"$scratch/bundle.pem"
  cat "$scratch/bundle.pem" "$scratch/ca-7.key" >"$scratch/bundle-with-key.pem"
}

# A server whose certificate CA 7 of the ten has signed, on a free port of the loopback interface.
start_server() {
  openssl req -new -config "$scratch/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/CN=registry.example" -keyout "$scratch/server.key" -out "$scratch/server.csr"
  openssl x509 -req -in "$scratch/server.csr" -CA "$scratch/ca-7.pem" -CAkey "$scratch/ca-7.key" -days 30 \
    -extfile "$scratch/openssl.cnf" -extensions server -out "$scratch/server.pem"
  openssl s_server -accept 127.0.0.1:0 -www -cert "$scratch/server.pem" -key "$scratch/server.key" \
    >"$scratch/server.log" 2>&1 </dev/null &
  server=$!
  local tries
  for tries in {1..100}; do
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$scratch/server.log")
    [[ -n $port ]] && return
    sleep 0.05
  done
  echo "the TLS server did not start after $tries tries:"
  cat "$scratch/server.log"
  return 1
}

# handshake VIEW...: with the certificates of that view and no others. Exit status 1 where it fails.
handshake() {
  chroot "$node" /usr/bin/openssl s_client -connect "127.0.0.1:$port" -servername registry.example \
    -verify_hostname registry.example -verify_return_error -no-CAstore "$@" 2>&1 | grep '^Verification'
}
by_bundle=(handshake -CAfile /etc/ssl/certs/ca-certificates.crt -no-CApath)
by_directory=(handshake -CApath /etc/ssl/certs -no-CAfile)

# Whatever it does wrong, it cannot write to the machine itself.
binary=$PWD/build/$preset/node-ca-trust
node_ca_trust() { (cd "$scratch" && "$scratch/guarded" "$scratch" "$binary" "$@" --root "$node"); }

bash tests/packages.sh build
echo "--- build"
build >"$scratch/build.log" 2>&1 || { tail -40 "$scratch/build.log"; echo "demo: the build failed"; exit 1; }
step 0 "node-ca-trust" "the binary is built" "$binary" --version
echo "--- a node, a bundle of ten CAs, a TLS server whose certificate one of them has signed"
copy_trust_store
copy_client
make_bundle 2>"$scratch/openssl.log" || { cat "$scratch/openssl.log"; exit 1; }
start_server 2>"$scratch/openssl.log" || { cat "$scratch/openssl.log"; exit 1; }

unknown_issuer="unable to get local issuer certificate"
echo "--- before: the node does not trust the server"
step 1 "$unknown_issuer" "no handshake with the bundle file" "${by_bundle[@]}"
step 1 "$unknown_issuer" "no handshake with the hash directory" "${by_directory[@]}"
echo "--- lint: is the bundle good?"
step 1 "error private-key" "one with a private key in it is not" node_ca_trust lint bundle-with-key.pem
step 0 "result: yes" "the other one is" node_ca_trust lint bundle.pem
echo "--- provision"
step 65 "refused" "the one with the key is refused as a whole" node_ca_trust provision --from bundle-with-key.pem
step 0 "would do: publish-store" "--dry-run says what would be done" node_ca_trust provision --from bundle.pem --dry-run
step 1 "$unknown_issuer" "and has done nothing" "${by_bundle[@]}"
step 0 "10 anchors of ours, proved" "provision installs the ten, and proves the store" \
  node_ca_trust provision --from bundle.pem
step 0 "result: unchanged" "a second run finds nothing to do" node_ca_trust provision --from bundle.pem
step 0 "as it should be" "status lists what is installed" node_ca_trust status
step 0 "result: yes" "verify says yes" node_ca_trust verify
echo "--- after: the node trusts the server"
step 0 "Verification: OK" "handshake with the bundle file" "${by_bundle[@]}"
step 0 "Verification: OK" "handshake with the hash directory" "${by_directory[@]}"
echo "--- remove takes back what was installed"
step 0 "result: changed" "remove --all" node_ca_trust remove --all
step 1 "$unknown_issuer" "no handshake with the bundle file" "${by_bundle[@]}"
step 1 "$unknown_issuer" "no handshake with the hash directory" "${by_directory[@]}"

if (( failed )); then
  echo "demo: $failed of $steps steps were not as expected"
  exit 1
fi
echo "demo: all $steps steps were as expected"
