#!/usr/bin/env bash
# single_header.sh [HEADER...]: afire as one file, on standard output, for online compilers and for a quick try without an include path.
#
#   cmake/single_header.sh > afire.hpp                                 all that needs no third party
#   cmake/single_header.sh afire/nn/vit.hpp afire/backend/reference.hpp > vit.hpp         only what these need
#
# Every header of afire comes once, where it is first read; #include of others and everything else stay as they are.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/include"
[ $# -gt 0 ] || set -- afire/afire.hpp afire/*.hpp
version=$(sed -nE 's/^#define AFIRE_VERSION "(.*)"/\1/p' afire/core/config.hpp)
printf '// afire %s in one file, made by cmake/single_header.sh from %s\n// Apache License 2.0. Do not edit: edit the headers.\n#pragma once\n' "$version" "$*"
printf '%s\n' "$@" | awk '
  function read_header(name,   line, status, inner) {
    if (name in seen) return
    seen[name] = 1
    while ((status = (getline line < name)) > 0) {
      if (line ~ /^#pragma once/) continue
      if (match(line, /^#include <afire\/[^>]*>/)) {
        inner = substr(line, 11, RLENGTH - 11)
        read_header(inner)
      } else print line
    }
    if (status < 0) { print "cannot read include/" name > "/dev/stderr"; exit 1 }
    close(name)
  }
  { read_header($0) }'
