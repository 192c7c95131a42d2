"""Helpers of the command-line tests: run a program of build/bin, and look at what it left behind."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("GAMENIGHT_BIN", ROOT / "build" / "bin"))
OUTPUTS = ("run.json", "report.html", "decisions.ndjson", "timeseries.csv")


def gamenight(*arguments, cwd=None, timeout=300):
    """Runs `gamenight arguments...`; returns the finished process with its output as text."""
    return subprocess.run([str(BIN / "gamenight"), *map(str, arguments)], capture_output=True, text=True, cwd=cwd,
                          timeout=timeout)


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*")) if os.path.exists(folder) else []


# A night that takes a moment to replay: three minutes, a few hundred requests a second.
SMALL = """\
apiVersion: gamenight/v1
kind: Scenario
metadata:
  name: small
spec:
  startTime: "2026-09-26T19:20:00+10:00"
  duration: 3m
  seed: 1
  traffic:
    sources:
      - name: viewers
        profile:
          interpolation: linear
          points:
            - {at: 0s, rps: 100}
            - {at: 1m, rps: 100}
            - {at: 1m30s, rps: 900}
            - {at: 3m, rps: 900}
    arrivals: {process: poisson}
    client: {timeout: 2s, retries: {max: 0}}
  workload:
    name: api
    namespace: default
    replicas: 2
    workersPerPod: 8
    discipline: fcfs
    queueLimit: 100
    serviceTime: {distribution: lognormal, mean: 40ms, cv: 1}
    cpu: {request: 1000m, limit: 1000m, perRequest: 4ms, idle: 20m}
    startup: {delay: 2s, distribution: lognormal, median: 10s, sigma: 0.5}
    readinessProbe: {initialDelay: 0s, period: 5s}
  loadBalancer: {algorithm: roundRobin}
  cluster:
    nodePools:
      - name: general
        nodes: 4
        maxNodes: 8
        allocatable: {cpu: 16, memory: 64Gi}
        provisioning: {distribution: lognormal, median: 150s, sigma: 0.35}
    metrics: {resolution: 15s}
  slo: {latency: 2s, percentile: p95}
  cost: {podHour: 0.04, nodeHour: 0.68}
  policies:
    - hpa.yaml
    - scheduled.yaml
"""

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: plain
  namespace: default
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 20
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
"""

SCHEDULED = """\
apiVersion: gamenight/v1
kind: ScalingPolicy
metadata:
  name: scheduled
  namespace: default
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 20
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
  cooldown: {scaleUp: 0s, scaleDown: 5m}
  schedules:
    - {name: final, cron: "20 19 * * 6", timeZone: Australia/Sydney, duration: 45m, minReplicas: 6}
"""


def write_small(folder, scenario=SMALL, hpa=HPA, scheduled=SCHEDULED):
    """Writes the small night and its two policies; returns the scenario's path."""
    folder = pathlib.Path(folder)
    (folder / "hpa.yaml").write_text(hpa)
    (folder / "scheduled.yaml").write_text(scheduled)
    (folder / "small.yaml").write_text(scenario)
    return folder / "small.yaml"
