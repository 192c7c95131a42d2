#include "fake-apiserver/kinds/workload_rules.h"

#include "common/base/number_format.h"
#include "fake-apiserver/api/selector.h"
#include "fake-apiserver/kinds/metadata_rules.h"
#include "fake-apiserver/kinds/pod_rules.h"

namespace fakeapi {
namespace {

constexpr const char* kPercentRule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')";

// The percentage, nullopt for anything else.
std::optional<std::int64_t> percent_of(const Json& value) {
  std::string_view text = view_of(value);
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  return text.starts_with('-') ? std::nullopt : base::parse_int64(text);
}

bool is_zero(const Json& value) { return value == 0 || percent_of(value) == 0; }

bool is_empty_selector(const Json& selector) {
  return member(selector, "matchLabels").empty() && member(selector, "matchExpressions").empty();
}

// The selector, its template, and that the one selects the other.
void check_selected_template(Problems& problems, const Json& spec, const char* kind) {
  const FieldPath path("spec");
  const Json& selector = member(spec, "selector");
  const Json& labels = at_path(spec, {"template", "metadata", "labels"});
  if (!selector.is_object()) {
    problems.required(path / "selector");
  } else {
    check_label_selector(problems, path / "selector", selector);
    if (is_empty_selector(selector)) {
      problems.invalid(path / "selector", selector, std::string("empty selector is invalid for ") + kind);
    }
  }
  const auto parsed = LabelSelector::parse(selector_text(selector));
  const bool selects = selector.is_object() && parsed && parsed->matches_labels(labels);
  const FieldPath template_path = path / "template";
  if (!selects && !(selector.is_object() && is_empty_selector(selector))) {
    const FieldPath metadata = template_path / "metadata";
    problems.invalid(metadata / "labels", labels, "`selector` does not match template `labels`");
  }
  check_pod_template(problems, template_path, member(spec, "template"));
}

// Pods that are replaced when they end can't be of another policy.
void check_always_restarts(Problems& problems, const Json& spec) {
  const FieldPath path("spec");
  const FieldPath at = path / "template";
  const FieldPath pod = at / "spec";
  const Json& pod_spec = at_path(spec, {"template", "spec"});
  const Json& policy = member(pod_spec, "restartPolicy");
  if (policy == "OnFailure" || policy == "Never") {
    problems.not_supported(pod / "restartPolicy", policy, {"Always"});
  }
  if (!member(pod_spec, "activeDeadlineSeconds").is_null()) {
    problems.forbidden(pod / "activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported");
  }
}

void check_immutable(Problems& problems, const FieldPath& path, const Json& now, const Json& before) {
  if (now != before) problems.invalid(path, now, kImmutable);
}

void check_counts(Problems& problems, const Json& spec, std::initializer_list<const char*> keys) {
  const FieldPath path("spec");
  for (const char* key : keys) problems.check_not_negative(path / key, member(spec, key));
}

void check_bounds(Problems& problems, const FieldPath& path, const Json& rolling) {
  const Json& unavailable = member(rolling, "maxUnavailable");
  const Json& surge = member(rolling, "maxSurge");
  check_int_or_percent(problems, path / "maxUnavailable", unavailable);
  check_int_or_percent(problems, path / "maxSurge", surge);
  if (is_zero(unavailable) && is_zero(surge)) {
    problems.invalid(path / "maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0");
  }
  if (percent_of(unavailable).value_or(0) > 100) {
    problems.invalid(path / "maxUnavailable", unavailable, "must not be greater than 100%");
  }
}

void check_strategy(Problems& problems, const Json& spec) {
  const FieldPath root("spec");
  const FieldPath path = root / "strategy";
  const Json& strategy = member(spec, "strategy");
  const Json& rolling = member(strategy, "rollingUpdate");
  const std::string_view type = view_at(strategy, "type");
  if (type == "Recreate") {
    if (!rolling.is_null()) {
      problems.forbidden(path / "rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
    }
  } else if (type == "RollingUpdate") {
    if (rolling.is_null()) {
      problems.required(path / "rollingUpdate", "this should be defaulted and never be nil");
    } else {
      check_bounds(problems, path / "rollingUpdate", rolling);
    }
  } else {
    problems.not_supported(path / "type", type, {"Recreate", "RollingUpdate"});
  }
}

}  // namespace

void check_int_or_percent(Problems& problems, const FieldPath& path, const Json& value) {
  if (value.is_string()) {
    if (!percent_of(value)) problems.invalid(path, value, kPercentRule);
  } else {
    problems.check_not_negative(path, value);
  }
}

void check_deployment(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  check_counts(problems, spec, {"replicas"});
  check_selected_template(problems, spec, "deployment");
  check_always_restarts(problems, spec);
  check_strategy(problems, spec);
  check_counts(problems, spec, {"minReadySeconds", "revisionHistoryLimit"});
  const Json& deadline = member(spec, "progressDeadlineSeconds");
  problems.check_not_negative(path / "progressDeadlineSeconds", deadline);
  const Json& ready = member(spec, "minReadySeconds");
  if (deadline.is_number_integer() && deadline <= (ready.is_number_integer() ? ready : Json(0))) {
    problems.invalid(path / "progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
  }
  if (before)
    check_immutable(problems, path / "selector", member(spec, "selector"), at_path(*before, {"spec", "selector"}));
}

void check_replica_set(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  check_counts(problems, spec, {"replicas", "minReadySeconds"});
  check_selected_template(problems, spec, "replicaset");
  check_always_restarts(problems, spec);
  if (before)
    check_immutable(problems, path / "selector", member(spec, "selector"), at_path(*before, {"spec", "selector"}));
}

void check_replication_controller(Problems& problems, const Json& object, const Json*) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  const Json& selector = member(spec, "selector");
  check_counts(problems, spec, {"minReadySeconds"});
  if (selector.empty()) problems.required(path / "selector");
  check_counts(problems, spec, {"replicas"});
  const Json& labels = at_path(spec, {"template", "metadata", "labels"});
  const FieldPath template_path = path / "template";
  const FieldPath metadata = template_path / "metadata";
  const auto parsed = LabelSelector::parse(selector_text({{"matchLabels", selector}}));
  if (!selector.empty() && !(parsed && parsed->matches_labels(labels))) {
    problems.invalid(metadata / "labels", labels, "`selector` does not match template `labels`");
  }
  if (!member(spec, "template").is_object()) return problems.required(template_path);
  check_pod_template(problems, template_path, member(spec, "template"));
  check_always_restarts(problems, spec);
}

void check_stateful_set(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  problems.check_choice(path / "podManagementPolicy", member(spec, "podManagementPolicy"),
                        {"OrderedReady", "Parallel"});
  const FieldPath strategy = path / "updateStrategy";
  const std::string_view type =
      text_at(spec, {"updateStrategy", "type"}).empty() ? "" : view_at(member(spec, "updateStrategy"), "type");
  if (type.empty()) {
    problems.required(strategy);
  } else if (type != "OnDelete" && type != "RollingUpdate") {
    problems.invalid(strategy, member(spec, "updateStrategy"), "must be 'RollingUpdate' or 'OnDelete'");
  }
  check_counts(problems, spec, {"replicas", "minReadySeconds"});
  check_selected_template(problems, spec, "statefulset");
  check_always_restarts(problems, spec);
  if (!before) return;
  Json now = spec;
  Json old = member(*before, "spec");
  for (Json* side : {&now, &old}) {
    if (!side->is_object()) continue;
    for (const char* key : {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                            "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}) {
      side->erase(key);
    }
  }
  if (now != old) {
    problems.forbidden(path,
                       "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                       "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                       "'minReadySeconds' are forbidden");
  }
}

void check_daemon_set(Problems& problems, const Json& object, const Json* before) {
  const FieldPath path("spec");
  const Json& spec = member(object, "spec");
  check_selected_template(problems, spec, "daemonset");
  check_always_restarts(problems, spec);
  check_counts(problems, spec, {"minReadySeconds"});
  const FieldPath strategy = path / "updateStrategy";
  const Json& update = member(spec, "updateStrategy");
  problems.check_choice(strategy / "type", member(update, "type"), {"RollingUpdate", "OnDelete"});
  const Json& rolling = member(update, "rollingUpdate");
  const FieldPath rolling_path = strategy / "rollingUpdate";
  if (rolling.is_object()) {
    check_int_or_percent(problems, rolling_path / "maxUnavailable", member(rolling, "maxUnavailable"));
    check_int_or_percent(problems, rolling_path / "maxSurge", member(rolling, "maxSurge"));
  }
  check_counts(problems, spec, {"revisionHistoryLimit"});
  if (before)
    check_immutable(problems, path / "selector", member(spec, "selector"), at_path(*before, {"spec", "selector"}));
}

void check_pod_template_object(Problems& problems, const Json& object, const Json*) {
  check_pod_template(problems, FieldPath("template"), member(object, "template"));
}

void check_controller_revision(Problems& problems, const Json& object, const Json* before) {
  const Json& data = member(object, "data");
  problems.check_not_negative(FieldPath("revision"), member(object, "revision"));
  if (data.is_null()) problems.required(FieldPath("data"), "data is mandatory");
  if (before && data != member(*before, "data")) problems.invalid(FieldPath("data"), data, kImmutable);
}

}  // namespace fakeapi
