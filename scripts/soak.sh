#!/usr/bin/env bash
# make soak: the long versions of what the tests run short. About an hour on 2 cores; SOAK=10 makes it ten times that.
# The random runs begin at a new seed each time; a violation prints its story and the seed that shows it again.
set -euo pipefail
cd "$(dirname "$0")/.."
times=${SOAK:-1}
seed=${SEED:-$(date +%s)}
checker=build/release/bin/journal_checker

echo "== journal: random runs, seed $seed"
"$checker" --how random --runs $((200000 * times)) --sessions 60 --seed "$seed"
echo "== journal: exploration, 4 pages, then 3 pages"
# What stands, stands; and what is known to fall one cut later still falls: else the checker has gone blind.
"$checker" --how explore --pages 4 --records 4 --cuts 6 --max-states $((20000000 * times))
"$checker" --how explore --pages 3 --records 4 --cuts 4 --max-states $((20000000 * times))
known_fall() { # known_fall PAGES CUTS
    if "$checker" --how explore --pages "$1" --records 4 --cuts "$2" --max-states $((20000000 * times)) >/dev/null; then
        echo "soak: the known fall of $1 pages after $2 cuts was not found" >&2
        exit 1
    fi
}
known_fall 4 7
known_fall 3 5
echo "== power cuts, and every state of a small device, seed $seed"
scripts/powercut_matrix.py build/release/bin/switchback --wide --seed "$seed"
echo "== power cuts of emulated boards, seed $seed"
# EVERY=1: at each of its 34,000 operations instead; takes hours.
scripts/build.sh microbit
python3 -B tests/boards/power_cut_test.py build/release/bin/switchback build/microbit --seed "$seed" \
    --samples $((200 * times)) ${EVERY:+--every}
scripts/build.sh lm3s6965
python3 -B tests/boards/lm3s_power_cut_test.py build/release/bin/switchback build/lm3s6965 --seed "$seed" \
    --samples $((100 * times))
echo "== fuzzers"
scripts/fuzz.py --seconds $((120 * times))
echo "soak: passed in $SECONDS s"
