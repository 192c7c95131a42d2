#include "fake-apiserver/daemon/fault_rules.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/base/time_format.h"
#include "common/config/fields.h"

namespace fakeapi {
namespace {

using config::Fields;
using Shape = LatencyDistribution::Shape;

const std::vector<std::pair<std::string, FaultKind>>& kinds() {
  static const std::vector<std::pair<std::string, FaultKind>> table = {
      {"latency", FaultKind::kLatency},
      {"error", FaultKind::kError},
      {"reset", FaultKind::kReset},
      {"halfClose", FaultKind::kHalfClose},
      {"lostResponse", FaultKind::kLostResponse},
      {"watchDrop", FaultKind::kWatchDrop},
      {"watchStall", FaultKind::kWatchStall},
      {"watchExpired", FaultKind::kWatchExpired},
      {"slowWatch", FaultKind::kSlowWatch},
      {"duplicateEvents", FaultKind::kDuplicateEvents},
      {"loseEvents", FaultKind::kLoseEvents},
      {"reorderEvents", FaultKind::kReorderEvents},
      {"staleRead", FaultKind::kStaleRead},
      {"metricsMissing", FaultKind::kMetricsMissing},
      {"metricsStale", FaultKind::kMetricsStale},
      {"metricsNaN", FaultKind::kMetricsNan},
      {"discoveryUnavailable", FaultKind::kDiscoveryUnavailable},
      {"certificateExpired", FaultKind::kCertificateExpired},
      {"restart", FaultKind::kRestart},
      {"shrinkHistory", FaultKind::kShrinkHistory}};
  return table;
}

FaultKind kind_of(const std::string& name) {
  const auto found = std::find_if(kinds().begin(), kinds().end(), [&](const auto& row) { return row.first == name; });
  return found->second;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds()) names.push_back(name);
  return names;
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
  const std::vector<std::string> shapes = {"fixed", "uniform", "normal", "lognormal", "exponential"};
  const std::string shape = fields.choice_or("distribution", shapes, "fixed");
  if (shape == "fixed") {
    d.a = fields.duration("value");
  } else if (shape == "uniform") {
    d.shape = Shape::kUniform;
    d.a = fields.duration("min");
    d.b = fields.duration("max");
    if (d.b < d.a) fields.fail("max", "must not be less than min");
  } else if (shape == "normal") {
    d.shape = Shape::kNormal;
    d.a = fields.duration("mean");
    d.b = fields.duration("stddev");
  } else if (shape == "lognormal") {
    d.shape = Shape::kLognormal;
    d.a = fields.duration("median");
    d.sigma = fields.number("sigma", 0, 10);
  } else {
    d.shape = Shape::kExponential;
    d.a = fields.duration("mean");
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
  FaultRule rule;
  rule.name = fields.text_or("name", "rule-" + std::to_string(number));
  rule.kind = kind_of(fields.choice("fault", kind_names()));
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
  for (const auto& [name, kind] : kinds()) {
    if (kind == rule.kind) return name;
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
