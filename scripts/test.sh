#!/usr/bin/env bash
# make test: every build, every test and every check of the tree, each stage with its time, a summary at the end.
# Whole builds are few: dev (g++), asan (clang 19: sanitizers and fuzzers), and core alone for coverage and the device.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
jobs=$(nproc)
logs=build/logs
mkdir -p "$logs"
summary=()
failed=0

stage() { # stage NAME COMMAND…: runs it, prints its time, remembers how it ended
    local name=$1 started=$SECONDS verdict=ok
    shift
    printf '\n== %s\n' "$name"
    "$@" || verdict=FAILED
    [ "$verdict" = ok ] || failed=1
    local line
    line=$(printf '%-42s %5d s  %s' "$name" $((SECONDS - started)) "$verdict")
    printf -- '-- %s\n' "$line"
    summary+=("$line")
    [ "$verdict" = ok ]
}

finish() {
    printf '\n== summary\n'
    printf '%s\n' "${summary[@]}"
    [ ! -s "$logs/ctest-dev.end" ] || cat "$logs/ctest-dev.end"
    printf 'make test: %s in %d s\n' "$([ "$failed" = 0 ] && echo passed || echo FAILED)" "$SECONDS"
    exit "$failed"
}

run_ctest() { # run_ctest PRESET: on success only the closing lines, on failure all that did not pass
    local log=$logs/ctest-$1.log end=$logs/ctest-$1.end status=0
    ctest --preset "$1" -j "$jobs" >"$log" 2>&1 </dev/null || status=$?
    grep -E '^[0-9]+% tests passed' "$log" >"$end"
    if [ "$status" != 0 ]; then
        grep -vE ' +Passed +[0-9.]+ sec$|^ +Start +[0-9]+:' "$log"
    else
        sed -n '/% tests passed/,$p' "$log"
    fi
    # No closing line, or one about nothing, is a failure too.
    grep -qE 'out of [1-9]' "$end" || { echo "no test ran" >&2; return 1; }
    return "$status"
}

coverage() {
    find build/coverage -name '*.gcda' -delete 2>/dev/null
    scripts/build.sh coverage core_tests && run_ctest coverage || return 1
    # One job: with more it waits for ever when one of them fails.
    timeout 600 gcovr --root . --filter 'core/' --exclude '.*_test\.cpp' --exclude '.*/testing\.hpp' --print-summary --fail-under-line 95 \
        --txt "$logs/coverage.txt" --html-details build/coverage/report.html build/coverage
    local status=$?
    [ "$status" = 0 ] || cat "$logs/coverage.txt"
    return "$status"
}

stage 'setup' scripts/setup.sh test || finish
stage 'format' scripts/format.sh --check
stage 'sources for the boards' scripts/fetch_source.py bearssl lwip
stage 'build: core for Cortex-M0' scripts/build.sh device || finish
stage 'build: dev' scripts/build.sh dev || finish
stage 'tests: dev, budgets, style' run_ctest dev
stage 'power cuts: the matrix' scripts/powercut_matrix.py build/dev/bin/switchback
stage 'build: clang 19, sanitizers, fuzzers' scripts/build.sh asan &&
    {
        stage 'tests: sanitizers, kept fuzz inputs' run_ctest asan
        stage 'fuzz: a second each' scripts/fuzz.py --seconds "${FUZZ_SECONDS:-1}"
    }
stage 'coverage of core' coverage
stage 'clang-tidy' scripts/tidy.py
finish
