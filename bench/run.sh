#!/usr/bin/env bash
# Runs the benchmarks of the build given and prints machine, build and method beside the figures.
set -euo pipefail
bin=${1:-build/bin}
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "machine: $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ //'), $(nproc) cores, $(uname -sr)"
echo "build:   $(c++ --version | head -1), CMAKE_BUILD_TYPE=$(sed -n 's/^CMAKE_BUILD_TYPE:STRING=//p' "$bin/../CMakeCache.txt"), no -march"
echo

echo "== request engine: ns of CPU time per request on one core, the least of three runs"
/usr/bin/env python3 "$root/bench/engine_table.py" "$bin/engine-bench"
echo
echo "== control plane: events of virtual time per second of CPU time, one core (Google Benchmark)"
"$bin/control-bench" 2>/dev/null
echo
echo "== whole run: 30 virtual minutes of the grand final, four policies, wall time and peak memory"
for jobs in 1 2; do
  /usr/bin/env python3 - "$bin/gamenight" "$root/scenarios/grand-final.yaml" "$scratch/out" $jobs <<'PY'
import json, resource, subprocess, sys, time
program, scenario, out, jobs = sys.argv[1:]
start = time.monotonic()
subprocess.run([program, "run", scenario, "--out", out, "--jobs", jobs, "--quiet"], check=True)
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
requests = sum(p["summary"]["requests"] for p in json.load(open(out + "/run.json"))["policies"])
print(f"  --jobs {jobs}: {wall:.1f} s wall, {usage.ru_utime + usage.ru_stime:.1f} s CPU, "
      f"{usage.ru_maxrss / 1024:.0f} MB peak, {requests / wall / 1e6:.1f} M requests/s  "
      "(goal: 60 s, 500 MB)")
PY
done
