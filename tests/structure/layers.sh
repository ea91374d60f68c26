#!/usr/bin/env bash
# layers.sh: no header includes upward; third-party headers only where they belong.
source "$(dirname "$0")/lib.sh"
cd "$root/include/afire"

# room: the rooms it may include
allowed='
core:    core
op:      core op
backend: core op backend
nn:      core op nn
ssl:     core op nn ssl
io:      core io
data:    core op io ssl data
eval:    core op nn ssl io data eval
train:   core op nn ssl io data eval train
picture: core data picture
testing: core op nn ssl testing backend
dist:    core op io backend dist
'
bad=0
while IFS=: read -r file line text; do
  room=${file%%/*}
  target=$(sed -E 's|.*#include *[<"]afire/([^/>"]*)/.*|\1|; t; d' <<<"$text")
  [ -n "$target" ] || continue
  rooms=$(sed -nE "s/^$room: *//p" <<<"$allowed")
  if [ -z "$rooms" ]; then
    echo "include/afire/$file: the room '$room' is unknown to tests/structure/layers.sh" && bad=1
  elif ! grep -qw -- "$target" <<<"$rooms"; then
    echo "include/afire/$file:$line: $room/ may include $rooms, not $target/" && bad=1
  fi
done < <(grep -rnE '^ *# *include *[<"]afire/' --include='*.hpp' --include='*.cuh' core op backend nn ssl io data eval train picture testing dist 2>/dev/null)

while IFS=: read -r file line text; do
  case $file in
    backend/* | dist/* | data/*) ;;
    *) echo "include/afire/$file:$line: $text: third-party headers belong into backend/, dist/ and the film readers of data/" && bad=1 ;;
  esac
done < <(grep -rnE "^ *# *include *[<\"]($third_party|thrust/|cub/|cuda|cublas)" *)

# What costs much to include has no place in what every composition reads.
while IFS=: read -r file line text; do
  echo "include/afire/$file:$line: $text: too heavy for core/, op/, nn/ and ssl/" && bad=1
done < <(grep -nE '^ *# *include *<(iostream|regex|format|sstream|filesystem|fstream|iomanip|ranges|future)>' -r core op nn ssl)

grep -rLE '^#pragma once' --include='*.hpp' --include='*.cuh' * | sed 's/$/: no #pragma once/' | grep . && bad=1
exit $bad
