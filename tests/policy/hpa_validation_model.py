"""What the API server accepts as a HorizontalPodAutoscaler, once more in the plainest words: an oracle for the scaler's
own validation and defaulting.

Errors are (field, type) in the order in which the API server reports them.
"""
import decimal
import re

BODIES = ("object", "external", "pods", "resource", "containerResource")
KINDS = {"Object": "object", "External": "external", "Pods": "pods", "Resource": "resource",
         "ContainerResource": "containerResource"}
STANDARD_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def is_positive(quantity):
    return decimal.Decimal(re.sub(r"[a-zA-Z]+$", "", str(quantity))) > 0


def validate(spec, gates, old=None):
    errors = []
    least = 0 if gates["HPAScaleToZero"] or (old is not None and old.get("minReplicas") == 0) else 1
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if low is not None and low < least:
        errors.append(("spec.minReplicas", "Invalid"))
    if high < 1:
        errors.append(("spec.maxReplicas", "Invalid"))
    if low is not None and high < low:
        errors.append(("spec.maxReplicas", "Invalid"))
    errors += reference(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
    errors += target_version(spec.get("scaleTargetRef") or {}, (old or {}).get("scaleTargetRef"))
    metrics = spec.get("metrics") or []
    for i, metric in enumerate(metrics):
        errors += validate_metric(metric, f"spec.metrics[{i}]")
    if low == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        errors.append(("spec.metrics", "Forbidden"))
    for side in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(side)
        if rules is not None:
            errors += validate_rules(rules, f"spec.behavior.{side}")
    return errors


def segment(text, path):
    if not text:
        return [(path, "Required")]
    return [(path, "Invalid")] if text in (".", "..") or "/" in text or "%" in text else []


def reference(ref, path):
    return segment(ref.get("kind"), path + ".kind") + segment(ref.get("name"), path + ".name")


def target_version(ref, before):
    version = ref.get("apiVersion") or ""
    if before and (before.get("kind"), before.get("apiVersion") or "") == (ref.get("kind"), version):
        return []
    if version.count("/") < 2 and ref.get("kind") == "ReplicationController":
        return []
    return [] if re.fullmatch(r"[^/]+/[^/]*", version) else [("spec.scaleTargetRef.apiVersion", "Invalid")]


def validate_metric(metric, path):
    errors, kind = [], metric.get("type") or ""
    if not kind:
        errors.append((path + ".type", "Required"))
    if kind not in KINDS:
        errors.append((path + ".type", "NotSupported"))
    present = [body for body in BODIES if metric.get(body) is not None]
    if present:
        errors += IN_DEPTH[present[0]](metric[present[0]], f"{path}.{present[0]}")
    if kind not in KINDS:
        return errors + [(path + ".type", "NotSupported")]
    expected = KINDS[kind]
    if expected not in present:
        errors.append((f"{path}.{expected}", "Required"))
    if len(present) != 1:
        errors += [(f"{path}.{body}", "Forbidden") for body in present if body != expected]
    return errors


def validate_object(body, path):
    described = body.get("describedObject") or {}
    errors = reference(described, path + ".describedObject")
    if (described.get("apiVersion") or "").count("/") > 1:
        errors.append((path + ".describedObject.apiVersion", "Invalid"))
    errors += identifier(body, path) + validate_target(body, path)
    target = body.get("target") or {}
    if target.get("value") is None and target.get("averageValue") is None:
        errors.append((path + ".target.averageValue", "Required"))
    return errors


def validate_external(body, path):
    errors = identifier(body, path) + validate_target(body, path)
    target = body.get("target") or {}
    if target.get("value") is None and target.get("averageValue") is None:
        errors.append((path + ".target.averageValue", "Required"))
    if target.get("value") is not None and target.get("averageValue") is not None:
        errors.append((path + ".target.value", "Forbidden"))
    return errors


def validate_pods(body, path):
    errors = identifier(body, path) + validate_target(body, path)
    average = (body.get("target") or {}).get("averageValue")
    if average is None or not is_positive(average):
        errors.append((path + ".target.averageValue", "Required"))
    return errors


def validate_resource(body, path):
    errors = [] if body.get("name") else [(path + ".name", "Required")]
    return errors + validate_target(body, path) + utilization_or_average(body, path)


def validate_container_resource(body, path):
    errors, name, container = [], body.get("name") or "", body.get("container") or ""
    if not name:
        errors.append((path + ".name", "Required"))
    elif name not in STANDARD_RESOURCES and "/" not in name:
        errors.append((path + ".name", "Invalid"))
    if not container:
        errors.append((path + ".container", "Required"))
    elif not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", container):
        errors.append((path + ".container", "Invalid"))
    return errors + validate_target(body, path) + utilization_or_average(body, path)


def utilization_or_average(body, path):
    target = body.get("target") or {}
    if target.get("averageUtilization") is None and target.get("averageValue") is None:
        return [(path + ".target.averageUtilization", "Required")]
    if target.get("averageUtilization") is not None and target.get("averageValue") is not None:
        return [(path + ".target.averageValue", "Forbidden")]
    return []


IN_DEPTH = {"object": validate_object, "external": validate_external, "pods": validate_pods,
            "resource": validate_resource, "containerResource": validate_container_resource}


def identifier(body, path):
    return segment((body.get("metric") or {}).get("name"), path + ".metric.name")


def validate_target(body, path):
    errors, target, path = [], body.get("target") or {}, path + ".target"
    kind = target.get("type") or ""
    if not kind:
        errors.append((path + ".type", "Required"))
    if kind not in ("Utilization", "Value", "AverageValue"):
        errors.append((path + ".type", "Invalid"))
    for key in ("value", "averageValue"):
        if target.get(key) is not None and not is_positive(target[key]):
            errors.append((f"{path}.{key}", "Invalid"))
    if target.get("averageUtilization") is not None and target["averageUtilization"] < 1:
        errors.append((path + ".averageUtilization", "Invalid"))
    return errors


def validate_rules(rules, path):
    errors = []
    window = rules.get("stabilizationWindowSeconds")
    if window is not None and not 0 <= window <= 3600:
        errors.append((path + ".stabilizationWindowSeconds", "Invalid"))
    if rules.get("selectPolicy") is not None and rules["selectPolicy"] not in ("Max", "Min", "Disabled"):
        errors.append((path + ".selectPolicy", "NotSupported"))
    if not rules.get("policies"):
        errors.append((path + ".policies", "Required"))
    for i, policy in enumerate(rules.get("policies") or []):
        at = f"{path}.policies[{i}]"
        if policy.get("type") not in ("Pods", "Percent"):
            errors.append((at + ".type", "NotSupported"))
        if (policy.get("value") or 0) <= 0:
            errors.append((at + ".value", "Invalid"))
        if not 0 < (policy.get("periodSeconds") or 0) <= 1800:
            errors.append((at + ".periodSeconds", "Invalid"))
    if rules.get("tolerance") is not None and not is_positive(rules["tolerance"]) and str(rules["tolerance"]) != "0":
        errors.append((path + ".tolerance", "Invalid"))
    return errors


UP = {"stabilizationWindowSeconds": 0, "selectPolicy": "Max",
      "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15},
                   {"type": "Percent", "value": 100, "periodSeconds": 15}]}
DOWN = {"stabilizationWindowSeconds": None, "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}
CPU = {"type": "Resource",
       "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}


def default(spec):
    filled = dict(spec)
    if filled.get("minReplicas") is None:
        filled["minReplicas"] = 1
    if not filled.get("metrics"):
        filled["metrics"] = [CPU]
    behavior = filled.get("behavior")
    if behavior is None:
        filled["behavior"] = None
        return filled
    filled["behavior"] = {
        side: {**defaults, **{k: v for k, v in (behavior.get(side) or {}).items() if v is not None}}
        for side, defaults in (("scaleUp", UP), ("scaleDown", DOWN))}
    return filled
