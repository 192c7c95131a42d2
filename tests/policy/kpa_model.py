"""The Knative autoscaler's decider once more in the plainest words: an oracle for the scaler's own.

Input and output are the kpa.scale cases of hpa-vectors.json.
"""
import math

BUCKET_SECONDS = 2  # of the history behind the scale-down delay


def decide(case):
    """For each step (desired, excess burst capacity)."""
    initial, spec = case["initial"], case["spec"]
    panicking_since, most_in_panic = None, 0
    if "panicAgeSeconds" in initial:
        panicking_since, most_in_panic = -initial["panicAgeSeconds"], initial["maxPanicPods"]
    elif initial["readyPodsAtCreation"] > 1:
        panicking_since, most_in_panic = 0, initial["readyPodsAtCreation"]
    wanted_before, answers = [], []
    for step in case["steps"]:
        spec = step.get("newSpec", spec)
        now, counted = step["atSeconds"], step["readyPods"]
        ready = max(1, counted)
        most = math.ceil(spec["maxScaleUpRate"] * ready)
        least = math.floor(ready / spec["maxScaleDownRate"]) if spec["reachable"] else 0
        raw_stable = math.ceil(step["stable"] / spec["targetValue"])
        raw_panic = math.ceil(step["panic"] / spec["targetValue"])
        stable = min(max(raw_stable, least), most)
        panic = min(max(raw_panic, least), most)
        if spec["activationScale"] > 1:
            stable = max(stable, spec["activationScale"]) if raw_stable > 0 else stable
            panic = max(panic, spec["activationScale"]) if raw_panic > 0 else panic
        if raw_panic / ready >= spec["panicThreshold"]:
            panicking_since = now
        elif panicking_since is not None and panicking_since + spec["stableWindowSeconds"] < now:
            panicking_since, most_in_panic = None, 0
        want = stable
        if panicking_since is not None:
            most_in_panic = want = max(most_in_panic, stable, panic)
        if spec["scaleDownDelaySeconds"] > 0 and spec["reachable"]:
            bucket = now // BUCKET_SECONDS
            wanted_before.append((bucket, want))
            oldest = bucket - spec["scaleDownDelaySeconds"] // BUCKET_SECONDS
            want = max(w for b, w in wanted_before if b > oldest)
        answers.append((want, burst_capacity(spec, counted, step["panic"])))
    return answers


def burst_capacity(spec, counted, panic):
    capacity = spec["targetBurstCapacity"]
    if capacity in (0, -1):
        return capacity
    return math.floor(counted * spec["totalValue"] - capacity - panic)
