#!/usr/bin/env bash
# onednn3.sh COMPILER: the backend's tests with oneDNN 3.x, where AFIRE_ONEDNN3 names a folder that has its include/ and lib/.
source "$(dirname "$0")/lib.sh"
have "$1"
there=${AFIRE_ONEDNN3:-}
[ -n "$there" ] || skip "no oneDNN 3.x; AFIRE_ONEDNN3=FOLDER names one that has include/ and lib/"
[ -f "$there/include/oneapi/dnnl/dnnl.hpp" ] || fail "$there/include/oneapi/dnnl/dnnl.hpp is not there"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"
ln -s "$there"/lib/libdnnl.so* .
[ -e libdnnl.so ] || ln -s "$(ls libdnnl.so.* | head -n 1)" libdnnl.so
echo '#include <oneapi/dnnl/dnnl_version.h>
version DNNL_VERSION_MAJOR DNNL_VERSION_MINOR DNNL_VERSION_PATCH' | "$1" "-I$there/include" -E -x c++ - | sed -n 's/^version /oneDNN /p' | tr ' ' .
for file in main.cpp backend/gemm.cpp backend/threads.cpp nn/gradient.cpp fixture/afire_step.cpp; do
  "$1" -std=c++20 -O2 -fopenmp -DAFIRE_HAVE_ONEDNN -DAFIRE_HAVE_OPENMP "-DAFIRE_SOURCE_DIR=\"$root\"" "-I$there/include" "-I$root" "-I$root/include" \
    -c "$root/tests/$file" -o "${file//\//_}.o" || fail "tests/$file does not compile with it"
done
"$1" ./*.o -fopenmp -L. -ldnnl "-Wl,-rpath,$temporary" -o all
AFIRE_FIXTURES=${AFIRE_FIXTURES:-$root/../shared/fixtures} ./all
