#!/usr/bin/env python3
"""Writes a synthetic run.json and decisions.ndjson in the shape of the contract, for the tests of the report.

A fluid queue under four ways of scaling: plausible numbers, the same bytes for the same arguments. It is no model of
anything; the simulator is in sim/.

usage: make_run.py OUT_DIR [--seconds N] [--policies a,b]
"""

import argparse
import datetime
import json
import math
import os
import random

START = datetime.datetime.fromisoformat("2026-09-26T19:20:00+10:00")
PER_POD = 200.0  # requests/s
SLO_MS = 2000.0
FAILED_MS = 3_600_000.0
TIMEOUT_S = 2.0
POLICIES = ("hpa-default", "hpa-tuner", "scheduled", "predictive")


def demand(t, total):
    """Requests/s at second t: a calm start, a kick-off of 90 s, a plateau, a slow exit."""
    x = t * 1800.0 / total if total < 1800 else t % 1800.0
    points = ((0, 2000), (600, 2000), (690, 60000), (1200, 60000), (1500, 20000), (1800, 20000))
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


class Scaler:
    """Asks for replicas every 15 s and explains itself as the real one does."""

    def __init__(self, name, total):
        self.name, self.total = name, total
        self.desired = 20
        self.window = []

    def wants(self, t, observed):
        if self.name == "predictive":
            ahead = demand(min(t + 120, self.total - 1), self.total)
            return max(20, math.ceil(max(observed, ahead) * 1.1 / 140))
        return max(20, math.ceil(observed / (PER_POD * 0.7)))

    def decide(self, t, observed):
        current = self.desired
        raw = min(600, self.wants(t, observed))
        steps, value = [], raw
        inputs = [{"metric": "cpu", "value": round(70 * observed / PER_POD / max(current, 1) / 0.7, 1),
                   "ageSeconds": 30, "target": 70, "wants": raw}]
        if self.name == "scheduled":
            inputs.append({"metric": "schedule grand-final", "value": 330, "ageSeconds": 0, "target": 330,
                           "wants": 330})
        if self.name == "hpa-default" and raw > current:
            limit = max(current * 2, current + 4)
            if value > limit:
                steps.append({"rule": "behavior.scaleUp", "before": value, "after": limit,
                              "why": f"at most 100 % or 4 pods in 15 s: {limit - current} may be added"})
                value = limit
        if self.name == "hpa-tuner" and raw > current:
            limit = max(current * 2, current + 4)
            if value > limit:
                steps.append({"rule": "scaleUpLimit", "before": value, "after": limit,
                              "why": "scaleUpLimitFactor 2 of the present minReplicas"})
                value = limit
        if self.name == "scheduled" and value < 330 and t < 2700:
            steps.append({"rule": "schedules.grand-final", "before": value, "after": 330,
                          "why": "the floor of the active schedule is higher"})
            value = 330
        if value != current and abs(value / current - 1) < 0.1:
            steps.append({"rule": "tolerance", "before": value, "after": current,
                          "why": "the ratio is within 10 % of the target"})
            value = current
        self.window = [(at, n) for at, n in self.window if at > t - 300] + [(t, value)]
        highest = max(n for _, n in self.window)
        if value < current and highest > value:
            held = min(current, highest)
            if held != value:
                steps.append({"rule": "behavior.scaleDown.stabilizationWindowSeconds", "before": value, "after": held,
                              "why": "the highest recommendation of the last 5m is kept"})
                value = held
        self.desired = value
        changed = value != current
        at = (START + datetime.timedelta(seconds=t)).astimezone(datetime.timezone.utc)
        return {
            "t": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "policy": self.name, "target": "default/api",
            "trigger": "schedule" if self.name == "scheduled" and t == 0 else "loop", "current": current,
            "inputs": inputs, "selected": inputs[-1]["metric"] if value == 330 and self.name == "scheduled" else "cpu",
            "raw": raw, "steps": steps, "final": value,
            "applied": {"ok": True, "status": "patched" if changed else "unchanged", "latencyMs": 12 if changed else 0},
        }


def percentile_ms(q, wait_s, load):
    service = 40 * math.exp({50: -0.35, 95: 1.02, 99: 1.58}[q])
    return service * (1 + 0.3 * load ** 8) + 1000 * wait_s


def simulate(name, total, arrivals):
    rng = random.Random(f"{name}-{total}")
    scaler = Scaler(name, total)
    series = {k: [] for k in ("t", "arrivals", "p50Ms", "p95Ms", "p99Ms", "failed", "desired", "ready", "capacity",
                              "nodes")}
    ready, starting, backlog, nodes, growing = 20, [], 0.0, 40, []
    decisions, totals, degraded, observed = [], {"failed": 0, "requests": 0, "pods": 0.0, "nodes": 0.0}, 0, []
    for t in range(total):
        if t % 15 == 0:
            before = scaler.desired
            recent = observed[-60:-15] or [2000]
            seen = min(sum(recent) / len(recent), ready * PER_POD * 1.02 + 1)
            decisions.append(scaler.decide(t, seen))
            added = scaler.desired - before
            for _ in range(max(0, added)):
                full = len(starting) + ready >= nodes * 15
                starting.append(t + 2 + rng.lognormvariate(math.log(25), 0.5) + (150 if full else 0))
            if added > 0 and scaler.desired > nodes * 15:
                growing.append((t + 150, math.ceil(scaler.desired / 15)))
            if added < 0:
                ready = max(scaler.desired, 1)
                starting = []
        ready += sum(1 for at in starting if at <= t)
        starting = [at for at in starting if at > t]
        nodes = max([nodes] + [n for at, n in growing if at <= t])
        capacity = ready * PER_POD
        offered = arrivals[t]
        observed.append(offered)
        backlog += offered
        served = min(backlog, capacity)
        backlog -= served
        limit = capacity * TIMEOUT_S * 1.1
        failed = max(0.0, backlog - limit)
        backlog -= failed
        wait, load = backlog / capacity, min(1.0, offered / capacity)
        bad = failed / max(offered, 1)
        row = {q: percentile_ms(q, wait, load) * (1 + rng.uniform(-0.03, 0.03)) for q in (50, 95, 99)}
        for q in row:
            if bad > 1 - q / 100:
                row[q] = FAILED_MS
        degraded += row[95] > SLO_MS
        totals["failed"] += int(failed)
        totals["requests"] += offered
        totals["pods"] += scaler.desired / 3600
        totals["nodes"] += nodes / 3600
        values = (t, offered, round(row[50], 3), round(row[95], 3), round(row[99], 3), int(failed), scaler.desired,
                  ready, capacity, nodes)
        for key, value in zip(series, values):
            series[key].append(value)
    changes = [d["final"] - d["current"] for d in decisions if d["final"] != d["current"]]
    finite = sorted(v for v in series["p99Ms"] if v < FAILED_MS)
    summary = {
        "requests": totals["requests"], "succeeded": totals["requests"] - totals["failed"], "failed": totals["failed"],
        "rejected": totals["failed"] // 3, "timedOut": totals["failed"] - totals["failed"] // 3, "retried": 0,
        "latencyMs": {"mean": 61.2, "p50": 29.1, "p90": 98.0, "p95": 121.0, "p99": finite[len(finite) * 99 // 100],
                      "p999": finite[-1], "max": finite[-1]},
        "queueWaitMs": {"mean": 12.1, "p95": 80.2, "p99": 400.5},
        "degradationSeconds": degraded, "sloViolationRatio": round(degraded / total, 6),
        "podHours": round(totals["pods"], 3), "nodeHours": round(totals["nodes"], 3),
        "cost": round(totals["pods"] * 0.04 + totals["nodes"] * 0.68, 3),
        "scaleEvents": len(changes), "scaleReversals": sum(a * b < 0 for a, b in zip(changes, changes[1:])),
        "elasticity": {"underProvisioning": 12.0, "overProvisioning": 41.0, "underTimeshare": 8.0,
                       "overTimeshare": 83.0, "instability": 0.03},
        "meanInSystem": 812.4, "utilization": 0.46, "worstP99Ms": max(series["p99Ms"]),
    }
    policy_text = f"# {name}\nspec:\n  minReplicas: 20\n  maxReplicas: 600\n"
    return {"name": name, "summary": summary, "text": policy_text,
            "series": series}, decisions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--policies", default=",".join(POLICIES))
    args = parser.parse_args()
    rng = random.Random(1)
    means = [demand(t, args.seconds) for t in range(args.seconds)]
    arrivals = [max(0, round(rng.gauss(mean, math.sqrt(mean)))) for mean in means]
    runs, lines = [], []
    for name in args.policies.split(","):
        run, decisions = simulate(name, args.seconds, arrivals)
        runs.append(run)
        lines += decisions
    text = "apiVersion: gamenight/v1\nkind: Scenario\nmetadata:\n  name: grand-final  # </script> stays text\n"
    document = {
        "schemaVersion": 1, "scenario": "grand-final", "seed": 1, "durationSeconds": args.seconds, "wallSeconds": 1.9,
        "startTime": START.isoformat(), "slo": {"latencyMs": SLO_MS, "percentile": "p95"},
        "events": [{"name": "gates open", "at": 300}, {"name": "kick-off", "at": 690}],
        "cost": {"podHour": 0.04, "nodeHour": 0.68}, "scenarioText": text, "policies": runs,
    }
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "run.json"), "w", encoding="utf-8") as f:
        json.dump(document, f, separators=(",", ":"))
    with open(os.path.join(args.out, "decisions.ndjson"), "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


if __name__ == "__main__":
    main()
