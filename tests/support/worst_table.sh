#!/usr/bin/env bash
# worst_table.sh < output of the fixture tests: the worst differences per file, backend and type as a Markdown table
#
#   build/ci/tests/afire_test_fixture | tests/support/worst_table.sh
sed -n 's/.*worst: //p' | awk -F' [|] ' '
  {
    key = $1 " | " $2 " | " $3
    for (side = 0; side < 2; ++side) {
      name = $(4 + 2 * side); value = $(5 + 2 * side)
      if (name == "-" || name == "") continue
      if (!((key, side) in worst) || value + 0 > worst[key, side] + 0) { worst[key, side] = value; what[key, side] = name }
    }
    keys[key] = 1
  }
  function cell(key, side) { return (key, side) in worst ? worst[key, side] " (`" what[key, side] "`)" : "" }
  END { for (key in keys) print "| " key " | " cell(key, 0) " | " cell(key, 1) " |" }' | sort |
  { printf '| file | backend | type | worst output | worst gradient |\n|---|---|---|---|---|\n'; cat; }
