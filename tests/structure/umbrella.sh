#!/usr/bin/env bash
# umbrella.sh: afire.hpp includes every header that needs no third party, directly or through another, and no other.
source "$(dirname "$0")/lib.sh"
cd "$root/include"
[ -f afire/afire.hpp ] || fail "include/afire/afire.hpp is missing"
umbrella=$(closure afire/afire.hpp)
bad=0
for header in $(find afire -name '*.hpp' ! -path afire/afire.hpp | sort); do
  reads=0 needs=0
  grep -qxF "$header" <<<"$umbrella" && reads=1
  closure "$header" | xargs grep -qE "^ *# *include *<($third_party)" && needs=1
  [ $reads$needs = 11 ] && echo "afire.hpp includes $header, which needs a third party" && bad=1
  [ $reads$needs = 00 ] && echo "afire.hpp does not include $header" && bad=1
done
exit $bad
