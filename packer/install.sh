#!/bin/sh
# install.sh DIRECTORY: run as root in the machine or root that becomes the image. In DIRECTORY lie the package (*.deb or
# *.rpm; where /usr is sealed, the archive *.tar.gz) and the CAs that the image itself shall hold, if any: every other
# file is taken for a bundle, whatever its name, and every other directory for one of bundles. DIRECTORY is gone
# afterwards.
# Exit status 0 says that an image may be made of it.
set -eu
cd "$1"

refuse() {
  echo "install.sh: '$1/$2' $3" >&2
  exit 65
}

packages=no
for name in * .[!.]* ..?*; do
  case $name in
    '*' | '.[!.]*' | '..?*') [ -e "$name" ] || continue ;;
  esac
  case $name in
    .*) refuse "$1" "$name" "is a hidden file, neither package nor bundle" ;;
    *.deb | *.rpm | *.tar.gz) packages=yes ;;
    *) [ -f "$name" ] || [ -d "$name" ] || refuse "$1" "$name" "is no file" ;;
  esac
done
[ $packages = yes ] || refuse "$1" "*.deb, *.rpm or *.tar.gz" "is not there: no package"

# The distribution's tool takes what the package depends on from the distribution, where it is not there.
for package in *.deb *.rpm *.tar.gz; do
  [ -e "$package" ] || continue
  case $package in
    *.deb) DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "./$package" ;;
    *.rpm)
      if command -v tdnf >/dev/null; then
        tdnf -q -y --nogpgcheck install "./$package"
      elif command -v dnf >/dev/null; then
        dnf -q -y install "./$package"
      else
        rpm -U "./$package"
      fi ;;
    *.tar.gz)
      unpacked=$(mktemp -d)
      tar -xzf "./$package" -C "$unpacked" --strip-components 1
      sh "$unpacked/usr/share/node-ca-trust/install.sh"
      rm -rf "$unpacked" ;;
  esac
done
PATH=$PATH:/opt/node-ca-trust/bin

# They stay in the image's store whatever bundle a node brings; and its machines provision before anything else starts.
# What is no bundle is refused here.
set --
for name in *; do
  case $name in *.deb | *.rpm | *.tar.gz) ;; *) set -- "$@" --from "./$name" ;; esac
done
node-ca-trust bake "$@"

# The gate: exit status 1, and every miss by its name; a CA of those that were delivered is one, too. (In a pipeline:
# --format junit.)
set --
for name in *; do
  case $name in *.deb | *.rpm | *.tar.gz) ;; *) set -- "$@" --expect "./$name" ;; esac
done
node-ca-trust verify --image "$@"

# Nothing of the build stays.
cd /
rm -rf "$OLDPWD"
