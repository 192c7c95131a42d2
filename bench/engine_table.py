#!/usr/bin/env python3
"""Runs engine-bench and mesh-bench and prints their figures beside the goals and the designs' measured prototypes.

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
    ("viewers/round_robin", "viewers who do not react, heartbeats, round robin", "", "", ""),
    ("viewers/content", "viewers who react, without cause (event-driven)", "60", "", ""),
    ("viewers/overloaded", "viewers who react, overloaded (event-driven)", "60", "", ""),
    ("match_day/round_robin", "constant rate, 200 fixed pods, 360 s, round robin", "", "", ""),
    ("match_day/least_outstanding", "constant rate, 200 fixed pods, 360 s, least outst.", "", "", ""),
    ("", "textbook event loop, round robin", "", "623", "textbook_round_robin"),
]
COARSE = [
    ("fcfs_round_robin", "FCFS, round robin"),
    ("fcfs_two_choices", "FCFS, power of two"),
    ("fcfs_least_outstanding", "FCFS, least outstanding"),
    ("sharing_round_robin", "processor sharing, round robin"),
]
MESH = [
    ("single/fcfs_round_robin", "one service, FCFS, round robin"),
    ("single/fcfs_two_choices", "one service, FCFS, power of two"),
    ("single/fcfs_least_outstanding", "one service, FCFS, least outstanding"),
    ("single/sharing_two_choices", "one service, processor sharing, power of two"),
    ("graph/fcfs_round_robin", "six services, FCFS, round robin"),
    ("graph/fcfs_least_outstanding", "six services, FCFS, least outstanding"),
    ("graph/sharing_two_choices", "six services, processor sharing, power of two"),
]


def runs_of(program, pattern="."):
    """All repetitions of the benchmarks, by name."""
    out = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_repetitions=3",
                          "--benchmark_min_time=0.01", "--benchmark_format=json"],
                         check=True, capture_output=True, text=True).stdout
    runs = {}
    for run in json.loads(out)["benchmarks"]:
        if run.get("run_type") == "iteration":
            runs.setdefault(run["run_name"], []).append(run)
    return runs


def least(runs, name, figure):
    return min(run[figure] for run in runs[name])


def print_requests(runs):
    def nanoseconds(name):
        return f"{least(runs, name, 'time/request') * 1e9:.1f}" if name else ""

    print(f"  {'work':56} {'goal':>5} {'prototype':>13} {'reference':>10} {'ours':>7}")
    for name, text, goal, prototype, kernel in ROWS:
        reference = nanoseconds(kernel and "reference_kernel/" + kernel)
        print(f"  {text:56} {goal:>5} {prototype:>13} {reference:>10} {nanoseconds(name):>7}")
    print("  The prototypes' two figures: scalar / 512-bit vectors. The constant rate is the mean of wc98-0626's.")


def print_threads(runs):
    for text, name in (("FCFS", "fcfs"), ("processor sharing", "sharing")):
        one, two = (least(runs, f"spike_run/{name}_round_robin/{threads}", "real_time") for threads in (1, 2))
        print(f"  {text}, round robin, two threads in one run: {one / two:.2f} times as fast by the wall clock "
              "(goal: 1.7)")


def print_coarse(runs):
    print(f"\n  {'the spike, exact and cohort, least of three':56} {'exact':>9} {'cohort':>9} {'ratio':>7}")
    for name, text in COARSE:
        exact, cohort = (least(runs, "coarse/" + name, engine) for engine in ("exact", "cohort"))
        print(f"  {text:56} {exact:7.2f} s {cohort * 1e3:6.1f} ms {exact / cohort:7.0f}")
    print("  CPU time of the whole run, both in one process (goal: 50 times as fast).")


def print_mesh(runs):
    print(f"\n  {'event-driven engine, ns of CPU time':56} {'a request':>9} {'a hop':>9}")
    for name, text in MESH:
        request, hop = (least(runs, name, "time/" + what) * 1e9 for what in ("request", "hop"))
        print(f"  {text:56} {request:9.0f} {hop:9.0f}")


def main():
    engine, mesh = sys.argv[1:]
    # First, so that the largest child so far is this one.
    runs_of(engine, "memory_of_2000_pods")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    runs = runs_of(engine, "arrivals|fcfs|sharing|central|viewers|match|kernel") | runs_of(mesh)

    print_requests(runs)
    print_threads(runs)
    print(f"  peak memory at 2,000 pods: {memory:.0f} MB (goal: 200)")
    print_coarse(runs)
    print_mesh(runs)


main()
