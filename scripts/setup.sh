#!/usr/bin/env bash
# Installs what is missing of scripts/packages.txt: setup.sh [build|demo|test]. Says what and why; says nothing, and asks
# nothing of the network, when all is there. Each part has those before it; `build` and `demo` stop before the packages that
# only the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-test}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: not a Debian system, nothing installed; what is needed stands in scripts/packages.txt" >&2
    exit 0
fi

# A TFTP server for tests of boards. Its package is only unpacked: installed, it would begin to listen at each boot.
unpack_tftp_server() {
    [ "$part" = test ] && [ ! -x build/tools/usr/sbin/atftpd ] || return 0
    local folder
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -q atftpd && dpkg-deb --extract atftpd_*.deb tools) >/dev/null 2>&1; then
        mkdir -p build
        rm -rf build/tools
        mv "$folder/tools" build/tools
        echo "setup: atftpd unpacked to build/tools: its server gives packages to emulated boards"
    else
        echo "setup: goes on without atftpd, which cannot be had: tests use another TFTP server that is here, or none" >&2
    fi
    rm -rf "$folder"
}

# name<TAB>why of each package up to the asked-for part
wanted=$(awk -v part="$part" '
    /^\[/ { if (done) exit; done = ($1 == "[" part "]"); next }
    /^[^#]/ { name = $1; sub(/^[^ ]+ +/, ""); print name "\t" $0 }' scripts/packages.txt)
mapfile -t names < <(cut -f1 <<<"$wanted")
present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)

missing=()
while IFS=$'\t' read -r name why; do
    grep -qxF -- "$name" <<<"$present" && continue
    [ ${#missing[@]} -gt 0 ] || echo "setup: installing what is missing:"
    printf '  %-32s%s\n' "$name" "$why"
    missing+=("$name")
done <<<"$wanted"
if [ ${#missing[@]} = 0 ]; then
    unpack_tftp_server
    exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: run this as root: apt-get install ${missing[*]}" >&2
        exit 4
    fi
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
started=$SECONDS
if ! { "${as_root[@]}" apt-get update -q &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "setup: apt-get failed; see above" >&2
    exit 4
fi
echo "setup: ${#missing[@]} packages installed in $((SECONDS - started)) s"
unpack_tftp_server
