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
/usr/bin/env python3 "$root/bench/engine_table.py" "$bin/engine-bench" "$bin/mesh-bench"
echo
echo "== control plane: events of virtual time per second of CPU time, one core (Google Benchmark)"
"$bin/control-bench" 2>/dev/null
echo
echo "== fake-apiserver over loopback beside kube-apiserver 1.20 with etcd (2 cores, measured under other load)"
"$bin/api-bench" "$bin/fake-apiserver" --full
echo
echo "== controllers in virtual time: wall time on one core"
"$bin/cluster-bench"
echo
echo "== policies: CPU time of a round of an HPA with behavior, and of a pass over 10,000 HPAs, one core"
"$bin/policy-bench" 2>/dev/null
echo
echo "== whole run: 30 virtual minutes of the grand final, four policies"
whole_run=("$root/bench/whole_run.py" "$bin/gamenight" "$scratch")
/usr/bin/env python3 "${whole_run[@]}" "60 s, 500 MB" 1,2 "$root/scenarios/grand-final.yaml"
echo
echo "== whole run: ten virtual hours of a match day, one policy; its clients retry, the goal is for those that do not"
/usr/bin/env python3 "${whole_run[@]}" "15 s on one core" 1,2 "$root/scenarios/wc98-0626.yaml" \
  --policy "$root/scenarios/policies/hpa-default.yaml"
