"""compare.py ROWS JSON key=value...: what bench/compare.sh measured, as medians and ratios; JSON, where it is not empty, gets all of it.

ROWS holds in turn what bench_step and afire_torch.py printed, as JSON values one after the other.
"""
import json
import statistics
import sys


def values(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        else:
            value, at = decoder.raw_decode(text, at)
            yield value


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return ""


def main():
    rows, target, about = sys.argv[1], sys.argv[2], dict(word.split("=", 1) for word in sys.argv[3:])
    with open(rows) as file:
        measured = list(values(file.read()))
    ours = [b for value in measured for b in value.get("benchmarks", [])]
    theirs = [value for value in measured if "benchmarks" not in value]
    if not ours or len(ours) != len(theirs):
        sys.exit(f"compare: {len(ours)} steps of afire and {len(theirs)} of PyTorch were measured; "
                 "run bench_step and afire_torch.py by hand")
    about = {"arch": about["arch"], "batch": int(about["batch"]), "form": about["form"], "compiled": bool(about["compiled"]),
             "recompute": bool(about["recompute"]), "threads": int(about["threads"]),
             "dtype": {"afire": about["afire_dtype"], "pytorch": about["pytorch_dtype"]},
             "processor": processor(), "torch": theirs[0]["torch"]}
    summary = dict(about)
    one = about["dtype"]["afire"] == about["dtype"]["pytorch"]
    dtypes = about["dtype"]["afire"] if one else "afire {afire}, PyTorch {pytorch}".format(**about["dtype"])
    print(f"ViT {about['arch']}, {dtypes}, batch {about['batch']}, {about['threads']} threads; PyTorch {about['torch']}: "
          f"form {about['form']}" + (", compiled" if about["compiled"] else "") + (", afire recomputes its blocks" if about["recompute"] else ""))
    for name, key, theirs_key, unit in (("films/s", "images_per_s", "images_per_s", ""),
                                        ("peak memory", "peak_rss_mib", "peak_mib", " MiB")):
        a, b = [round(row[key], 2) for row in ours], [round(row[theirs_key], 2) for row in theirs]
        x, y = statistics.median(a), statistics.median(b)
        print(f"  {name:12} afire {x:8.2f}{unit}   PyTorch {y:8.2f}{unit}   ratio {x / y:.2f}   "
              f"(afire {min(a):.2f} ... {max(a):.2f}, PyTorch {min(b):.2f} ... {max(b):.2f})")
        summary[theirs_key] = {"afire": a, "pytorch": b, "median_afire": x, "median_pytorch": y, "ratio": round(x / y, 4)}
    if target:
        with open(target, "w") as file:
            json.dump(summary, file, indent=2)
            file.write("\n")


main()
