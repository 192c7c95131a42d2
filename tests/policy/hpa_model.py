"""The HorizontalPodAutoscaler's rules once more, in the plainest words, as an oracle for the scaler's own.

Written from the documented behaviour of the Kubernetes controller alone, it shares no code and no structure with the
scaler. Input and output are the cases of hpa-vectors.json; times are ages in seconds, a bigger one is earlier.
"""
import decimal
import math

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1


class Failed(Exception):
    """A metric, or a round, that yields no number."""


def divide(a, b):
    """A double division that knows infinity and not-a-number."""
    if b == 0:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)
    return a / b


def truncating(a, b):
    """Integer division towards zero."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def ceil_int32(x):
    if math.isnan(x):
        return 0
    if math.isinf(x):
        return INT32_MAX if x > 0 else -INT32_MAX - 1
    return max(-INT32_MAX - 1, min(INT32_MAX, math.ceil(x)))


def within(ratio, tolerance):
    return 1.0 - tolerance["scaleDown"] <= ratio <= 1.0 + tolerance["scaleUp"]


# --- pods ---


def group_pods(pods, samples, resource, periods):
    groups = {"ready": set(), "unready": set(), "missing": set(), "ignored": set()}
    for pod in pods:
        groups[group_of(pod, samples, resource, periods)].add(pod["name"])
    return groups


def group_of(pod, samples, resource, periods):
    if pod.get("deleting") or pod.get("phase") in ("Failed", "Succeeded"):
        return "ignored"
    if pod.get("phase") == "Pending":
        return "unready"
    if pod["name"] not in samples:
        return "missing"
    if resource != "cpu":
        return "ready"
    ready, started = pod.get("ready"), pod.get("startAgeSeconds")
    if ready is None or started is None:
        return "unready"
    turned = pod["readyTransitionAgeSeconds"]
    if periods["cpuInitializationPeriodSeconds"] > started:
        _, measured, window = samples[pod["name"]]
        unready = ready == "False" or measured > turned - window
    else:
        unready = ready == "False" and turned > started - periods["initialReadinessDelaySeconds"]
    return "unready" if unready else "ready"


def request_of(pod, resource, container, pod_level):
    key, level = resource + "RequestMilli", "podLevelCpuRequestMilli"
    sidecars = [c for c in pod.get("initContainers") or [] if c.get("restartPolicyAlways")]
    containers = list(pod["containers"]) + sidecars
    if container:
        named = [c for c in containers if c["name"] == container]
        if not named:
            raise Failed(f"container {container} not found in Pod {pod['name']}")
        containers = named
    elif pod_level and pod.get(level) is not None:
        return pod[level]
    total = 0
    for c in containers:
        if c.get(key) is None:
            raise Failed(f"missing request for {resource} in container {c['name']} of Pod {pod['name']}")
        total += c[key]
    return total


# --- from a metric to a proposal ---


def utilization_ratio(samples, requests, target):
    known = [pod for pod in samples if pod in requests]
    requested = sum(requests[pod] for pod in known)
    if requested == 0:
        raise Failed("no metrics returned matched known pods")
    used = sum(samples[pod][0] for pod in known)
    percent = min(truncating(used * 100, requested), INT32_MAX)
    return divide(float(percent), float(target)), percent, truncating(used, len(known))


def average_ratio(samples, target):
    average = truncating(sum(sample[0] for sample in samples.values()), len(samples))
    return divide(float(average), float(target)), None, average


def propose_by_pods(current, pods, samples, resource, container, target, is_utilization, tolerance, periods):
    """(replicas, percent, average): Resource, ContainerResource and Pods metrics."""
    if not pods:
        raise Failed("no pods returned by selector while calculating replica count")
    groups = group_pods(pods, samples, resource, periods)
    sample = {p: v for p, v in samples.items() if p not in groups["ignored"] | groups["unready"]}
    if not sample:
        raise Failed("did not receive metrics for targeted pods (pods might be unready)")
    requests = {}
    if is_utilization:
        requests = {pod["name"]: request_of(pod, resource, container, False) for pod in pods}

    def measure():
        return utilization_ratio(sample, requests, target) if is_utilization else average_ratio(sample, target)

    first, percent, average = measure()
    up_with_unready = bool(groups["unready"]) and first > 1.0
    if not groups["missing"] and not up_with_unready:
        wanted = current if within(first, tolerance) else ceil_int32(first * len(groups["ready"]))
        return wanted, percent, average
    for pod in groups["missing"]:
        if first < 1.0:
            filler = truncating(requests[pod] * max(100, target), 100) if is_utilization else target
            sample[pod] = (filler, 0, 0)
        elif first > 1.0:
            sample[pod] = (0, 0, 0)
    if up_with_unready:
        for pod in groups["unready"]:
            sample[pod] = (0, 0, 0)
    second = measure()[0]
    wanted = ceil_int32(second * len(sample))
    turned = (first < 1.0 < second) or (second < 1.0 < first)
    wrong_way = (second < 1.0 and wanted > current) or (second > 1.0 and wanted < current)
    return (current if within(second, tolerance) or turned or wrong_way else wanted), percent, average


def propose_by_value(current, usage, target, pods, tolerance):
    ratio = divide(float(usage), float(target))
    if current == 0:
        return ceil_int32(ratio)
    if within(ratio, tolerance):
        return current
    if not pods:
        raise Failed("no pods returned by selector while calculating replica count")
    ready = sum(1 for pod in pods if pod.get("phase") == "Running" and pod.get("ready") == "True")
    return ceil_int32(ratio * ready)


def propose_by_average(status_replicas, usage, target, tolerance):
    """(replicas, what the status shows)"""
    ratio = divide(float(usage), float(target) * float(status_replicas))
    wanted = status_replicas if within(ratio, tolerance) else ceil_int32(divide(float(usage), float(target)))
    return wanted, per_pod_usage(usage, status_replicas)


def per_pod_usage(usage, status_replicas):
    if usage >= INT64_MAX:
        return INT64_MAX
    if status_replicas == 0:
        return 0
    return math.ceil(float(usage) / float(status_replicas))


def sum_for_value(values):
    return min(sum(values), INT64_MAX)


def sum_for_average(values):
    total = 0
    for value in values:
        total += value
        if total < 0 or total > INT64_MAX:
            total = INT64_MAX
    return total


# --- from a proposal to a decision ---


def stabilize_legacy(recommendations, desired, window):
    """(replicas, the slots afterwards), a slot being (replicas, age)"""
    slots, reusable, highest = list(recommendations), None, desired
    for i, (replicas, age) in enumerate(slots):
        if age > window:
            reusable = i
        else:
            highest = max(highest, replicas)
    return highest, stored(slots, reusable, (desired, 0))


def stabilize_both_ways(recommendations, current, desired, up_window, down_window):
    slots, reusable, low, high = list(recommendations), None, desired, desired
    for i, (replicas, age) in enumerate(slots):
        if age < up_window:
            low = min(low, replicas)
        if age < down_window:
            high = max(high, replicas)
        if age > up_window and age > down_window:
            reusable = i
    return min(max(current, low), high), stored(slots, reusable, (desired, 0))


def stored(slots, reusable, entry):
    if reusable is None:
        return slots + [entry]
    return slots[:reusable] + [entry] + slots[reusable + 1:]


DEFAULT_UP = {"selectPolicy": "Max", "stabilizationWindowSeconds": 0,
              "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15},
                           {"type": "Percent", "value": 100, "periodSeconds": 15}]}
DEFAULT_DOWN = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


def with_defaults(rules, defaults):
    return {**defaults, **{k: v for k, v in (rules or {}).items() if v is not None}}


def rate_limit(direction, current, ups, downs, rules):
    if rules.get("selectPolicy") == "Disabled":
        return current
    results = []
    for policy in rules["policies"]:
        start = current
        start -= sum(e["replicaChange"] for e in ups if e["ageSeconds"] < policy["periodSeconds"])
        start += sum(e["replicaChange"] for e in downs if e["ageSeconds"] < policy["periodSeconds"])
        value = policy["value"]
        if direction == "up":
            grown = start + value if policy["type"] == "Pods" else ceil_int32(start * (1 + value / 100))
            results.append(grown)
        else:
            shrunk = start - value if policy["type"] == "Pods" else int(start * (1 - value / 100))
            results.append(shrunk)
    farthest, nearest = (max, min) if direction == "up" else (min, max)
    limit = (nearest if rules.get("selectPolicy") == "Min" else farthest)(results)
    return max(limit, current) if direction == "up" else min(limit, current)


def limit_by_behavior(current, desired, low, high, up, down, ups, downs):
    if desired > current:
        limit = rate_limit("up", current, ups, downs, up)
        cap, word = (limit, "ScaleUpLimit") if high > limit else (high, "TooManyReplicas")
        return (cap, word) if desired > cap else (desired, "DesiredWithinRange")
    if desired < current:
        limit = rate_limit("down", current, ups, downs, down)
        floor, word = (limit, "ScaleDownLimit") if low < limit else (low, "TooFewReplicas")
        return (floor, word) if desired < floor else (desired, "DesiredWithinRange")
    return desired, "DesiredWithinRange"


def limit_legacy(current, desired, low, high, factor, least):
    limit = int(max(factor * current, least))
    cap, word = (limit, "ScaleUpLimit") if high > limit else (high, "TooManyReplicas")
    if desired < low:
        return low, "TooFewReplicas"
    if desired > cap:
        return cap, word
    return desired, "DesiredWithinRange"


def store_event(events, rules, change):
    longest = max(policy["periodSeconds"] for policy in rules["policies"])
    slots, reusable = [], None
    for i, event in enumerate(events):
        outdated = event.get("outdated", False) or event["ageSeconds"] > longest
        slots.append({"replicaChange": event["replicaChange"], "outdated": outdated})
        if outdated:
            reusable = i
    return stored(slots, reusable, {"replicaChange": change, "outdated": False})


# --- one reconcile ---

REASONS = {"Resource": "FailedGetResourceMetric", "ContainerResource": "FailedGetContainerResourceMetric",
           "Pods": "FailedGetPodsMetric", "Object": "FailedGetObjectMetric", "External": "FailedGetExternalMetric"}


def milli(quantity):
    text = str(quantity)
    return int(text[:-1]) if text.endswith("m") else math.ceil(decimal.Decimal(text) * 1000)


class Round:
    """Everything that one reconcile of `case` comes to."""

    def __init__(self, case):
        self.case, self.hpa, self.scale = case, case["hpa"], case["scale"]
        self.current = self.scale["specReplicas"]
        self.conditions = [dict(c) for c in self.hpa["status"]["conditions"]]
        self.desired_before = self.hpa["status"]["desiredReplicas"]
        self.error, self.updated, self.event, self.utilization = "none", False, None, None
        self.computation = {}
        self.desired = self.reconcile()

    def set(self, kind, status, reason):
        entry = {"type": kind, "status": status, "reason": reason}
        for i, condition in enumerate(self.conditions):
            if condition["type"] == kind:
                self.conditions[i] = entry
                return
        self.conditions.append(entry)

    def drop(self, kind):
        self.conditions = [c for c in self.conditions if c["type"] != kind]

    def gate(self, name):
        return self.case["featureGates"][name]

    def has_object_or_external(self):
        return any(m["type"] in ("Object", "External") for m in self.hpa["metrics"])

    def reconcile(self):
        if self.scale["getError"]:
            self.error = "internal"
            self.set("AbleToScale", "False", "FailedGetScale")
            return self.desired_before
        self.set("AbleToScale", "True", "SucceededGetScale")
        low, high = self.hpa.get("minReplicas"), self.hpa["maxReplicas"]
        low = 1 if low is None else low
        asleep = self.gate("HPAScaleToZero") and any(
            c["type"] == "ScaledToZero" and c["status"] == "True" for c in self.conditions)
        if self.current == 0:
            if not asleep or (low == 0 and not self.has_object_or_external()):
                self.set("ScalingActive", "False", "ScalingDisabled")
                if not self.gate("HPAScaleToZero"):
                    self.drop("ScaledToZero")
                return 0
        elif self.current > high:
            return self.rescale(high, "Current number of replicas above Spec.MaxReplicas", low)
        elif self.current < low:
            return self.rescale(low, "Current number of replicas below Spec.MinReplicas", low)
        proposal, name = self.combine()
        if proposal is None:
            return self.desired_before
        desired = max(0, proposal)
        reason = ""
        if desired > self.current:
            reason = name + " above target"
        elif desired < self.current:
            reason = "All metrics below target"
        desired = self.normalize(desired, low, high)
        if self.current == 0 and low != 0 and asleep and desired < low:
            desired = low
            reason = reason or "Current number of replicas below Spec.MinReplicas"
        if desired == self.current:
            return self.current
        return self.rescale(desired, reason, low)

    def rescale(self, desired, reason, low):
        for attempt, outcome in enumerate(self.scale["updateErrors"][:5]):
            if outcome != "conflict" or attempt == 4:
                self.set("AbleToScale", "False", "FailedUpdateScale")
                self.error = "internal"
                return self.desired_before
        self.updated = True
        self.event = f"New size: {desired}; reason: {reason}"
        self.set("AbleToScale", "True", "SucceededRescale")
        if not self.gate("HPAScaleToZero"):
            self.drop("ScaledToZero")
        elif self.current > 0 and desired == 0 and low == 0 and self.has_object_or_external():
            self.set("ScaledToZero", "True", "ScaledToZero")
        else:
            self.set("ScaledToZero", "False", "NotScaledToZero")
        return desired

    def normalize(self, desired, low, high):
        controller, behavior = self.case["controller"], self.hpa["behavior"]
        slots = self.case["recommendations"]
        slots = [(self.current, 0)] if slots is None else [(r["replicas"], r["ageSeconds"]) for r in slots]
        window = controller["downscaleStabilizationSeconds"]
        if behavior is None:
            stable, _ = stabilize_legacy(slots, desired, window)
            final, word = limit_legacy(self.current, stable, low, high, controller["scaleUpLimitFactor"],
                                       controller["scaleUpLimitMinimum"])
            held = "ScaleDownStabilized"
        else:
            up = with_defaults(behavior.get("scaleUp"), DEFAULT_UP)
            down = with_defaults(behavior.get("scaleDown"), DEFAULT_DOWN)
            down_window = down.get("stabilizationWindowSeconds")
            stable, _ = stabilize_both_ways(slots, self.current, desired, up["stabilizationWindowSeconds"],
                                            window if down_window is None else down_window)
            final, word = limit_by_behavior(self.current, stable, low, high, up, down, self.case["scaleUpEvents"],
                                            self.case["scaleDownEvents"])
            held = "ScaleUpStabilized" if desired >= self.current else "ScaleDownStabilized"
        self.set("AbleToScale", "True", held if stable != desired else "ReadyForNewScale")
        self.set("ScalingLimited", "False" if final == stable else "True", word)
        return final

    def combine(self):
        selector = self.scale["selector"]
        if not selector:
            return self.refuse("InvalidSelector")
        chosen = [pod for pod in self.case["pods"] if matches(pod, dict(p.split("=") for p in selector.split(",")))]
        for other in self.case["otherHPASelectors"]:
            if any(matches(pod, other["selector"]) for pod in chosen):
                return self.refuse("AmbiguousSelector")
        best, name, failures = 0, "", []
        for metric in self.hpa["metrics"]:
            action = "none"
            try:
                wanted, text = self.propose(metric, chosen)
                if best == 0 or wanted > best:
                    best, name = wanted, text
                before = self.hpa["status"]["currentReplicas"]
                action = "scale_up" if wanted > before else "scale_down" if wanted < before else "none"
                label = "none"
            except Failed:
                failures.append(REASONS.get(metric["type"], "InvalidMetricSourceType"))
                label = "internal"
            self.computation[metric["type"]] = [action, label]
        if failures:
            self.error = "internal"
            if len(failures) == len(self.hpa["metrics"]) or best < self.current:
                self.set("ScalingActive", "False", failures[0])
                return None, ""
        self.set("ScalingActive", "True", "ValidMetricFound")
        return best, name

    def refuse(self, reason):
        self.error = "internal"
        self.set("ScalingActive", "False", reason)
        return None, ""

    def tolerance(self):
        flag = self.case["controller"]["tolerance"]
        sides = {"scaleDown": flag, "scaleUp": flag}
        if self.gate("HPAConfigurableTolerance") and self.hpa["behavior"]:
            for side in sides:
                own = (self.hpa["behavior"].get(side) or {}).get("tolerance")
                if own is not None:
                    sides[side] = milli(own) / 1000
        return sides

    def failing(self, api):
        if api in self.case["metricFailures"]:
            raise Failed("the " + api + " metrics API answers with an error")

    def propose(self, metric, pods):
        kind = metric["type"]
        if kind in ("Resource", "ContainerResource"):
            return self.propose_resource(kind, metric, pods)
        if kind == "Pods":
            self.failing("custom")
            target = metric["pods"]["target"]
            values = {m["pod"]: (m["valueMilli"], m["ageSeconds"], 60) for m in self.case["customPodMetrics"]}
            if not values:
                raise Failed("no metrics returned from custom metrics API")
            wanted, _, _ = propose_by_pods(self.current, pods, values, "", "", milli(target["averageValue"]), False,
                                           self.tolerance(), self.case["controller"])
            return wanted, "pods metric " + metric["pods"]["metric"]["name"]
        if kind == "Object":
            self.failing("custom")
            body, usage = metric["object"], self.case["objectMetricMilli"]
            target = body["target"]
            if target["type"] == "Value" and target.get("value") is not None:
                wanted = propose_by_value(self.current, usage, milli(target["value"]), pods, self.tolerance())
                return wanted, body["describedObject"]["kind"] + " metric " + body["metric"]["name"]
            return propose_by_average(self.scale["statusReplicas"], usage, milli(target["averageValue"]),
                                      self.tolerance())[0], ""
        if kind == "External":
            self.failing("external")
            target, values = metric["external"]["target"], self.case["externalMetricsMilli"]
            if not values:
                raise Failed("no metrics returned from external metrics API")
            if target.get("averageValue") is not None:
                return propose_by_average(self.scale["statusReplicas"], sum_for_average(values),
                                          milli(target["averageValue"]), self.tolerance())[0], ""
            return propose_by_value(self.current, sum_for_value(values), milli(target["value"]), pods,
                                    self.tolerance()), ""
        raise Failed("unknown metric source type")

    def propose_resource(self, kind, metric, pods):
        self.failing("resource")
        body = metric["resource" if kind == "Resource" else "containerResource"]
        resource, container, target = body["name"], body.get("container", ""), body["target"]
        if not self.case["resourceMetrics"]:
            raise Failed("no metrics returned from resource metrics API")
        samples = resource_samples(self.case["resourceMetrics"], resource, container)
        is_utilization = target.get("averageValue") is None
        wanted, percent, _ = propose_by_pods(
            self.current, pods, samples, resource, container,
            target["averageUtilization"] if is_utilization else milli(target["averageValue"]), is_utilization,
            self.tolerance(), self.case["controller"])
        if is_utilization and kind == "Resource" and resource == "cpu":
            self.utilization = percent
        if not is_utilization:
            return wanted, f"{resource} resource"
        word = "resource" if kind == "Resource" else "container resource"
        return wanted, f"{resource} {word} utilization (percentage of request)"


def resource_samples(metrics, resource, container):
    samples = {}
    for item in metrics:
        containers = [c for c in item["containers"] if not container or c["name"] == container]
        values = [c.get(resource + "Milli") for c in containers]
        if values and None not in values:
            samples[item["pod"]] = (sum(values), item["ageSeconds"], item["windowSeconds"])
    return samples


def matches(pod, selector):
    labels = pod.get("labels") or {}
    return all(labels.get(key) == value for key, value in selector.items())
