#include "sim/promql/expression.h"

#include <algorithm>

namespace sim {
namespace {

// A gap between the end of a window and the nearest sample counts as bridged up to so many mean distances of samples;
// beyond it half a distance is bridged. As Prometheus's extrapolatedRate does.
constexpr double kBridged = 1.1;

using Samples = std::deque<PromSample>;

class Number final : public PromExpression {
 public:
  explicit Number(double value) : value_(value) {}
  PromValue evaluate(const PromStore&, base::Time) const override { return {true, {{"", value_}}}; }

 private:
  const double value_;
};

class Instant final : public PromExpression {
 public:
  explicit Instant(PromSelector selector) : selector_(std::move(selector)) {}

  PromValue evaluate(const PromStore& store, base::Time at) const override {
    PromValue value;
    const PromStore::BySeries* const all = store.find(selector_.metric);
    if (!all) return value;
    for (const auto& [target, series] : *all) {
      if (series.stale || !selector_.selects(series)) continue;
      const auto after = std::find_if(series.samples.rbegin(), series.samples.rend(),
                                      [at](const PromSample& sample) { return sample.at <= at; });
      if (after == series.samples.rend() || at - after->at >= kPromLookback) continue;
      value.elements.push_back({target, after->value});
    }
    return value;
  }

 private:
  const PromSelector selector_;
};

// What a counter gained, although it may have begun anew.
double gained(const Samples& samples, std::size_t begin, std::size_t end) {
  double sum = samples[end - 1].value - samples[begin].value;
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (samples[i].value < samples[i - 1].value) sum += samples[i - 1].value;
  }
  return sum;
}

// The increase over (at - window, at], extrapolated to the whole window but never to before the counter was zero.
double increase(const Samples& samples, std::size_t begin, std::size_t end, base::Time at, base::Duration window) {
  const double sum = gained(samples, begin, end);
  const double sampled = base::seconds(samples[end - 1].at - samples[begin].at);
  const double distance = sampled / static_cast<double>(end - begin - 1);
  double before = base::seconds(samples[begin].at - (at - window));
  double after = base::seconds(at - samples[end - 1].at);
  if (before >= distance * kBridged) before = distance / 2;
  if (sum > 0 && samples[begin].value >= 0) before = std::min(before, sampled * (samples[begin].value / sum));
  if (after >= distance * kBridged) after = distance / 2;
  return sum * ((sampled + before + after) / sampled);
}

double instant_rate(const PromSample& before, const PromSample& last) {
  const double gain = last.value < before.value ? last.value : last.value - before.value;
  return gain / base::seconds(last.at - before.at);
}

class OverRange final : public PromExpression {
 public:
  OverRange(PromRange function, PromSelector selector) : function_(function), selector_(std::move(selector)) {}

  PromValue evaluate(const PromStore& store, base::Time at) const override {
    PromValue value;
    const PromStore::BySeries* const all = store.find(selector_.metric);
    if (!all) return value;
    for (const auto& [target, series] : *all) {
      if (!selector_.selects(series)) continue;
      if (const auto one = of_series(series.samples, at)) value.elements.push_back({target, *one});
    }
    return value;
  }

 private:
  std::optional<double> of_series(const Samples& samples, base::Time at) const {
    const base::Duration window = *selector_.window;
    std::size_t begin = 0;
    while (begin < samples.size() && samples[begin].at <= at - window) ++begin;
    std::size_t end = begin;
    while (end < samples.size() && samples[end].at <= at) ++end;
    if (end - begin < 2) return std::nullopt;
    switch (function_) {
      case PromRange::kIrate: return instant_rate(samples[end - 2], samples[end - 1]);
      case PromRange::kIncrease: return increase(samples, begin, end, at, window);
      case PromRange::kRate: break;
    }
    return increase(samples, begin, end, at, window) / base::seconds(window);
  }

  const PromRange function_;
  const PromSelector selector_;
};

class Aggregate final : public PromExpression {
 public:
  Aggregate(PromAggregation how, PromNode of) : how_(how), of_(std::move(of)) {}

  PromValue evaluate(const PromStore& store, base::Time at) const override {
    const PromValue all = of_->evaluate(store, at);
    if (all.elements.empty()) return {};
    double sum = 0;
    double most = all.elements.front().value;
    double least = most;
    for (const PromElement& element : all.elements) {
      sum += element.value;
      most = std::max(most, element.value);
      least = std::min(least, element.value);
    }
    const auto count = static_cast<double>(all.elements.size());
    double value = sum;
    if (how_ == PromAggregation::kAvg) value = sum / count;
    if (how_ == PromAggregation::kMax) value = most;
    if (how_ == PromAggregation::kMin) value = least;
    if (how_ == PromAggregation::kCount) value = count;
    return {false, {{"", value}}};
  }

 private:
  const PromAggregation how_;
  const PromNode of_;
};

double apply(char op, double a, double b) {
  switch (op) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    default: return a / b;
  }
}

class Binary final : public PromExpression {
 public:
  Binary(char op, PromNode left, PromNode right) : op_(op), left_(std::move(left)), right_(std::move(right)) {}

  PromValue evaluate(const PromStore& store, base::Time at) const override {
    const PromValue a = left_->evaluate(store, at);
    const PromValue b = right_->evaluate(store, at);
    PromValue value{a.scalar && b.scalar, {}};
    for (const PromElement& x : a.elements) {
      for (const PromElement& y : b.elements) {
        if (!a.scalar && !b.scalar && x.target != y.target) continue;
        value.elements.push_back({a.scalar ? y.target : x.target, apply(op_, x.value, y.value)});
      }
    }
    return value;
  }

 private:
  const char op_;
  const PromNode left_;
  const PromNode right_;
};

}  // namespace

bool PromSelector::selects(const PromSeries& series) const {
  return std::all_of(matchers.begin(), matchers.end(), [&](const PromMatcher& matcher) {
    const auto found = series.labels.find(matcher.label);
    const std::string value = found == series.labels.end() ? std::string() : found->second;
    switch (matcher.kind) {
      case PromMatcher::Kind::kEqual: return value == matcher.text;
      case PromMatcher::Kind::kNotEqual: return value != matcher.text;
      case PromMatcher::Kind::kMatches: return std::regex_match(value, matcher.pattern);
      case PromMatcher::Kind::kMatchesNot: break;
    }
    return !std::regex_match(value, matcher.pattern);
  });
}

PromNode prom_number(double value) { return std::make_unique<Number>(value); }
PromNode prom_instant(PromSelector selector) { return std::make_unique<Instant>(std::move(selector)); }
PromNode prom_over_range(PromRange function, PromSelector selector) {
  return std::make_unique<OverRange>(function, std::move(selector));
}
PromNode prom_aggregate(PromAggregation how, PromNode of) { return std::make_unique<Aggregate>(how, std::move(of)); }
PromNode prom_binary(char op, PromNode left, PromNode right) {
  return std::make_unique<Binary>(op, std::move(left), std::move(right));
}

}  // namespace sim
