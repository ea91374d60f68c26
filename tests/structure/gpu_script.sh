#!/usr/bin/env bash
# gpu_script.sh: the stages of bench/gpu/gpu.sh with stand-ins for what only a machine with a GPU has: all of them are reached, what fails and
# what is missing is told, and the end has a line for each.
source "$(dirname "$0")/lib.sh"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary" || exit 1
mkdir -p bin checkout/gpu_pack/fixtures && cp -r "$root"/{bench,tests,examples,include} checkout/
touch checkout/gpu_pack/fixtures/afire_step_mini.safetensors

# A compiler: what it makes of a source is a program that says one line of JSON; it ends with $STAND_IN_CODE where its name has $STAND_IN_FAILS.
cat >bin/nvcc <<'END'
#!/usr/bin/env bash
[ "$1" != --version ] || { echo "release 0"; exit; }
while [ $# -gt 0 ]; do [ "$1" != -o ] || out=$2; shift; done
cat >"$out" <<'PROGRAM'
#!/usr/bin/env bash
echo "{\"model\": \"$1\", \"batch\": 256, \"images_per_second\": 2000.0, \"memory_mib\": 300}"
case $0 in *"${STAND_IN_FAILS:-none}") exit "${STAND_IN_CODE:-3}" ;; esac
PROGRAM
chmod +x "$out"
END
cat >bin/g++ <<'END'
#!/usr/bin/env bash
while [ $# -gt 0 ]; do [ "$1" != -o ] || touch "$2"; shift; done
END
cat >bin/python <<'END'
#!/usr/bin/env bash
case $1 in
  -c) ;;
  *afire_torch.py)
    [[ " $* " = *" --device cuda "* ]] || exit 1
    [[ " $* " = *" --compile "* ]] && compiled=true || compiled=false
    [[ " $* " = *" --arch base "* ]] && arch=base || arch=small
    echo "{\"arch\": \"$arch\", \"compile\": $compiled, \"images_per_s\": 1000.0, \"peak_mib\": 600}" ;;
  *) exec python3 "$@" ;;
esac
END
printf '#!/usr/bin/env bash\n' >bin/nvidia-smi
printf '#!/usr/bin/env bash\nwhile [ "${1#-}" != "$1" ]; do case $1 in --tool | --error-exitcode) shift ;; esac; shift; done\nexec "$@"\n' >bin/compute-sanitizer
printf 'echo "all checks passed, $1"\n' >checkout/tests/cli/backends.sh
chmod +x bin/*
PATH=$temporary/bin:$PATH
export AFIRE_PYTHON=$temporary/bin/python
command -v python3 >/dev/null || skip "no python3"
script=checkout/bench/gpu/gpu.sh

bash $script >words 2>&1 || fail "with everything there: $(tail -n 20 words)"
stages=$(sed -n 's/^stages=(\(.*\))$/\1/p' $script)
for stage in $stages; do grep -q "^$stage: passed, " checkout/gpu_results/summary.txt || fail "stage $stage: $(grep "^$stage" checkout/gpu_results/summary.txt)"; done
[ "$(wc -w <<<"$stages")" = "$(grep -c . checkout/gpu_results/summary.txt)" ] || fail "the summary has other stages: $(cat checkout/gpu_results/summary.txt)"
for words in "base, eager: films/s 2.00 of PyTorch's, memory 0.50 of its" "small, compiled: films/s 2.00" "all checks passed, "; do
  grep -qF "$words" words || fail "no '$words'"
done
[ "$(wc -l <checkout/gpu_results/step.json)" = 5 ] && [ "$(wc -l <checkout/gpu_results/peer.json)" = 4 ] || fail "lines of JSON are missing"

status=0
STAND_IN_FAILS=/training bash $script verbs training example >words 2>&1 || status=$?
[ "$status" = 1 ] && grep -q '^training: failed (3)' words && grep -q '^example: passed' words || fail "a stage that fails: $(cat words)"
STAND_IN_FAILS=/training STAND_IN_CODE=77 bash $script training >words 2>&1 && fail "a program that sees no GPU where there is one has passed"
rm -r checkout/gpu_pack bin/compute-sanitizer
printf '#!/usr/bin/env bash\nexit 1\n' >bin/g++ && cp bin/g++ bin/python
PATH=$temporary/bin:/usr/bin:/bin bash $script verbs fixtures peer program memcheck >words 2>&1 || fail "what is missing is no failure: $(cat words)"
for stage in verbs fixtures peer program memcheck; do grep -q "^$stage: skipped" words || fail "stage $stage where all is missing: $(cat words)"; done
bash $script nothing >words 2>&1 && fail "a stage that there is not"
grep -q "there is no stage 'nothing'; there are: device verbs" words || fail "$(cat words)"
printf '#!/usr/bin/env bash\nexit 1\n' >bin/nvidia-smi
status=0
bash $script >words 2>&1 || status=$?
[ "$status" = 77 ] && grep -q "no NVIDIA GPU" words || fail "without a GPU: $status, $(cat words)"
