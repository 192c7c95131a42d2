"""Random rounds of the Kubernetes and Knative autoscalers: what the scaler decides is what independent models say.

The models are first held against upstream's own test vectors, so that they are no looking glass of its mistakes.
"""
import json
import os
import random
import subprocess
import tempfile
import unittest

import hpa_model as model
import hpa_validation_model as validation
import kpa_model

PROGRAM = os.path.join(os.environ.get("GAMENIGHT_BIN", "build/bin"), "policy-vectors")
VECTORS = "scaler/policy/testdata/hpa-vectors.json"
AGES = [0, 1, 9, 10, 11, 29, 30, 59, 60, 61, 119, 120, 121, 299, 300, 301, 900, 100000000]


# --- what the model says of a case ---


def expect_utilization(case):
    samples = model.resource_samples(case["resourceMetrics"], case["resource"], case["container"])
    if not case["resourceMetrics"]:
        raise model.Failed("no metrics returned from resource metrics API")
    replicas, percent, average = model.propose_by_pods(
        case["currentReplicas"], case["pods"], samples, case["resource"], case["container"],
        case["targetUtilization"], True, case["tolerance"], case)
    return {"replicas": replicas, "utilization": percent, "rawAverageMilli": average}


def expect_pods_average(case):
    samples = {m["pod"]: (m["valueMilli"], m["ageSeconds"], 60) for m in case["customMetrics"]}
    replicas, _, average = model.propose_by_pods(case["currentReplicas"], case["pods"], samples, "", "",
                                                 case["targetMilli"], False, case["tolerance"], case)
    return {"replicas": replicas, "usageMilli": average}


def expect_value(case):
    usage = case["valueMilli"] if "valueMilli" in case else model.sum_for_value(case["valuesMilli"])
    replicas = model.propose_by_value(case["currentReplicas"], usage, case["targetMilli"], case["pods"],
                                      case["tolerance"])
    return {"replicas": replicas, "usageMilli": usage}


def expect_average(case):
    usage = case["valueMilli"] if "valueMilli" in case else model.sum_for_average(case["valuesMilli"])
    replicas, shown = model.propose_by_average(case["statusReplicas"], usage, case["targetMilli"], case["tolerance"])
    return {"replicas": replicas, "usageMilli": shown}


def expect_groups(case):
    samples = {m["pod"]: (m["valueMilli"], m["ageSeconds"], m["windowSeconds"]) for m in case["metrics"]}
    groups = model.group_pods(case["pods"], samples, case["resource"], case)
    return {"readyPodCount": len(groups["ready"]),
            **{name: sorted(groups[name]) for name in ("unready", "missing", "ignored")}}


def expect_behavior_rate(case):
    up = model.with_defaults(case["scaleUp"], model.DEFAULT_UP)
    down = model.with_defaults(case["scaleDown"], model.DEFAULT_DOWN)
    replicas, reason = model.limit_by_behavior(case["currentReplicas"], case["desiredReplicas"], case["minReplicas"],
                                               case["maxReplicas"], up, down, case["scaleUpEvents"],
                                               case["scaleDownEvents"])
    return {"replicas": replicas, "reason": reason}


def expect_rate_limit(case):
    return {"limit": model.rate_limit(case["direction"], case["currentReplicas"], case["scaleUpEvents"],
                                      case["scaleDownEvents"], case["rules"])}


def expect_legacy_limits(case):
    replicas, reason = model.limit_legacy(case["currentReplicas"], case["desiredReplicas"], case["minReplicas"],
                                          case["maxReplicas"], case["scaleUpLimitFactor"], case["scaleUpLimitMinimum"])
    return {"replicas": replicas, "reason": reason}


def slots_of(case):
    return [(r["replicas"], r["ageSeconds"]) for r in case["recommendations"]]


def expect_stabilize_legacy(case):
    replicas, slots = model.stabilize_legacy(slots_of(case), case["desiredReplicas"],
                                             case["downscaleStabilizationSeconds"])
    return {"replicas": replicas, "storedCount": len(slots)}


def expect_stabilize_behavior(case):
    replicas, slots = model.stabilize_both_ways(
        slots_of(case), case["currentReplicas"], case["desiredReplicas"], case["scaleUpStabilizationWindowSeconds"],
        case["scaleDownStabilizationWindowSeconds"])
    return {"replicas": replicas, "storedRecommendations": [replicas for replicas, _ in slots]}


def expect_store_event(case):
    young = sum(e["replicaChange"] for e in case["events"] if e["ageSeconds"] < 60)
    change = abs(case["newReplicas"] - case["previousReplicas"])
    slots = [{"replicaChange": e["replicaChange"], "outdated": e.get("outdated", False)} for e in case["events"]]
    if case["rules"] is not None:
        slots = model.store_event(case["events"], case["rules"], change)
    return {"changeInLast60sBefore": young, "stored": slots}


def expect_reconcile(case):
    result = model.Round(case)
    expect = {"desiredReplicas": result.desired, "scaleUpdated": result.updated, "error": result.error,
              "conditions": result.conditions, "action": "none"}
    if result.updated:
        expect["action"] = "scale_up" if result.desired > case["scale"]["specReplicas"] else "scale_down"
    types = [metric["type"] for metric in case["hpa"]["metrics"]]
    if result.computation and len(types) == len(set(types)):
        expect["metricComputation"] = result.computation
    if not set(types) & {"Object", "External"} and result.event:
        expect["scaleEventMessage"] = result.event
    return expect


def expect_validation(case):
    errors = validation.validate(case["spec"], case["featureGates"], case.get("oldSpec"))
    if not errors:
        return {"valid": True}
    expect = {"valid": False, "firstError": {"field": errors[0][0], "type": errors[0][1]}}
    # What an unknown type adds beside its two errors is not documented.
    if all(metric.get("type") in validation.KINDS for metric in case["spec"].get("metrics") or []):
        expect["errorCount"] = len(errors)
    return expect


def expect_kpa(case):
    """The expectations are in the steps; what stands in the case is how they are meant."""
    for step, (desired, burst) in zip(case["steps"], kpa_model.decide(case)):
        step["expect"] = {"desired": desired, "excessBurstCapacity": burst}
    return {"perStep": True, "excessBurstCapacityTolerance": 1}


def expect_scale(replicas):
    if replicas >= 0:
        return {"valid": True}
    return {"valid": False, "firstError": {"field": "spec.replicas", "type": "Invalid"}}


EXPECT = {
    "calc.resource_utilization": expect_utilization, "calc.pods_average": expect_pods_average,
    "calc.object_value": expect_value, "calc.external_value": expect_value, "calc.object_average": expect_average,
    "calc.external_average": expect_average, "calc.group_pods": expect_groups,
    "norm.behavior_rate": expect_behavior_rate, "norm.rate_limit": expect_rate_limit,
    "norm.legacy_limits": expect_legacy_limits, "norm.stabilize_legacy": expect_stabilize_legacy,
    "norm.stabilize_behavior": expect_stabilize_behavior, "norm.store_event": expect_store_event,
    "reconcile": expect_reconcile, "validation": expect_validation,
    "kpa.scale": expect_kpa, "validation.scale": lambda case: expect_scale(case["specReplicas"]),
    "defaulting": lambda case: {"spec": validation.default(case["spec"])},
}


def expectation(group, case):
    try:
        return EXPECT[group](case)
    except model.Failed as failure:
        return {"errorContains": str(failure)}


# --- random cases ---


class Dice(random.Random):
    def age(self):
        return self.choice(AGES)

    def mostly(self, good, bad):
        """One of `good`, and now and then one of `bad`."""
        return self.choice(bad if self.random() < 0.07 else good)

    def size(self):
        return self.choice([0, 1, 2, 3, 4, 5, 7, 10, 19, 100])

    def usage(self):
        return self.choice([0, 1, self.randint(0, 1200), self.randint(0, 40000), 10**12])

    def tolerance(self):
        return {"scaleDown": self.choice([0.0, 0.05, 0.1, 0.25]), "scaleUp": self.choice([0.0, 0.05, 0.1, 0.25])}

    def periods(self):
        return {"cpuInitializationPeriodSeconds": self.choice([0, 120, 300]),
                "initialReadinessDelaySeconds": self.choice([0, 10, 30])}

    def pod(self, i):
        calm = self.random() < 0.6
        return {"name": f"pod-{i}", "phase": "Running" if calm else self.choice(
                    ["Running", "Pending", "Failed", "Succeeded", "Unknown"]),
                "deleting": not calm and self.random() < 0.2,
                "ready": "True" if calm else self.choice(["True", "False", "Unknown", None]),
                "startAgeSeconds": 3600 if calm else self.choice([None, self.age()]),
                "readyTransitionAgeSeconds": 3600 if calm else self.age(),
                "containers": [{"name": "main", "cpuRequestMilli": self.choice([100, 500, 1000])},
                               {"name": "side", "cpuRequestMilli": self.choice([1, 50, 1000])}],
                "labels": {"name": "test-pod"}}

    def pods(self, most=6):
        pods = [self.pod(i) for i in range(self.randint(0, most))]
        if pods and self.random() < 0.05:
            del self.choice(pods)["containers"][0]["cpuRequestMilli"]
        return pods

    def measured(self, pods):
        """Names that have a value: most pods, and now and then one that is not there."""
        names = [pod["name"] for pod in pods if self.random() < 0.85]
        return names + (["gone"] if self.random() < 0.1 else [])

    def resource_metrics(self, pods):
        level = self.usage()
        return [{"pod": name, "ageSeconds": self.age(), "windowSeconds": self.choice([0, 15, 60]),
                 "containers": [{"name": "main", "cpuMilli": self.choice([level, self.usage()])},
                                {"name": "side", "cpuMilli": self.usage()}]} for name in self.measured(pods)]

    def custom_metrics(self, pods):
        return [{"pod": name, "valueMilli": self.usage(), "ageSeconds": self.age()} for name in self.measured(pods)]

    def rules(self):
        return {"stabilizationWindowSeconds": self.choice([0, 60, 300]),
                "selectPolicy": self.choice(["Max", "Min", "Disabled"]),
                "policies": [{"type": self.choice(["Pods", "Percent"]),
                              "value": self.choice([1, 2, 10, 50, 80, 100, 900]),
                              "periodSeconds": self.choice([15, 60, 300])} for _ in range(self.randint(1, 3))]}

    def events(self):
        return [{"replicaChange": self.randint(1, 20), "ageSeconds": self.age()} for _ in range(self.randint(0, 4))]

    def recommendations(self):
        return [{"replicas": self.size(), "ageSeconds": self.age()} for _ in range(self.randint(0, 5))]


def pods_case(dice, **more):
    return {"currentReplicas": dice.size(), "tolerance": dice.tolerance(), **dice.periods(), **more}


def make_utilization(dice):
    pods = dice.pods()
    return pods_case(dice, targetUtilization=dice.choice([1, 30, 70, 100, 150]), resource="cpu",
                     container=dice.choice(["", "", "main", "absent"]), pods=pods,
                     resourceMetrics=dice.resource_metrics(pods))


def make_pods_average(dice):
    pods = dice.pods()
    return pods_case(dice, targetMilli=dice.choice([1, 500, 15000]), pods=pods, customMetrics=dice.custom_metrics(pods))


def make_value(dice, **values):
    return {"currentReplicas": dice.size(), "targetMilli": dice.choice([1, 4400, 15000]), "tolerance": dice.tolerance(),
            "pods": dice.pods(), **values}


def values_of(dice):
    return [dice.choice([dice.usage(), 2**62]) for _ in range(dice.randint(1, 3))]


def make_average(dice, **values):
    return {"statusReplicas": dice.size(), "targetMilli": dice.choice([1, 4400, 15000]), "tolerance": dice.tolerance(),
            **values}


def make_groups(dice):
    pods = dice.pods()
    return {"resource": dice.choice(["cpu", "memory", ""]), **dice.periods(), "pods": pods,
            "metrics": [{"pod": name, "valueMilli": 1, "ageSeconds": dice.age(), "windowSeconds": dice.choice([0, 60])}
                        for name in dice.measured(pods)]}


def make_behavior_rate(dice):
    low = dice.choice([0, 1, 2, 5])
    return {"currentReplicas": dice.size(), "desiredReplicas": dice.size(), "minReplicas": low,
            "maxReplicas": low + dice.size(), "scaleUp": dice.rules(), "scaleDown": dice.rules(),
            "scaleUpEvents": dice.events(), "scaleDownEvents": dice.events()}


def make_rate_limit(dice):
    return {"direction": dice.choice(["up", "down"]), "currentReplicas": dice.size(), "rules": dice.rules(),
            "scaleUpEvents": dice.events(), "scaleDownEvents": dice.events()}


def make_legacy_limits(dice):
    low = dice.choice([0, 1, 2, 5])
    return {"currentReplicas": dice.size(), "desiredReplicas": dice.size(), "minReplicas": low,
            "maxReplicas": low + dice.size(), "scaleUpLimitFactor": dice.choice([2, 8]), "scaleUpLimitMinimum": 4}


def make_stabilize_legacy(dice):
    return {"downscaleStabilizationSeconds": 300, "recommendations": dice.recommendations(),
            "desiredReplicas": dice.size()}


def make_stabilize_behavior(dice):
    return {"recommendations": dice.recommendations(), "currentReplicas": dice.size(), "desiredReplicas": dice.size(),
            "scaleUpStabilizationWindowSeconds": dice.choice([0, 60, 300]),
            "scaleDownStabilizationWindowSeconds": dice.choice([0, 60, 300])}


def make_store_event(dice):
    before = dice.size()
    return {"direction": dice.choice(["up", "down"]), "previousReplicas": before, "newReplicas": before + dice.size(),
            "events": dice.events(), "rules": dice.choice([None, dice.rules(), dice.rules()])}


def make_metric(dice):
    target = {"type": "AverageValue", "averageValue": dice.choice(["1m", "500m", "15"])}
    value = dice.choice([target, {"type": "Value", "value": dice.choice(["6666m", "20"])}])
    utilization = {"type": "Utilization", "averageUtilization": dice.choice([30, 70, 100])}
    return dice.choice([
        {"type": "Resource", "resource": {"name": "cpu", "target": dice.choice([utilization, target])}},
        {"type": "ContainerResource",
         "containerResource": {"name": "cpu", "container": "main", "target": dice.choice([utilization, target])}},
        {"type": "Pods", "pods": {"metric": {"name": "qps"}, "target": target}},
        {"type": "Object",
         "object": {"describedObject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "some-deployment"},
                    "metric": {"name": "qps"}, "target": value}},
        {"type": "External", "external": {"metric": {"name": "qps", "selector": {}}, "target": value}}])


def make_behavior(dice):
    def side():
        rules = {k: v for k, v in dice.rules().items() if dice.random() < 0.8}
        if dice.random() < 0.3:
            rules["tolerance"] = dice.choice(["0", "50m", "250m"])
        return rules
    return dice.choice([None, {}, {"scaleUp": side()}, {"scaleDown": side()},
                        {"scaleUp": side(), "scaleDown": side()}])


def make_reconcile(dice):
    pods, low, room = dice.pods(), dice.choice([None, 0, 1, 2, 5]), dice.choice([0, 5, 95])
    current = dice.size() if dice.random() < 0.3 else dice.randint(max(low or 1, 1), (low or 1) + room)
    conditions = [] if dice.random() < 0.6 else [
        {"type": "ScaledToZero", "status": dice.choice(["True", "False"]), "reason": "ScaledToZero"}]
    return {
        "featureGates": {"HPAScaleToZero": dice.random() < 0.5, "HPAConfigurableTolerance": dice.random() < 0.5,
                         "HPAGeneration": dice.random() < 0.5},
        "controller": {"tolerance": dice.choice([0.0, 0.1]), **dice.periods(), "downscaleStabilizationSeconds": 300,
                       "scaleUpLimitFactor": dice.choice([2, 8]), "scaleUpLimitMinimum": 4},
        "hpa": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": low,
                "maxReplicas": (low or 1) + room, "behavior": make_behavior(dice),
                "metrics": [make_metric(dice) for _ in range(dice.choice([1, 1, 2, 3]))],
                "status": {"currentReplicas": dice.size(), "desiredReplicas": dice.size(),
                           "lastScaleTimeAgeSeconds": None, "conditions": conditions}},
        "scale": {"specReplicas": current, "statusReplicas": dice.choice([current, dice.size()]),
                  "selector": dice.mostly(["name=test-pod"], ["", "name=test-pod"]), "getError": dice.random() < 0.03,
                  "updateErrors": dice.mostly([[], [], ["conflict"], ["conflict"] * 4],
                                              [["conflict"] * 5, ["other"], ["conflict", "other"]])},
        "pods": pods, "resourceMetrics": dice.resource_metrics(pods), "customPodMetrics": dice.custom_metrics(pods),
        "objectMetricMilli": dice.usage(), "externalMetricsMilli": values_of(dice),
        "metricFailures": [api for api in ("resource", "custom", "external") if dice.random() < 0.08],
        "recommendations": dice.choice([None, [], dice.recommendations()]),
        "scaleUpEvents": dice.events(), "scaleDownEvents": dice.events(),
        "otherHPASelectors": dice.mostly([[], [{"name": "other", "selector": {"app": "x"}}]],
                                         [[{"name": "other", "selector": {"name": "test-pod"}}]])}


def make_target(dice):
    target = {"type": dice.mostly(["Utilization", "Value", "AverageValue"], ["", "Sum"])}
    for key, good, bad in (("value", ["1", "500m"], ["0", "-1"]), ("averageValue", ["2", "1m"], ["0", "-5m"]),
                           ("averageUtilization", [1, 80], [0, -10])):
        if dice.random() < (0.8 if key == "averageValue" else 0.15):
            target[key] = dice.mostly(good, bad)
    return target


def make_body(dice, body):
    name = dice.mostly(["qps"], ["", "a/b", "..", "50%"])
    target = {} if dice.random() < 0.05 else {"target": make_target(dice)}
    if body == "resource":
        return {"name": dice.mostly(["cpu", "memory"], [""]), **target}
    if body == "containerResource":
        return {"name": dice.mostly(["cpu", "memory", "example.com/gpu"], ["", "nonsense"]),
                "container": dice.mostly(["app"], ["", "No_Label", "-x"]), **target}
    described = {"describedObject": {"apiVersion": dice.mostly(["apps/v1", "v1", ""], ["a/b/c"]),
                                     "kind": dice.mostly(["Deployment"], [""]),
                                     "name": dice.mostly(["web"], ["", "a/b"])}}
    return {**(described if body == "object" else {}), "metric": {"name": name}, **target}


def make_checked_metric(dice):
    kind = dice.mostly(list(validation.KINDS), ["", "Weather"])
    body = dice.mostly([validation.KINDS.get(kind, "resource")], validation.BODIES)
    bodies = {body: make_body(dice, body)}
    if dice.random() < 0.07:
        other = dice.choice(validation.BODIES)
        bodies[other] = make_body(dice, other)
    return {"type": kind, **bodies}


def make_checked_rules(dice):
    rules = {"stabilizationWindowSeconds": dice.mostly([0, 120, 3600], [3601, -1]),
             "selectPolicy": dice.mostly(["Max", "Min", "Disabled"], ["Sometimes"]),
             "policies": [{"type": dice.mostly(["Pods", "Percent"], ["hm"]), "value": dice.mostly([1, 100], [0, -1]),
                           "periodSeconds": dice.mostly([1, 1800], [1801, 0, -1])}
                          for _ in range(dice.mostly([1, 2], [0]))],
             "tolerance": dice.mostly(["0.1", "0", "100m"], ["-0.001"])}
    calm = {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
    return {**calm, **{k: v for k, v in rules.items() if dice.random() < 0.5}}


def make_spec(dice, metric):
    spec = {"scaleTargetRef": {"kind": dice.mostly(["ReplicationController", "Deployment"], [""]),
                               "name": dice.mostly(["web"], ["", "..", "a%b"]),
                               "apiVersion": dice.mostly(["apps/v1"], ["v1", "", "a/b/c"])},
            "maxReplicas": dice.mostly([5], [1, 0, -1]),
            "metrics": [metric(dice) for _ in range(dice.choice([0, 1, 1, 2]))]}
    if dice.random() < 0.7:
        spec["minReplicas"] = dice.mostly([1, 2], [0, 0, -1, 6])
    if dice.random() < 0.5:
        spec["behavior"] = {side: make_checked_rules(dice)
                            for side in ("scaleUp", "scaleDown") if dice.random() < 0.6}
    return spec


def make_validation(dice):
    case = {"operation": dice.choice(["create", "update"]),
            "featureGates": {"HPAScaleToZero": dice.random() < 0.5, "HPAConfigurableTolerance": True},
            "spec": make_spec(dice, make_checked_metric)}
    if case["operation"] == "update":
        case["oldSpec"] = {**make_spec(dice, make_metric), "scaleTargetRef": dict(case["spec"]["scaleTargetRef"])}
        if dice.random() < 0.5:
            case["oldSpec"]["scaleTargetRef"]["apiVersion"] = "apps/v1"
    return case


def make_defaulting(dice):
    spec = {"maxReplicas": 3}
    if dice.random() < 0.5:
        spec["minReplicas"] = dice.choice([1, 2, None])
    if dice.random() < 0.5:
        spec["metrics"] = [make_metric(dice) for _ in range(dice.randint(0, 2))]
    if dice.random() < 0.7:
        spec["behavior"] = make_behavior(dice)
    return {"spec": spec}


def make_kpa(dice):
    target, now, steps = dice.choice([1, 10, 100]), 0, []
    spec = {"targetValue": target, "totalValue": target / 0.7, "targetBurstCapacity": dice.choice([-1, 0, 100, 211]),
            "panicThreshold": dice.choice([2, 3]), "maxScaleUpRate": dice.choice([2, 10, 1000]),
            "maxScaleDownRate": dice.choice([1.1, 2, 10]), "stableWindowSeconds": dice.choice([6, 60]),
            "reachable": dice.random() < 0.9, "scaleDownDelaySeconds": dice.choice([0, 0, 60]),
            "activationScale": dice.choice([0, 0, 3])}
    for _ in range(dice.randint(1, 8)):
        now += dice.choice([0, 2, 6, 30, 60, 62])
        steps.append({"atSeconds": now, "readyPods": dice.size(), "stable": dice.choice([0, 1, 50, 700]),
                      "panic": dice.choice([0, 1, 99, 5000])})
    initial = {"readyPodsAtCreation": dice.choice([0, 1, 5])}
    if dice.random() < 0.2:
        initial = {"readyPodsAtCreation": 1, "panicAgeSeconds": dice.choice([0, 5, 61]), "maxPanicPods": 5}
    return {"initial": initial, "spec": spec, "steps": steps}


MAKE = {
    "calc.resource_utilization": make_utilization, "calc.pods_average": make_pods_average,
    "calc.object_value": lambda dice: make_value(dice, valueMilli=dice.usage()),
    "calc.external_value": lambda dice: make_value(dice, valuesMilli=values_of(dice)),
    "calc.object_average": lambda dice: make_average(dice, valueMilli=dice.usage()),
    "calc.external_average": lambda dice: make_average(dice, valuesMilli=values_of(dice)),
    "calc.group_pods": make_groups, "norm.behavior_rate": make_behavior_rate, "norm.rate_limit": make_rate_limit,
    "norm.legacy_limits": make_legacy_limits, "norm.stabilize_legacy": make_stabilize_legacy,
    "norm.stabilize_behavior": make_stabilize_behavior, "norm.store_event": make_store_event,
    "reconcile": make_reconcile, "validation": make_validation, "defaulting": make_defaulting,
    "kpa.scale": make_kpa, "validation.scale": lambda dice: {"specReplicas": dice.randint(-3, 3)},
}


def random_cases(seed, each):
    cases = []
    for group, make in MAKE.items():
        dice = Dice(f"{seed} {group}")
        for i in range(each):
            case = make(dice)
            cases.append({"id": f"{group}/{i}", "group": group, "name": str(i),
                          "origin": {"kind": "derived", "file": "policy_model_test.py", "test": "random"}, "input": case,
                          "expect": expectation(group, case)})
    return cases


def run(cases):
    """The last line of the program's answer, and all of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"schema": "hpa-vectors/1", "cases": cases}, file)
        file.flush()
        done = subprocess.run([PROGRAM, file.name], capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[-1], done.stdout + done.stderr


def same(got, want):
    """Whether what upstream asserts is what the model says."""
    for key, value in want.items():
        if key in ("errorAlternatives", "statusWritten", "reportedCpuUtilization"):
            continue
        if key == "firstError":
            mine = got[key]
            if any(value[k] != mine[k] for k in ("field", "type") if k in value):
                return False
            continue
        if key in ("unready", "missing", "ignored"):
            value = sorted(value)
        if key == "errorContains":
            # Both are parts of the message.
            mine = got.get(key, "-")
            if value not in mine and mine not in value:
                return False
        elif key == "error":
            if got[key] not in [value] + want.get("errorAlternatives", []):
                return False
        elif key == "metricComputation":
            # Where an unknown type is counted as another's label, upstream itself allows both.
            if "errorAlternatives" not in want and got.get(key) != value:
                return False
        elif got.get(key) != value:
            return False
    return True


class ModelTest(unittest.TestCase):
    maxDiff = None

    def test_the_models_agree_with_upstreams_vectors(self):
        with open(VECTORS, encoding="utf-8") as file:
            cases = json.load(file)["cases"]
        held = [case for case in cases if case["group"] in EXPECT]
        self.assertGreater(len(held), 250)
        for case in held:
            with self.subTest(case["id"]):
                if case["group"] == "kpa.scale":
                    self.check_steps(case)
                    continue
                got = expectation(case["group"], case["input"])
                self.assertTrue(same(got, case["expect"]), f"{got} for {case['expect']}")

    def check_steps(self, case):
        for step, (desired, burst) in zip(case["input"]["steps"], kpa_model.decide(case["input"])):
            self.assertEqual(desired, step["expect"]["desired"])
            self.assertAlmostEqual(burst, step["expect"]["excessBurstCapacity"], delta=1)

    def test_the_scaler_agrees_with_the_models(self):
        cases = random_cases(seed=1, each=400)
        last, everything = run(cases)
        self.assertEqual(last, f"{len(cases)} passed, 0 failed", everything[:4000])

    def test_a_wrong_expectation_is_noticed(self):
        cases = []
        for case in random_cases(seed=2, each=25):
            if case["group"] == "kpa.scale":
                case["input"]["steps"][-1]["expect"]["desired"] += 1
                cases.append(case)
                continue
            for key, value in case["expect"].items():
                wrong = json.loads(json.dumps(case))
                wrong["expect"][key] = spoilt(value)
                wrong["id"] += "/" + key
                cases.append(wrong)
        last, everything = run(cases)
        self.assertEqual(last, f"0 passed, {len(cases)} failed", everything[-2000:])


def spoilt(value):
    """Anything else of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return {"none": "internal", "internal": "none", "scale_up": "scale_down"}.get(value, value + "x")
    if isinstance(value, list):
        return value + [value[0] if value and not isinstance(value[0], str) else "pod-x"]
    return {key: ["none", "spec"] for key in value} or {"Pods": ["none", "spec"]}


if __name__ == "__main__":
    unittest.main()
