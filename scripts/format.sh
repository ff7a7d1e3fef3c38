#!/usr/bin/env bash
# Formats the project's own sources: format.sh [--check]. With --check nothing is written and a difference fails.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run --Werror)
folders=()
for folder in core capi ports sim tools tests bench fuzz examples bootloader; do [ -d "$folder" ] && folders+=("$folder"); done
find "${folders[@]}" -name build -prune -o \( -name '*.[ch]pp' -o -name '*.[ch]' \) -print0 |
    xargs -0 -r -n 20 -P "$(nproc)" clang-format-19 "${mode[@]}"
