#!/usr/bin/env bash
# umbrella.sh: afire.hpp and the headers beside it include every header that needs no third party, directly or through another, and no other.
source "$(dirname "$0")/lib.sh"
[ -f "$root/include/afire/afire.hpp" ] || fail "include/afire/afire.hpp is missing"
graph | awk -F'|' '
  $1 ~ /^afire\/[^\/]*$/ { n = split($2, name, " "); for (k = 1; k <= n; k++) reads[name[k]] = $1; next }
  { theirs[$1] = $3 }
  END {
    for (header in theirs) {
      if (header in reads && theirs[header]) { print reads[header] " includes " header ", which needs" theirs[header]; bad = 1 }
      if (!(header in reads) && !theirs[header]) { print "neither afire.hpp nor a header beside it includes " header; bad = 1 }
    }
    exit bad
  }'
