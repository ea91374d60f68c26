#!/usr/bin/env bash
# snippets.sh [--write]: the code that docs/ shows is the code that is compiled. A block of a page says where it is from,
#
#   ```cpp examples/course/02_linear.cpp [forward]
#
# and is the region of that file from '// [forward]' to '// [/forward]', without the indentation. --write fills the blocks.
# Every region of a file in examples/course and examples/own is shown by some page, and every program of the course has one.
source "$(dirname "$0")/lib.sh"
cd "$root"
write=${1:-}

# region FILE NAME
region() {
  awk -v name="$2" '
    on && index($0, "// [/" name "]") { closed = 1; exit }
    on && !/\/\/ \[\/?[a-z_]+\]$/ { line[++n] = $0; match($0, /^ */); if (NF && (n == 1 || RLENGTH < least)) least = RLENGTH }
    !on && match($0, "// \\[" name "\\]$") { on = 1 }
    END { if (!closed) exit 1; for (k = 1; k <= n; k++) print substr(line[k], least + 1) }' "$1"
}

bad=0
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
for page in $(find docs -name '*.md' | sort); do
  : >"$temporary/page"
  inside=
  while IFS= read -r line; do
    if [[ -z $inside && $line =~ ^'```cpp '([^ ]+)' ['([a-z_]+)']'$ ]]; then
      file=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]} inside=1
      echo "$file [$name]" >>"$temporary/shown"
      printf '%s\n' "$line" >>"$temporary/page"
      if [ ! -f "$file" ]; then echo "$page: there is no $file"; bad=1
      elif ! region "$file" "$name" >>"$temporary/page"; then echo "$page: $file has no region from '// [$name]' to '// [/$name]'"; bad=1; fi
    elif [[ -n $inside && $line == '```' ]]; then
      inside=
      printf '%s\n' "$line" >>"$temporary/page"
    elif [ -z "$inside" ]; then
      printf '%s\n' "$line" >>"$temporary/page"
    fi
  done <"$page"
  if ! cmp -s "$page" "$temporary/page"; then
    if [ "$write" = --write ]; then cp "$temporary/page" "$page"; echo "$page"
    else
      diff -u --label "$page" --label "what is compiled" "$page" "$temporary/page" || true
      echo "$page shows other code than is compiled; tests/structure/snippets.sh --write fills it in"
      bad=1
    fi
  fi
done
for file in $(find examples/course examples/own -maxdepth 1 -name '*.cpp' 2>/dev/null | sort); do
  grep -qF "$file" -r docs --include='*.md' || { echo "no page of docs/ speaks of $file"; bad=1; }
  while read -r name; do
    grep -qxF "$file [$name]" "$temporary/shown" 2>/dev/null || { echo "no page of docs/ shows the region [$name] of $file"; bad=1; }
  done < <(sed -nE 's|.*// \[([a-z_]+)\]$|\1|p' "$file")
done
exit $bad
