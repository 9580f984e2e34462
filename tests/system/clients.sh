#!/bin/bash
# clients.sh SUITE DIRECTORY PACKAGE...: makes the Debian root that has these packages (base.sh), and in DIRECTORY the
# clients that Debian has no program for: "ask" by the suite's Go, "Ask.class" by its Java. Both ask the host that is
# their argument over TLS, and end with 0 if they trust it. Needs root; changes nothing of the Debian root.
set -euo pipefail
here=$(dirname "$0")
suite=$1
mkdir -p "$2"
made=$(realpath "$2")
root=$(bash "$here/base.sh" "$suite" "${@:3}")

cat >"$made/ask.go.new" <<'END'
package main

import (
	"crypto/tls"
	"fmt"
	"os"
)

func main() {
	connection, err := tls.Dial("tcp", os.Args[1]+":443", nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	connection.Close()
}
END
cat >"$made/Ask.java.new" <<'END'
import java.net.URL;

public class Ask {
    public static void main(String[] arguments) throws Exception {
        new URL("https://" + arguments[0] + "/file").openStream().close();
    }
}
END

# Whether they are what was built from, and where.
echo "$root" >"$made/root.new"
current=yes
for file in ask.go Ask.java root; do
  cmp -s "$made/$file.new" "$made/$file" || current=no
done
[[ $current == no || ! -x $made/ask || ! -e $made/Ask.class ]] || { rm "$made"/*.new; exit; }

rm -f "$made"/{ask,Ask.class,root}
mv "$made/ask.go.new" "$made/ask.go"
mv "$made/Ask.java.new" "$made/Ask.java"
# Its mounts are seen by nobody, and end with it.
unshare --mount bash -c '
  mount --bind "$1" "$2/mnt" && mount -t proc proc "$2/proc" || exit
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt GOCACHE=/mnt/cache GOTOOLCHAIN=local GOPROXY=off GO111MODULE=off \
    CGO_ENABLED=0 chroot "$2" sh -c "cd /mnt && go build -o ask ask.go && javac -nowarn Ask.java"
' - "$made" "$root"
mv "$made/root.new" "$made/root"
