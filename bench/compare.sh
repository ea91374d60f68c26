#!/usr/bin/env bash
# compare.sh [--arch tiny|small|base] [--dtype f32|bf16] [--batch N] [--form batch|loop] [--compile] [--rounds N] [--json FILE]
# A training step of afire beside the same step in PyTorch (bench/peer/afire_torch.py), run in turn on this machine: medians and ratios.
# PyTorch comes into a folder of its own (AFIRE_PEER, default build/peer), installed from the package index when it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
arch=small dtype=f32 batch=8 form=batch compile='' rounds=3 json=''
while [ $# -gt 0 ]; do
  case $1 in
    --arch | --dtype | --batch | --form | --rounds | --json)
      [ $# -gt 1 ] || { echo "compare: $1 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"; shift 2 ;;
    --compile) compile=--compile; shift ;;
    *) echo "compare: no option $1; there are --arch --dtype --batch --form --compile --rounds --json" >&2; exit 2 ;;
  esac
done
peer=${AFIRE_PEER:-build/peer}
if [ ! -x "$peer/bin/python" ]; then python3 -m venv "$peer"; fi
"$peer/bin/python" -c 'import torch' 2>/dev/null || "$peer/bin/pip" install -q torch numpy
cmake --build build/cpu --target bench_step >/dev/null
ours=$(mktemp) theirs=$(mktemp)
trap 'rm -f "$ours" "$theirs"' EXIT
for ((round = 0; round < rounds; ++round)); do
  ./build/cpu/bench/bench_step --benchmark_filter="step/$arch/$dtype/onednn/batch:$batch/" --benchmark_format=json 2>/dev/null >>"$ours"
  "$peer/bin/python" bench/peer/afire_torch.py --arch "$arch" --dtype "$dtype" --batch "$batch" --form "$form" $compile >>"$theirs"
done
python3 - "$ours" "$theirs" "$arch $dtype batch $batch, peer: $form $compile" "$json" <<'PY'
import json, statistics, sys
text = open(sys.argv[1]).read()
ours, decoder, at = [], json.JSONDecoder(), 0
while at < len(text.rstrip()):
    value, at = decoder.raw_decode(text, at)
    ours += value["benchmarks"]
    while at < len(text) and text[at].isspace():
        at += 1
theirs = [json.loads(line) for line in open(sys.argv[2])]
rate = [b["images_per_s"] for b in ours], [t["images_per_s"] for t in theirs]
memory = [b["peak_rss_mib"] for b in ours], [t["peak_mib"] for t in theirs]
print(sys.argv[3])
summary = {"what": sys.argv[3]}
for name, (a, b), unit in ("images/s", rate, ""), ("peak memory", memory, " MiB"):
    x, y = statistics.median(a), statistics.median(b)
    print(f"  {name:12} afire {x:8.2f}{unit}   PyTorch {y:8.2f}{unit}   ratio {x / y:.2f}   (afire {min(a):.2f} ... {max(a):.2f}, PyTorch {min(b):.2f} ... {max(b):.2f})")
    summary[name] = {"afire": a, "pytorch": b, "ratio_of_medians": x / y}
if sys.argv[4]:
    with open(sys.argv[4], "w") as file:
        json.dump(summary, file, indent=2)
PY
