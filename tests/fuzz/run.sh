#!/usr/bin/env bash
# run.sh SEEDS PROGRAM TARGET SECONDS [CORPUS]: fuzzes from the files that SEEDS writes; what is found is printed as it is.
# No input may crash, take longer than a minute (of a busy machine) or allocate more than 128 MiB at once.
set -euo pipefail
seeds=$(realpath "$1") program=$(realpath "$2") target=$3 seconds=$4 corpus=${5:+$(realpath -m "$5")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$seeds" "$target" "$work/seeds"
mkdir -p "${corpus:=$work/corpus}"
cd "$work"
[ -n "$(ls seeds)" ] || { echo "skipped: no seeds for $target"; exit 77; }
code=0
"$program" "$corpus" seeds -max_total_time="$seconds" -max_len=16384 -timeout=60 -malloc_limit_mb=128 -rss_limit_mb=1024 \
  -print_final_stats=1 -artifact_prefix="$work/" >log 2>&1 || code=$?
grep -aE '^#[0-9]+.*cov:' log | tail -n 1
grep -aE 'stat::(number_of_executed_units|slowest_unit_time_sec|peak_rss_mb)' log || true
[ "$code" != 0 ] || exit 0
tail -n 60 log
for file in crash-* oom-* timeout-* leak-*; do
  [ ! -f "$file" ] || { echo "$file"; base64 "$file"; }
done
exit 1
