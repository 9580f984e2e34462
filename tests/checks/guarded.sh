#!/bin/bash
# guarded.sh GUARDED BUILD_DIRECTORY: what is started by GUARDED, as every test is, cannot write where the product
# writes on a machine, nor reach the machine's services; and can write to BUILD_DIRECTORY and temporary files.
set -euo pipefail
guarded=$1
build=$2

wrong=0
complain() {
  echo "$1"
  wrong=1
}

# tries FILE: makes it and removes it, as a faulty product would.
tries() {
  "$guarded" "$build" sh -c 'echo trace >"$1" && rm "$1"' sh "$1" 2>/dev/null
}
for directory in /etc /etc/ssl /etc/ssl/certs /etc/ca-certificates /etc/systemd/system /usr/local/share/ca-certificates \
  /usr/share/ca-certificates /usr/lib /usr/lib/ssl /var /var/lib /var/lib/dpkg /opt /; do
  [[ -d $directory ]] || continue
  ! tries "$directory/node-ca-trust-trace" || complain "a test can write to $directory"
done
for directory in "$build" /tmp /var/tmp "${TMPDIR:-/tmp}"; do
  tries "$directory/trace.$$" || complain "a test cannot write to $directory"
done

# A file that is there is neither opened for writing, renamed nor changed. (None of these does harm where it succeeds.)
for command in 'true >>"$1"' 'mv "$1" "$1.trace" && mv "$1.trace" "$1"' 'chmod --reference="$1" "$1"'; do
  ! "$guarded" "$build" sh -c "$command" sh /etc/ca-certificates.conf 2>/dev/null ||
    complain "a test can do '$command' to /etc/ca-certificates.conf"
done

if (( EUID == 0 )); then
  left=$("$guarded" "$build" sh -c 'mkdir /run/node-ca-trust && ls -A /run')
  [[ $left == node-ca-trust ]] || complain "a test sees the machine's /run: $left"
fi
here=$(cd "$build" && "$guarded" "$build" sh -c 'pwd && echo written >here && cat here && rm here')
[[ $here == "$build"$'\n'written ]] || complain "the working directory is not that of the caller: $here"
status=0
"$guarded" "$build" sh -c 'exit 3' || status=$?
(( status == 3 )) || complain "the exit status is not the command's own: $status"
exit $wrong
