#!/usr/bin/env bash
# single_header.sh COMPILER: a program of the course compiles with afire as one file and nothing else of it, and prints what it should.
source "$(dirname "$0")/lib.sh"
have "$1"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
bash "$root/cmake/single_header.sh" >"$temporary/afire.hpp"
lesson=$root/examples/course/02_linear.cpp
sed -E 's|^#include <afire/.*>|#include "afire.hpp"|' "$lesson" >"$temporary/lesson.cpp"
cd "$temporary"
"$1" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror lesson.cpp -o lesson -pthread || fail "a program does not compile with afire as one file"
bash "$root/tests/structure/prints.sh" "$temporary/lesson" "$lesson"
echo "$(wc -l <afire.hpp) lines"
