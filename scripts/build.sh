#!/usr/bin/env bash
# Configures and builds one preset: build.sh PRESET [TARGET…]. Quiet unless it fails or a person watches.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
# What is released carries libdivsufsort too; it is loaded where its source cannot be had.
if [ "$preset" = release ] && ! scripts/fetch_source.py libdivsufsort; then
    echo "build: goes on; the command will need the system's libdivsufsort" >&2
fi
# Boards: their cryptography, and the command that makes linker scripts.
if [ -d "ports/$preset" ]; then
    scripts/fetch_source.py bearssl
    [ "$preset" != smartfusion2 ] || scripts/fetch_source.py lwip
    [ -x build/dev/bin/switchback ] || "$0" dev switchback
fi
# Objects that differ between presets only by their folder come out of the cache.
export CCACHE_NOHASHDIR=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
quiet=()
[ -t 1 ] || quiet=(-- --quiet)
cmake --build --preset "$preset" ${1:+--target "$@"} "${quiet[@]}"
