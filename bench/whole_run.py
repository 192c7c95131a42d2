#!/usr/bin/env python3
"""Runs one scenario with `gamenight run`, once for each number of threads, and prints wall and CPU time and memory.

Usage: whole_run.py GAMENIGHT SCRATCH GOAL JOBS[,JOBS...] ARGUMENTS...
"""
import json
import os
import subprocess
import sys
import time


def run(program, arguments, out, jobs):
    """Wall seconds, CPU seconds, peak MB, requests."""
    start = time.monotonic()
    child = subprocess.Popen([program, "run", *arguments, "--out", out, "--jobs", jobs, "--quiet"])
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"gamenight run {' '.join(arguments)}: exit code {os.waitstatus_to_exitcode(status)}, nothing was measured")
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        requests = sum(policy["summary"]["requests"] for policy in json.load(file)["policies"])
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, requests


def main():
    program, scratch, goal, jobs, *arguments = sys.argv[1:]
    walls = []
    for n in jobs.split(","):
        wall, cpu, memory, requests = run(program, arguments, os.path.join(scratch, "out"), n)
        walls.append(wall)
        print(f"  --jobs {n}: {wall:.1f} s wall, {cpu:.1f} s CPU, {memory:.0f} MB peak, {requests / 1e6:.1f} M requests, "
              f"{cpu * 1e9 / requests:.1f} ns of CPU time a request (goal: {goal})", flush=True)
    if len(walls) == 2:
        print(f"  two threads: {walls[0] / walls[1]:.2f} times as fast by the wall clock (goal: 1.7 in one run)")


main()
