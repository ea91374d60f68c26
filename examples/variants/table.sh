#!/usr/bin/env bash
# table.sh < what was said: the rows of ./run variants, beside what each variant's file takes to compile, as the table of docs/variants.md
#
#   (./run variants; bash bench/compile_time.sh --variants) > said;  bash examples/variants/table.sh < said
awk '
  function cells() {
    begun = ""
    for (k = 9; k <= NF; ++k) begun = begun (k > 9 ? " " : "") $k
    gsub(/ \([^)]*\)/, "", begun)                        # what theory says is in the file of the variant
    return $2 " | " $3 " | " $4 " | " $5 " | " $6 " | " $7 " | " $8 " | " begun
  }
  $1 ~ /^examples\/variants\// { name = $1; gsub(/.*\/|\.cpp$/, "", name); compiled[name] = $2 " s, " $4 " MiB"; next }
  NF >= 9 && $1 ~ /^[a-z][a-z0-9_]*$/ && $2 ~ /^[0-9]+$/ { row[$1] = cells(); order[++n] = $1 }
  END {
    print "| variant | parameters | MiB | films/s | loss | at end | spread | at end | first step | compiled in |"
    print "|---|---|---|---|---|---|---|---|---|---|"
    for (k = 1; k <= n; ++k) print "| `" order[k] "` | " row[order[k]] " | " compiled[order[k]] " |"
  }'
