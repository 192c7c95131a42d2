// Faults as a file or a request describes them: what goes wrong, for which requests, when, and how often. Values.
//
//   faults:
//   - {name: busy, fault: error, code: 429, retryAfter: 1s, verbs: [list], resources: [pods], count: 3}
//   - {fault: latency, distribution: lognormal, median: 20ms, sigma: 0.5, probability: 0.1}
//   - {fault: restart, at: 2026-01-01T19:30:00Z, downFor: 2s}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/config/document.h"
#include "fake-apiserver/daemon/request_info.h"

namespace fakeapi {

enum class FaultKind {
  kLatency,
  kError,  // an HTTP status in place of an answer
  kReset,
  kHalfClose,
  kLostResponse,     // the request is carried out, the answer lost
  kWatchDrop,        // the stream ends
  kWatchStall,       // the stream says nothing
  kWatchExpired,     // an ERROR event 410 ends the stream
  kSlowWatch,        // the server sends slowly, so that changes pile up
  kDuplicateEvents,  // illegal
  kLoseEvents,       // illegal
  kReorderEvents,    // illegal
  kStaleRead,        // an older revision for resourceVersion=0
  kMetricsMissing,
  kMetricsStale,
  kMetricsNan,
  kDiscoveryUnavailable,
  kCertificateExpired,
  kRestart,
  kShrinkHistory,
};

struct LatencyDistribution {
  enum class Shape { kFixed, kUniform, kNormal, kLognormal, kExponential };
  Shape shape = Shape::kFixed;
  base::Duration a{};                               // the value, the least, the mean, the median, the mean
  base::Duration b{};                               // the most (uniform), the standard deviation (normal)
  double sigma = 0;                                 // of the logarithm (lognormal)
  base::Duration draw(base::Random& random) const;  // never negative
};

struct FaultRule {
  std::string name;
  bool named = true;  // otherwise the name is a number that may be changed
  FaultKind kind = FaultKind::kLatency;
  // Which requests: an empty list or pattern is any.
  std::vector<std::string> verbs;
  std::vector<std::string> resources;  // "pods", "deployments.apps", "*.apps"
  std::string subresource;             // "status"; "*" any, "" also any
  std::string ns;
  std::string object;
  std::string client;  // User-Agent
  std::string user;
  // When, on the cluster's clock, and how often.
  std::optional<base::Time> from;   // inclusive
  std::optional<base::Time> until;  // exclusive
  double probability = 1;
  std::int64_t skip = 0;  // requests that fit and are spared first
  std::optional<std::int64_t> count;
  // How.
  LatencyDistribution latency;
  int code = 500;
  std::optional<base::Duration> retry_after;
  std::string message;
  std::int64_t after_events = 0;         // of the stream, before it happens
  std::optional<base::Duration> after;   // or after so much wall time
  bool mid_line = false;                 // the stream breaks inside a line, without its end
  std::optional<base::Duration> lasts;   // stall, restart (wall time); none: to the end of the stream
  std::int64_t bytes_per_second = 1024;  // slowWatch
  std::int64_t behind = 10;              // staleRead: revisions
  std::string group;                     // discoveryUnavailable
  std::size_t keep = 0;                  // shrinkHistory: events

  bool fits(const RequestInfo& request, const std::string& user_name) const;
  bool is_due(base::Time now) const { return (!from || now >= *from) && (!until || now < *until); }
};

// The word for it in files, metrics and answers: "error" is "429" and so on there.
std::string fault_name(const FaultRule& rule);
// What a real server never does.
bool is_illegal(FaultKind kind);
// restart, shrinkHistory: done once at their time, not to requests.
bool is_action(FaultKind kind);

// The rules of a document {"faults": [...]}, or of one rule alone; complaints say file:line:col, or the field. Instants
// are RFC 3339, or "90s" after `start`. kInvalid.
base::Result<std::vector<FaultRule>> read_fault_rules(const config::Document& document, base::Time start);

}  // namespace fakeapi
