#include "fake-apiserver/daemon/fault_rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/base/time_format.h"
#include "common/config/fields.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using config::Fields;
using Shape = LatencyDistribution::Shape;

using Keys = std::vector<std::string>;

struct KindRow {
  std::string name;
  FaultKind kind;
  Keys keys;  // those that only this kind has
};

const std::vector<KindRow>& kinds() {
  static const std::vector<KindRow> table = {{"latency", FaultKind::kLatency, {"distribution"}},
                                             {"error", FaultKind::kError, {"code", "retryAfter", "message"}},
                                             {"reset", FaultKind::kReset, {}},
                                             {"halfClose", FaultKind::kHalfClose, {}},
                                             {"lostResponse", FaultKind::kLostResponse, {}},
                                             {"watchDrop", FaultKind::kWatchDrop, {"afterEvents", "after", "midLine"}},
                                             {"watchStall", FaultKind::kWatchStall, {"afterEvents", "after", "for"}},
                                             {"watchExpired", FaultKind::kWatchExpired, {"afterEvents", "after"}},
                                             {"slowWatch", FaultKind::kSlowWatch, {"bytesPerSecond"}},
                                             {"duplicateEvents", FaultKind::kDuplicateEvents, {}},
                                             {"loseEvents", FaultKind::kLoseEvents, {}},
                                             {"reorderEvents", FaultKind::kReorderEvents, {}},
                                             {"staleRead", FaultKind::kStaleRead, {"behind"}},
                                             {"metricsMissing", FaultKind::kMetricsMissing, {}},
                                             {"metricsStale", FaultKind::kMetricsStale, {}},
                                             {"metricsNaN", FaultKind::kMetricsNan, {}},
                                             {"discoveryUnavailable", FaultKind::kDiscoveryUnavailable, {"group"}},
                                             {"certificateExpired", FaultKind::kCertificateExpired, {}},
                                             {"restart", FaultKind::kRestart, {"downFor"}},
                                             {"shrinkHistory", FaultKind::kShrinkHistory, {"keep"}}};
  return table;
}

struct ShapeRow {
  std::string name;
  Shape shape;
  Keys keys;
};

const std::vector<ShapeRow>& shapes() {
  static const std::vector<ShapeRow> table = {{"fixed", Shape::kFixed, {"value"}},
                                              {"uniform", Shape::kUniform, {"min", "max"}},
                                              {"normal", Shape::kNormal, {"mean", "stddev"}},
                                              {"lognormal", Shape::kLognormal, {"median", "sigma"}},
                                              {"exponential", Shape::kExponential, {"mean"}}};
  return table;
}

template <class Row>
const Row* row_of(const std::vector<Row>& table, const std::string& name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& table) {
  std::vector<std::string> names;
  for (const Row& row : table) names.push_back(row.name);
  return names;
}

// Of the row that is named, or of all if none is.
template <class Row>
void add_keys(const std::vector<Row>& table, const Row* named, Keys& keys) {
  for (const Row& row : table) {
    if (!named || named == &row) keys.insert(keys.end(), row.keys.begin(), row.keys.end());
  }
}

// What the rule may hold, as far as it says what it is; sorted.
Keys keys_of(const nlohmann::json& rule) {
  Keys keys = {"name", "fault", "at"};
  const KindRow* kind = row_of(kinds(), text_at(rule, {"fault"}));
  const bool action = kind && is_action(kind->kind);
  add_keys(kinds(), kind, keys);
  if (!kind || kind->kind == FaultKind::kLatency) {
    const std::string shape = rule.contains("distribution") ? text_at(rule, {"distribution"}) : "fixed";
    add_keys(shapes(), row_of(shapes(), shape), keys);
  }
  for (const char* key : {"verbs", "resources", "subresource", "namespace", "object", "client", "user", "probability",
                          "skip", "count", "from", "until"}) {
    if (!action) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

base::Time instant(Fields& fields, const std::string& key, base::Time start) {
  const std::string text = fields.text(key);
  if (const auto time = base::parse_rfc3339(text)) return *time;
  const auto offset = base::parse_duration(text);
  if (offset && *offset >= base::Duration::zero()) return start + *offset;
  fields.fail(key, "\"" + text + "\" is neither a time such as 2026-01-01T19:30:00Z nor a duration since the start");
}

LatencyDistribution latency(Fields& fields) {
  LatencyDistribution d;
  d.shape = row_of(shapes(), fields.choice_or("distribution", names_of(shapes()), "fixed"))->shape;
  switch (d.shape) {
    case Shape::kFixed: d.a = fields.duration("value"); break;
    case Shape::kUniform:
      d.a = fields.duration("min");
      d.b = fields.duration("max");
      if (d.b < d.a) fields.fail("max", "must not be less than min");
      break;
    case Shape::kNormal:
      d.a = fields.duration("mean");
      d.b = fields.duration("stddev");
      break;
    case Shape::kLognormal:
      d.a = fields.duration("median");
      d.sigma = fields.number("sigma", 0, 10);
      break;
    case Shape::kExponential: d.a = fields.duration("mean"); break;
  }
  return d;
}

// The fields that only this kind has.
void read_effect(Fields& fields, FaultRule& rule) {
  switch (rule.kind) {
    case FaultKind::kLatency: rule.latency = latency(fields); break;
    case FaultKind::kError: {
      const std::vector<std::int64_t> codes = {401, 403, 409, 410, 429, 500, 503, 504};
      rule.code = static_cast<int>(fields.integer("code", 400, 599));
      if (std::find(codes.begin(), codes.end(), rule.code) == codes.end()) {
        fields.fail("code", "must be one of 401, 403, 409, 410, 429, 500, 503, 504");
      }
      if (fields.has("retryAfter")) rule.retry_after = fields.duration("retryAfter");
      if (rule.code == 429 && !rule.retry_after) rule.retry_after = std::chrono::seconds(1);
      rule.message = fields.text_or("message", "");
      break;
    }
    case FaultKind::kWatchDrop:
    case FaultKind::kWatchStall:
    case FaultKind::kWatchExpired:
      rule.after_events = fields.integer_or("afterEvents", 0, 0);
      if (fields.has("after")) rule.after = fields.duration("after");
      if (rule.kind == FaultKind::kWatchDrop) rule.mid_line = fields.boolean_or("midLine", false);
      if (rule.kind == FaultKind::kWatchStall && fields.has("for")) rule.lasts = fields.duration("for");
      break;
    case FaultKind::kSlowWatch: rule.bytes_per_second = fields.integer("bytesPerSecond", 1); break;
    case FaultKind::kStaleRead: rule.behind = fields.integer_or("behind", 10, 1); break;
    case FaultKind::kDiscoveryUnavailable: rule.group = fields.text("group"); break;
    case FaultKind::kRestart: rule.lasts = fields.duration_or("downFor", std::chrono::seconds(1)); break;
    case FaultKind::kShrinkHistory: rule.keep = static_cast<std::size_t>(fields.integer_or("keep", 0, 0)); break;
    default: break;
  }
}

void read_choice_of_requests(Fields& fields, FaultRule& rule) {
  const std::set<std::string> known = {"get",    "list",  "watch",  "create",
                                       "update", "patch", "delete", "deletecollection"};
  rule.verbs = fields.texts_or_none("verbs");
  for (const std::string& verb : rule.verbs) {
    if (known.contains(verb)) continue;
    const std::string meant = config::did_you_mean(verb, {known.begin(), known.end()});
    fields.fail("verbs", "\"" + verb + "\" is no verb" + (meant.empty() ? "" : "; did you mean " + meant + "?"));
  }
  rule.resources = fields.texts_or_none("resources");
  rule.subresource = fields.text_or("subresource", "");
  rule.ns = fields.text_or("namespace", "");
  rule.object = fields.text_or("object", "");
  rule.client = fields.text_or("client", "");
  rule.user = fields.text_or("user", "");
}

FaultRule read_rule(Fields& fields, std::size_t number, base::Time start) {
  fields.only(keys_of(fields.value()));
  FaultRule rule;
  rule.named = fields.has("name");
  rule.name = fields.text_or("name", "rule-" + std::to_string(number));
  rule.kind = row_of(kinds(), fields.choice("fault", names_of(kinds())))->kind;
  if (!is_action(rule.kind)) {
    read_choice_of_requests(fields, rule);
    rule.probability = fields.number_or("probability", 1, 0, 1);
    rule.skip = fields.integer_or("skip", 0, 0);
    if (fields.has("count")) rule.count = fields.integer("count", 1);
    if (fields.has("from")) rule.from = instant(fields, "from", start);
    if (fields.has("until")) rule.until = instant(fields, "until", start);
    if (rule.from && rule.until && *rule.until <= *rule.from) fields.fail("until", "must be later than from");
  }
  if (fields.has("at")) {
    if (rule.from) fields.fail("at", "cannot go with from");
    rule.from = instant(fields, "at", start);
    if (!rule.count) rule.count = 1;
  }
  read_effect(fields, rule);
  return rule;
}

double random_ns(base::Random& random, const LatencyDistribution& d) {
  const double a = static_cast<double>(d.a.count());
  const double b = static_cast<double>(d.b.count());
  switch (d.shape) {
    case Shape::kFixed: return a;
    case Shape::kUniform: return a + random.uniform() * (b - a);
    case Shape::kNormal: return random.normal(a, b);
    case Shape::kLognormal: return a > 0 ? random.lognormal(a, d.sigma) : 0;
    case Shape::kExponential: return random.exponential(a);
  }
  return 0;
}

bool fits_resource(const std::vector<std::string>& patterns, const RequestInfo& request) {
  if (patterns.empty()) return true;
  return !request.resource.empty() && std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    // "pods.metrics.k8s.io" is a resource of its own; a bare name is that of any group.
    return matches_glob(pattern, request.display()) || pattern == request.resource;
  });
}

}  // namespace

base::Duration LatencyDistribution::draw(base::Random& random) const {
  constexpr double kLongest = 3.6e12;  // an hour
  return base::Duration(static_cast<base::Duration::rep>(std::clamp(random_ns(random, *this), 0.0, kLongest)));
}

bool FaultRule::fits(const RequestInfo& request, const std::string& user_name) const {
  if (!verbs.empty() && std::find(verbs.begin(), verbs.end(), request.verb) == verbs.end()) return false;
  if (!fits_resource(resources, request)) return false;
  if (!subresource.empty() && !matches_glob(subresource, request.subresource)) return false;
  if (!ns.empty() && !matches_glob(ns, request.ns)) return false;
  if (!object.empty() && !matches_glob(object, request.name)) return false;
  if (!client.empty() && !matches_glob(client, request.client)) return false;
  return user.empty() || matches_glob(user, user_name);
}

std::string fault_name(const FaultRule& rule) {
  if (rule.kind == FaultKind::kError) return std::to_string(rule.code);
  for (const KindRow& row : kinds()) {
    if (row.kind == rule.kind) return row.name;
  }
  return "";
}

bool is_illegal(FaultKind kind) {
  return kind == FaultKind::kDuplicateEvents || kind == FaultKind::kLoseEvents || kind == FaultKind::kReorderEvents;
}

bool is_action(FaultKind kind) { return kind == FaultKind::kRestart || kind == FaultKind::kShrinkHistory; }

base::Result<std::vector<FaultRule>> read_fault_rules(const config::Document& document, base::Time start) {
  return config::read(document, [&](Fields& root) {
    std::vector<FaultRule> rules;
    std::set<std::string> names;
    std::vector<Fields> listed;
    const bool alone = root.value().is_object() && root.value().contains("fault");
    if (!alone) root.only({"faults", "fault"});
    if (!alone) listed = root.objects("faults");
    if (alone) rules.push_back(read_rule(root, 1, start));
    for (Fields& fields : listed) {
      FaultRule rule = read_rule(fields, rules.size() + 1, start);
      if (!names.insert(rule.name).second) fields.fail("name", "\"" + rule.name + "\" is there twice");
      rules.push_back(std::move(rule));
    }
    return rules;
  });
}

}  // namespace fakeapi
