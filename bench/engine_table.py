#!/usr/bin/env python3
"""Runs engine-bench and prints its figures beside the goals and the designs' measured prototypes.

Prototype figures were measured once, on throw-away loops and an idle machine of this kind; the reference kernel is
bench/micro/reference_kernel.cc, measured now. Method: CPU time of whole runs, the least of three.
"""
import json
import resource
import subprocess
import sys

# name, text, goal, prototype (scalar / vector), reference kernel
ROWS = [
    ("arrivals_alone", "arrivals and demands alone", "", "3.3 / 2.1", ""),
    ("spike_run/fcfs_round_robin/1", "FCFS, round robin", "10", "10.2 / 7.4", "lindley_round_robin"),
    ("spike_run/fcfs_random/1", "FCFS, random", "", "14.6", ""),
    ("spike_run/fcfs_two_choices/1", "FCFS, power of two", "25", "26.9 / 16.9", "lindley_two_choices"),
    ("spike_run/fcfs_least_outstanding/1", "FCFS, least outstanding", "40", "53 / 48.7", "least_outstanding"),
    ("spike_run/central_queue/1", "central queue", "", "", ""),
    ("spike_run/sharing_round_robin/1", "processor sharing, round robin", "35", "47 / 25.5", "sharing_round_robin"),
    ("spike_run/sharing_two_choices/1", "processor sharing, power of two", "35", "59 / 33.9", ""),
    ("spike_run/sharing_least_outstanding/1", "processor sharing, least outstanding", "", "88", ""),
    ("spike_run/fcfs_two_choices_cancelling/1", "FCFS, power of two, cancelling, retries", "50", "59", ""),
    ("spike_run/fcfs_least_outstanding_retrying/1", "FCFS, least outstanding, retries", "50", "59", ""),
    ("spike_run/sharing_round_robin_cancelling/1", "sharing, round robin, cancelling, retries", "50", "57", ""),
    ("spike_run/sharing_two_choices_cancelling/1", "sharing, power of two, cancelling, retries", "50", "87", ""),
    ("spike_run/fcfs_round_robin_overloaded/1", "FCFS, round robin, overloaded", "", "", ""),
    ("spike_run/fcfs_round_robin_overloaded_retrying/1", "FCFS, round robin, overloaded, retries", "", "", ""),
    ("spike_run/sharing_two_choices_overloaded_cancelling/1",
     "sharing, power of two, overloaded, cancelling, retries", "", "", ""),
    ("viewers/round_robin", "viewers with heartbeats, FCFS, round robin", "60", "", ""),
    ("match_day/round_robin", "wc98-0626's rate, round robin", "15", "", ""),
    ("match_day/least_outstanding", "wc98-0626's rate, least outstanding", "15", "", ""),
    ("", "textbook event loop, round robin", "", "623", "textbook_round_robin"),
]


def measure(program, pattern="."):
    out = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_repetitions=3",
                          "--benchmark_min_time=0.01", "--benchmark_format=json"],
                         check=True, capture_output=True, text=True).stdout
    cpu, wall = {}, {}
    for run in json.loads(out)["benchmarks"]:
        if run.get("run_type") != "iteration":
            continue
        name = run["run_name"]
        nanoseconds = run["time/request"] * 1e9
        cpu[name] = min(cpu.get(name, nanoseconds), nanoseconds)
        wall[name] = min(wall.get(name, run["real_time"]), run["real_time"])
    return cpu, wall


def main():
    program = sys.argv[1]
    # First, so that the largest child so far is this one.
    measure(program, "memory_of_2000_pods")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cpu, wall = measure(program, "arrivals|fcfs|sharing|central|viewers|match|kernel")

    print(f"  {'work':56} {'goal':>5} {'prototype':>13} {'reference':>10} {'ours':>7}")
    for name, text, goal, prototype, kernel in ROWS:
        reference = f"{cpu['reference_kernel/' + kernel]:.1f}" if kernel else ""
        ours = f"{cpu[name]:.1f}" if name else ""
        print(f"  {text:56} {goal:>5} {prototype:>13} {reference:>10} {ours:>7}")
    print("  The prototypes' two figures: scalar / 512-bit vectors. wc98-0626: ns a request are seconds a billion.")
    for text, name in (("FCFS", "fcfs"), ("processor sharing", "sharing")):
        one, two = (wall[f"spike_run/{name}_round_robin/{threads}"] for threads in (1, 2))
        print(f"  {text}, round robin, two threads in one run: {one / two:.2f} times as fast by the wall clock "
              "(goal: 1.7)")
    print(f"  peak memory at 2,000 pods: {memory:.0f} MB (goal: 200)")


main()
