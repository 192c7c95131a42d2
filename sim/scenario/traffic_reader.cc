#include "sim/scenario/traffic_reader.h"

#include <set>

#include "common/base/time_format.h"
#include "sim/traffic/rate_profile.h"
#include "sim/traffic/trace.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Of one source; an engine that serves a hundred million requests a second has nothing left to say about more.
constexpr double kMostRps = 1e7;

// The value, or a complaint at `key`.
template <class T>
T value_or_fail(base::Result<T> result, const Fields& fields, const std::string& key) {
  if (!result) fields.fail(key, result.error().message);
  return std::move(*result);
}

RateProfile read_profile(Fields profile) {
  const bool linear = profile.choice_or("interpolation", {"linear", "step"}, "linear") == "linear";
  std::vector<RateProfile::Point> points;
  for (Fields& point : profile.objects("points")) {
    const Ticks at = point.duration("at").count();
    if (!points.empty() && at <= points.back().at) {
      point.fail("at",
                 "must come after the point before, at " + base::format_duration(base::Duration(points.back().at)));
    }
    points.push_back({at, point.number("rps", 0, kMostRps)});
  }
  if (points.empty()) profile.fail("points", "must hold at least one point");
  using Interpolation = RateProfile::Interpolation;
  return value_or_fail(RateProfile::from_points(points, linear ? Interpolation::kLinear : Interpolation::kStep),
                       profile, "points");
}

RateProfile squeezed(RateProfile profile, Fields& trace, base::Time start) {
  for (Fields& squeeze : trace.objects_or_none("squeeze")) {
    const RateProfile::Squeeze s{(squeeze.time("from") - start).count(), (squeeze.time("around") - start).count(),
                                 (squeeze.time("to") - start).count(), squeeze.number("factor", 1, 1000)};
    if (!(s.from < s.around && s.around < s.to)) squeeze.fail("around", "must lie between from and to");
    profile = value_or_fail(profile.squeezed(s), squeeze, "from");
  }
  return profile;
}

RateProfile read_trace(Fields trace, const fs::path& folder, const Scenario& scenario) {
  const std::string file = trace.text("file");
  const base::Duration step = trace.choice("unit", {"perSecond", "perMinute"}) == "perSecond" ? 1s : 60s;
  std::optional<std::string> column;
  if (trace.has("column")) column = trace.text("column");
  const auto loaded = load_trace_csv(folder / file, column);
  if (!loaded && loaded.error().code == base::ErrorCode::kNotFound) {
    trace.fail("file", (folder / file).string() + ": No such file or directory");
  }
  // Anything else that is wrong with the trace has its own place: that in the trace.
  if (!loaded) throw config::FieldError(loaded.error().message);

  const base::Time origin = trace.has("timeOrigin") ? trace.time("timeOrigin") : scenario.start;
  const base::Time end = origin + step * static_cast<std::int64_t>(loaded->counts.size());
  const double scale = trace.number_or("scale", 1, 0, 1e6);
  for (std::size_t i = 0; i < loaded->counts.size(); ++i) {
    if (static_cast<double>(loaded->counts[i]) / base::seconds(step) * scale <= kMostRps) continue;
    trace.fail("file",
               (folder / file).string() + ":" + std::to_string(i + 2) + ":1 is, scaled, above 10 million requests/s");
  }
  if (origin > scenario.start || end < scenario.start + scenario.duration) {
    trace.fail("file", "covers " + base::format_rfc3339(origin) + " to " + base::format_rfc3339(end) +
                           ", the scenario needs " + base::format_rfc3339(scenario.start) + " to " +
                           base::format_rfc3339(scenario.start + scenario.duration));
  }
  RateProfile profile = value_or_fail(
      RateProfile::from_counts(loaded->counts, (origin - scenario.start).count(), step.count()), trace, "file");
  profile = squeezed(std::move(profile), trace, scenario.start);
  return value_or_fail(profile.scaled(scale), trace, "scale");
}

RateProfile read_rate(Fields& source, const fs::path& folder, const Scenario& scenario) {
  auto constant = source.object_if("constant");
  auto profile = source.object_if("profile");
  auto trace = source.object_if("trace");
  if (int{constant.has_value()} + int{profile.has_value()} + int{trace.has_value()} != 1) {
    source.fail("a source has exactly one of constant, profile, trace");
  }
  if (constant) return RateProfile::constant(constant->number("rps", 0, kMostRps));
  if (profile) return read_profile(std::move(*profile));
  return read_trace(std::move(*trace), folder, scenario);
}

ArrivalOptions read_arrivals(Fields& traffic) {
  ArrivalOptions options;
  auto arrivals = traffic.object_if("arrivals");
  if (!arrivals) return options;
  const std::string process = arrivals->choice("process", {"poisson", "deterministic", "gamma"});
  using Process = ArrivalOptions::Process;
  options.process = process == "poisson" ? Process::kPoisson
                    : process == "gamma" ? Process::kGamma
                                         : Process::kDeterministic;
  if (options.process == Process::kGamma) options.dispersion = arrivals->number("dispersion", 1, 1000);
  return options;
}

ClientOptions read_client(Fields& traffic) {
  ClientOptions options;
  auto client = traffic.object_if("client");
  if (!client) return options;
  if (client->has("timeout") && client->value().at("timeout") != "none") {
    options.timeout = client->duration("timeout").count();
    if (*options.timeout <= 0) client->fail("timeout", "must be positive, or none");
  }
  if (auto retries = client->object_if("retries")) {
    options.max_retries = static_cast<std::uint32_t>(retries->integer_or("max", 0, 0, 100));
    options.backoff = retries->duration_or("backoff", 100ms).count();
    if (retries->has("budget")) options.budget = retries->number("budget", 0, 100);
  }
  return options;
}

}  // namespace

void read_traffic(Fields traffic, const fs::path& folder, Scenario& scenario) {
  std::set<std::string> names;
  for (Fields& source : traffic.objects("sources")) {
    const std::string name = source.text("name");
    if (!names.insert(name).second) source.fail("name", "\"" + name + "\" is taken by another source");
    scenario.engine.sources.push_back(TrafficSource{name, read_rate(source, folder, scenario)});
  }
  if (names.empty()) traffic.fail("sources", "must hold at least one source");
  scenario.engine.arrivals = read_arrivals(traffic);
  scenario.engine.client = read_client(traffic);
}

}  // namespace sim
