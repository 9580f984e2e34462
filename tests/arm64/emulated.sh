#!/bin/bash
# emulated.sh QEMU COMMAND...: runs a command where programs for arm64 start by themselves, also in a chroot and below
# it, in this emulator of qemu-user's, which must be a static program. Since Linux 6.7 nobody else sees that: a user
# namespace has a binfmt_misc of its own. Before, the machine has the handler for as long as the command runs. Needs root.
set -euo pipefail
formats=/proc/sys/fs/binfmt_misc
handler=node-ca-trust-arm64-$$

# ELF, of 64 bits, little-endian, a program, for the machine 183. The kernel holds the emulator open (F), and tells it
# by which name a program was called (P).
register() {
  mount -t binfmt_misc binfmt_misc $formats
  printf '%s' ":$handler:M::"'\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:' \
    '\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'"$1:PF" >$formats/register
}

case $1 in
  mapped)
    until [[ -n $(</proc/self/gid_map) ]]; do sleep 0.05; done
    exec bash "$0" namespace "${@:2}"  # it has the rights of root from its start
    ;;
  namespace)
    register "$2"
    exec "${@:3}"
    ;;
  machine)
    register "$2"
    trap 'echo -1 >$formats/$handler' EXIT
    "${@:3}"
    exit
    ;;
esac

if unshare --user --map-root-user --mount mount -t binfmt_misc binfmt_misc $formats 2>/dev/null; then
  own=$(readlink /proc/$$/ns/user)
  # Everybody stays who he is, which can be said from outside alone.
  {
    until [[ $(readlink /proc/$$/ns/user) != "$own" ]]; do sleep 0.05; done
    for map in uid_map gid_map; do echo 0 0 4294967295 >/proc/$$/$map; done
  } &
  exec unshare --user --mount --propagation private bash "$0" mapped "$@"
fi
exec unshare --mount --propagation private bash "$0" machine "$@"
