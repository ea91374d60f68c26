#!/usr/bin/env bash
# umbrella.sh: afire.hpp includes every header that needs no third party, directly or through another, and no other.
source "$(dirname "$0")/lib.sh"
cd "$root/include"
[ -f afire/afire.hpp ] || fail "include/afire/afire.hpp is missing"
read_by() { echo "#include <$1>" | g++ -std=c++20 -I. -MM -MG -x c++ - | tr ' \\' '\n\n' | grep -oE 'afire/.*\.hpp$' | sort -u; }
umbrella=$(read_by afire/afire.hpp)
bad=0
for header in $(find afire -name '*.hpp' | sort); do
  [ "$header" = afire/afire.hpp ] && continue
  if echo "#include <$header>" | g++ -std=c++20 -I. -M -MG -x c++ - | grep -qE "(^|[ /])($third_party)"; then
    grep -qxF "$header" <<<"$umbrella" && echo "afire.hpp includes $header, which needs a third party" && bad=1
  else
    grep -qxF "$header" <<<"$umbrella" || { echo "afire.hpp does not include $header" && bad=1; }
  fi
done
exit $bad
