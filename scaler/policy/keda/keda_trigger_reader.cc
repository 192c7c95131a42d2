#include "scaler/policy/keda/keda_trigger_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "common/base/number_format.h"
#include "scaler/policy/keda/keda_cron.h"
#include "scaler/policy/keda/keda_hpa.h"
#include "scaler/policy/policy_fields.h"
#include "scaler/policy/scaling/time_zone.h"

namespace scaler {
namespace {

using config::Fields;
using Type = KedaTrigger::Type;

constexpr Type kTypes[] = {Type::kCpu, Type::kMemory, Type::kPrometheus, Type::kCron, Type::kExternalPush};
constexpr double kNoLeast = std::numeric_limits<double>::lowest();

std::string needed_text(Fields& fields, const std::string& key) {
  std::string text = fields.text(key);
  if (text.empty()) fields.fail(key, "must not be empty");
  return text;
}

// Go's strconv.ParseBool.
bool boolean_text_or(Fields& fields, const std::string& key, bool fallback) {
  if (!fields.has(key)) return fallback;
  const std::string text = fields.text(key);
  static const std::set<std::string> kTrue = {"1", "t", "T", "true", "True", "TRUE"};
  static const std::set<std::string> kFalse = {"0", "f", "F", "false", "False", "FALSE"};
  if (!kTrue.contains(text) && !kFalse.contains(text)) {
    fields.fail(key, fmt::format("must be \"true\" or \"false\", is \"{}\"", text));
  }
  return kTrue.contains(text);
}

int integer_text(Fields& fields, const std::string& key, int least) {
  const std::string text = fields.text(key);
  const auto value = base::parse_int64(text);
  if (!value || *value < least || *value > std::numeric_limits<int>::max()) {
    fields.fail(key, fmt::format("must be a whole number from {} on, is \"{}\"", least, text));
  }
  return static_cast<int>(*value);
}

// The target of an External metric: thousandths, cut off as KEDA does.
std::int64_t target_milli(Fields& fields, const std::string& key) {
  const auto milli = static_cast<std::int64_t>(std::min(read_number_text(fields, key, 0) * 1000.0, 9.2e18));
  if (milli <= 0) fields.fail(key, "must be at least a thousandth");
  return milli;
}

void ignore_all(Fields& fields) {
  for (const auto& [key, value] : fields.value().items()) fields.ignore(key);
}

void read_resource(Fields& entry, Fields& metadata, KedaTrigger& trigger) {
  const bool old_way = metadata.has("type") && !metadata.text("type").empty();
  const bool new_way = entry.has("metricType") && !entry.text("metricType").empty();
  if (old_way && new_way) metadata.fail("type", "may not be set together with metricType, which has replaced it");
  if (!old_way && !new_way) entry.fail("needs metricType: Utilization or AverageValue");
  const std::string type = old_way ? metadata.choice("type", {"Utilization", "AverageValue"})
                                   : entry.choice("metricType", {"Utilization", "AverageValue"});
  if (type == "Utilization") {
    trigger.utilization = integer_text(metadata, "value", 1);
  } else {
    trigger.average_milli = read_positive_milli(metadata, "value");
  }
  trigger.container = metadata.text_or("containerName", "");
  // KEDA takes no notice of the rest.
  ignore_all(metadata);
}

void read_metric_type(Fields& entry, KedaTrigger& trigger) {
  trigger.per_pod = entry.choice_or("metricType", {"AverageValue", "Value"}, "AverageValue") == "AverageValue";
}

void read_prometheus(Fields& entry, Fields& metadata, KedaTrigger& trigger) {
  needed_text(metadata, "serverAddress");
  trigger.query = needed_text(metadata, "query");
  trigger.target_milli = target_milli(metadata, "threshold");
  if (metadata.has("activationThreshold")) {
    trigger.activation = read_number_text(metadata, "activationThreshold", kNoLeast);
  }
  trigger.ignore_null_values = boolean_text_or(metadata, "ignoreNullValues", true);
  boolean_text_or(metadata, "unsafeSsl", false);
  // How Prometheus is reached, and a name that is no longer used.
  for (const char* known : {"metricName", "namespace", "queryParameters", "customHeaders", "cortexOrgID", "awsRegion",
                            "timeout", "identityOwner", "authModes"}) {
    metadata.ignore(known);
  }
  read_metric_type(entry, trigger);
}

void read_cron(Fields& entry, Fields& metadata, KedaTrigger& trigger) {
  trigger.time_zone = needed_text(metadata, "timezone");
  if (!TimeZone::find(trigger.time_zone)) {
    const std::string meant = config::did_you_mean(trigger.time_zone, TimeZone::names());
    metadata.fail("timezone", fmt::format("names no known time zone: \"{}\"{}", trigger.time_zone,
                                          meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  trigger.start = needed_text(metadata, "start");
  trigger.end = needed_text(metadata, "end");
  for (const char* key : {"start", "end"}) {
    const auto cron = parse_keda_cron(metadata.text(key));
    if (!cron) metadata.fail(key, "is no cron expression: " + cron.error().message);
  }
  if (trigger.start == trigger.end) metadata.fail("end", "must not be the same as start");
  trigger.desired_replicas = integer_text(metadata, "desiredReplicas", 0);
  trigger.target_milli = 1000;
  entry.choice_or("metricType", {"AverageValue"}, "AverageValue");
}

void read_external_push(Fields& entry, Fields& metadata, KedaTrigger& trigger) {
  needed_text(metadata, "scalerAddress");
  // Upstream the scaler itself names its metric, its target and whether it is active; here the metadata does.
  metadata.ignore("metricName");
  trigger.target_milli = metadata.has("targetSize") ? target_milli(metadata, "targetSize") : 1000;
  if (metadata.has("activationThreshold")) {
    trigger.activation = read_number_text(metadata, "activationThreshold", kNoLeast);
  }
  // The rest is handed to the scaler.
  ignore_all(metadata);
  read_metric_type(entry, trigger);
}

KedaTrigger read_trigger(Fields& entry, std::size_t index) {
  std::vector<std::string> known;
  for (const Type type : kTypes) known.emplace_back(to_string(type));
  KedaTrigger trigger;
  const std::string name = entry.choice("type", known);
  trigger.type = *std::find_if(std::begin(kTypes), std::end(kTypes), [&](Type t) { return to_string(t) == name; });
  trigger.name = entry.text_or("name", "");
  entry.ignore("authenticationRef");
  Fields metadata = entry.object("metadata");
  for (const auto& [key, value] : metadata.value().items()) {
    // The API server takes texts only. A value that is not there has no place but its key's.
    if (value.is_null()) {
      const std::string where = metadata.document().locate_key(metadata.pointer() + "/" + key);
      throw config::FieldError(fmt::format("{}: {} must be a text, is null", where, key));
    }
    // Asked of the reader only if that complains: which keys are known depends on the type.
    trigger.metadata[key] = value.is_string() ? value.get<std::string>() : metadata.text(key);
  }
  trigger.cached = entry.boolean_or("useCachedMetrics", false);
  if (trigger.cached && (trigger.is_resource() || trigger.type == Type::kCron)) {
    entry.fail("useCachedMetrics", fmt::format("may not be set in a trigger of type {}", name));
  }
  switch (trigger.type) {
    case Type::kCpu:
    case Type::kMemory: read_resource(entry, metadata, trigger); return trigger;
    case Type::kPrometheus: read_prometheus(entry, metadata, trigger); break;
    case Type::kCron: read_cron(entry, metadata, trigger); break;
    case Type::kExternalPush: read_external_push(entry, metadata, trigger); break;
  }
  trigger.metric = keda_metric_name(index, trigger);
  return trigger;
}

}  // namespace

double read_number_text(Fields& fields, const std::string& key, double least) {
  const std::string text = fields.text(key);
  const auto value = base::parse_double(text);
  if (!value || !std::isfinite(*value)) fields.fail(key, fmt::format("must be a number, is \"{}\"", text));
  if (*value < least) {
    fields.fail(key, fmt::format("must be at least {}, is \"{}\"", base::format_number(least), text));
  }
  return *value;
}

std::vector<KedaTrigger> read_keda_triggers(Fields& spec) {
  std::vector<KedaTrigger> triggers;
  std::set<std::string> names;
  for (Fields& entry : spec.objects("triggers")) {
    triggers.push_back(read_trigger(entry, triggers.size()));
    const std::string& name = triggers.back().name;
    if (!name.empty() && !names.insert(name).second) entry.fail("name", "is the name of another trigger as well");
  }
  if (triggers.empty()) spec.fail("triggers", "must hold at least one trigger");
  return triggers;
}

}  // namespace scaler
