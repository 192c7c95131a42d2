// The triggers of one ScaledObject as KEDA asks them: for its own loop, whether they are active, and for the HPA, the
// values of its External metrics. Counts failures on both ways and falls back.
//
// Not thread-safe; owned by one KedaPolicy. Instants never go backwards.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaler/model/decision.h"
#include "scaler/model/observation.h"
#include "scaler/policy/keda/keda_cron.h"
#include "scaler/policy/keda/keda_formula.h"
#include "scaler/policy/keda/keda_spec.h"

namespace scaler {

// What a metric of the HPA is answered with.
struct KedaMetric {
  std::string metric;
  std::string label;
  base::Result<std::int64_t> value_milli = std::int64_t{0};
  base::Time taken{};
  std::optional<int> fallback_replicas;  // the value stands for so many replicas, not for a measurement
  bool as_observed = false;              // the observation says the same
  std::string note;                      // why it is not what was measured
};

struct KedaPoll {
  bool active = false;
  bool failed = false;        // some trigger
  std::string by;             // the first trigger that is active
  std::string why;            // "s0-prometheus is at 12 > 0"
  std::string error;          // of the first trigger that failed
  std::vector<Input> inputs;  // without a wish: this loop only asks who is active
};

class KedaScalers {
 public:
  // `name`: of the ScaledObject.
  KedaScalers(const KedaSpec& spec, const std::string& name);

  // For KEDA's own loop.
  KedaPoll poll(const Observation& observation);
  // For the HPA; cpu and memory are not among them.
  std::vector<KedaMetric> serve(const Observation& observation);
  // Whether a push trigger became active, or ceased to be, since it was asked last.
  bool pushed(const Observation& observation);
  // What the fallback and the cron triggers wait for.
  std::vector<Unused> waiting() const;
  void inherit(const KedaScalers& previous);

 private:
  struct Reading {
    base::Result<std::int64_t> value_milli = std::int64_t{0};
    base::Time taken{};
    bool active = false;
    bool nil = false;                      // for the formula
    std::optional<int> fallback_replicas;  // value_milli is made from it
    bool as_observed = false;
    std::string note{};
  };
  struct Scaler {
    KedaTrigger trigger;
    std::string label;
    std::optional<KedaCron> cron;
    std::optional<Reading> polled;  // the last poll's, before fallback
    std::optional<bool> pushed;     // whether it was active when last asked
    int failures = 0;               // in a row
  };

  Reading ask(Scaler& scaler, const Observation& observation) const;
  Reading read_external(const Scaler& scaler, const Observation& observation) const;
  // Counts, and puts the fallback in place of a failure.
  void settle(Scaler& scaler, const Observation& observation, Reading& reading) const;
  std::optional<std::int64_t> fallback_milli(const Scaler& scaler, const Observation& observation, int replicas) const;
  int fallback_replicas(const Observation& observation) const;
  KedaMetric compose(const std::vector<Reading>& readings, const Observation& observation) const;
  // Of a scaling formula's result: whether it is active.
  void judge_composite(const KedaMetric& composite, KedaPoll& poll) const;
  static std::string why_active(const Scaler& scaler, const Reading& reading);
  Input input_of(const Scaler& scaler, const Reading& reading, base::Time now) const;

  const KedaSpec spec_;
  const std::string name_;
  std::vector<Scaler> scalers_;
  std::optional<KedaFormula> formula_;
};

}  // namespace scaler
