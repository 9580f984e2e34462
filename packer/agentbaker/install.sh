#!/bin/sh
# install.sh DIRECTORY: as ../install.sh, in an image that is built with AgentBaker's files; as a provisioner behind
# theirs, with this directory and ../install.sh on the machine:
#
#   provisioner "file" {
#     source      = "packer"
#     destination = "/tmp/"
#   }
#   provisioner "shell" {
#     inline = ["sudo sh /tmp/packer/agentbaker/install.sh /tmp/node-ca-trust"]
#   }
#
# /tmp/node-ca-trust has the package, or the archive where /usr is sealed, and CAs of the image's own, if any. See
# update_certs.service.conf and update_certs.path.conf for what becomes of AgentBaker's units.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
layout=usr
for archive in "$1"/*.tar.gz; do
  [ ! -e "$archive" ] || layout=opt
done
sh "$here/drop-ins.sh" / $layout
exec sh "$here/../install.sh" "$1"
