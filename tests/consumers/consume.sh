#!/usr/bin/env bash
# consume.sh KIND CMAKE COMPILER: another project finds afire by find_package, add_subdirectory or FetchContent, builds a program and runs it.
# find_package is examples/consumer as it stands, against an installed afire.
set -euo pipefail
kind=$1 cmake=$2 compiler=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"
options=("-DCMAKE_CXX_COMPILER=$compiler")
if [ "$kind" = find_package ]; then
  "$cmake" -S "$root" -B afire -DAFIRE_TESTS=OFF -DAFIRE_EXAMPLES=OFF "${options[@]}" >configured 2>&1 || { cat configured; exit 1; }
  "$cmake" --install afire --prefix "$PWD/prefix" >/dev/null
  if grep -rhE 'INTERFACE_(COMPILE_OPTIONS|COMPILE_DEFINITIONS|LINK_LIBRARIES)' prefix --include='afireTargets*.cmake'; then
    echo "failed: afire::afire carries flags"
    exit 1
  fi
  "$cmake" -S "$root/examples/consumer" -B build "-DCMAKE_PREFIX_PATH=$PWD/prefix" "${options[@]}"
else
  "$cmake" -S "$here" -B build "-DKIND=$kind" "-DAFIRE_SOURCE=$root" "${options[@]}"
fi
"$cmake" --build build
./build/consumer
# Nothing of afire's own was built or switched on in the other project.
if [ "$kind" != find_package ] && find build -name 'afire_test*' | grep -q .; then echo "failed: a subproject configures afire's tests"; exit 1; fi
