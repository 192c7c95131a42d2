#include "scaler/policy/scaling/panic.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/time_format.h"
#include "scaler/policy/hpa/saturate.h"
#include "scaler/policy/scaling/amount.h"

namespace scaler {

Panic::Panic(const PanicSpec& spec, std::size_t metrics)
    : spec_(spec), detectors_(metrics, RiseDetector(spec.window, spec.stable_window)) {
  if (spec.rise) param_ = "rise " + amount_text(*spec.rise);
  if (spec.slope_per_second) {
    param_ += fmt::format("{}slope {}/s", spec.rise ? " or " : "", amount_text(*spec.slope_per_second));
  }
  param_ += " in " + base::format_duration(spec.window);
}

std::string Panic::alarm(const RiseDetector::Rise& rise, double per_pod, std::string& unused) const {
  const double base = std::max(rise.mean, per_pod);
  if (spec_.rise) {
    const double factor = rise.now / base;
    const std::string text = fmt::format("rise {}", amount_text(factor));
    if (factor > *spec_.rise) {
      return fmt::format("{} > {}: {} against a mean of {}", text, amount_text(*spec_.rise), amount_text(rise.now),
                         amount_text(rise.mean));
    }
    unused = fmt::format("{} <= {}", text, amount_text(*spec_.rise));
  }
  if (spec_.slope_per_second) {
    const std::string text = fmt::format("slope {}/s", amount_text(rise.slope_per_second));
    if (rise.slope_per_second > *spec_.slope_per_second) {
      return fmt::format("{} > {}/s", text, amount_text(*spec_.slope_per_second));
    }
    unused += fmt::format("{}{} <= {}/s", unused.empty() ? "" : ", ", text, amount_text(*spec_.slope_per_second));
  }
  return {};
}

void Panic::observe(base::Time now, int current, const std::vector<base::Result<Demand>>& demands,
                    const std::vector<std::string>& names) {
  int wants = spec_.min_replicas;
  std::string alarmed;
  why_unused_.clear();
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    std::string unused;
    if (demands[i]) {
      const Demand& demand = *demands[i];
      detectors_[i].observe(demand.at, demand.total);
      wants = std::max(wants, ceil_to_int(demand.total / demand.per_pod * spec_.headroom));
      const auto rise = detectors_[i].rise();
      const std::string alarm_here = rise ? alarm(*rise, demand.per_pod, unused) : "";
      if (!rise) unused = "too little history";
      if (alarmed.empty() && !alarm_here.empty()) alarmed = names[i] + " " + alarm_here;
    } else {
      unused = "no data";
    }
    if (!unused.empty()) why_unused_ += fmt::format("{}{} {}", why_unused_.empty() ? "" : "; ", names[i], unused);
  }
  if (!alarmed.empty()) {
    until_ = now + spec_.hold;
    why_ = std::move(alarmed);
  } else if (until_ && *until_ <= now) {
    until_.reset();
    replicas_ = 0;
  }
  if (until_) replicas_ = std::max({replicas_, wants, current});
}

std::optional<Floor> Panic::floor() const {
  if (!until_) return std::nullopt;
  return Floor{.replicas = replicas_,
               .source = "panic",
               .rule = "panic",
               .why = why_,
               .param = param_,
               .until = until_,
               .trigger = Trigger::kPanic,
               .is_planned = false};
}

void Panic::inherit(const Panic& previous, bool same_metrics) {
  until_ = previous.until_;
  replicas_ = previous.replicas_;
  why_ = previous.why_;
  const bool same_windows =
      spec_.window == previous.spec_.window && spec_.stable_window == previous.spec_.stable_window;
  if (same_windows && same_metrics) detectors_ = previous.detectors_;
}

}  // namespace scaler
