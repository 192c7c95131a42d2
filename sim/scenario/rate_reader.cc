#include "sim/scenario/rate_reader.h"

#include <algorithm>

#include "common/base/time_format.h"
#include "sim/traffic/trace.h"

namespace sim {
namespace {

using config::Fields;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// The value, or a complaint at `key`.
template <class T>
T value_or_fail(base::Result<T> result, const Fields& fields, const std::string& key) {
  if (!result) fields.fail(key, result.error().message);
  return std::move(*result);
}

RateProfile read_profile(Fields profile, const RateUnit& unit, const Night& night) {
  const bool linear = profile.choice_or("interpolation", {"linear", "step"}, "linear") == "linear";
  std::vector<RateProfile::Point> points;
  for (Fields& point : profile.objects("points")) {
    const Ticks at = read_moment(point, "at", night);
    if (!points.empty() && at <= points.back().at) {
      point.fail("at",
                 "must come after the point before, at " + base::format_duration(base::Duration(points.back().at)));
    }
    points.push_back({at, point.number(unit.key, 0, unit.most)});
  }
  if (points.empty()) profile.fail("points", "must hold at least one point");
  using Interpolation = RateProfile::Interpolation;
  return value_or_fail(RateProfile::from_points(points, linear ? Interpolation::kLinear : Interpolation::kStep),
                       profile, "points");
}

RateProfile squeezed(RateProfile profile, Fields& trace, const Night& night) {
  for (Fields& squeeze : trace.objects_or_none("squeeze")) {
    const auto moment = [&](const char* key) { return read_moment(squeeze, key, night); };
    const RateProfile::Squeeze s{moment("from"), moment("around"), moment("to"), squeeze.number("factor", 1, 1000)};
    if (!(s.from < s.around && s.around < s.to)) squeeze.fail("around", "must lie between from and to");
    profile = value_or_fail(profile.squeezed(s), squeeze, "from");
  }
  return profile;
}

// The rows of the file, and its path for complaints.
Trace load_rows(Fields& trace, const fs::path& path) {
  std::optional<std::string> column;
  if (trace.has("column")) column = trace.text("column");
  auto loaded = load_trace_csv(path, column);
  if (!loaded && loaded.error().code == base::ErrorCode::kNotFound) {
    trace.fail("file", path.string() + ": No such file or directory");
  }
  // Anything else that is wrong with the trace has its own place: that in the trace.
  if (!loaded) throw config::FieldError(loaded.error().message);
  return std::move(*loaded);
}

RateProfile read_trace(Fields trace, const RateUnit& unit, const Night& night) {
  const fs::path path = night.folder / trace.text("file");
  const base::Duration step = trace.choice("unit", {"perSecond", "perMinute"}) == "perSecond" ? 1s : 60s;
  const Trace rows = load_rows(trace, path);
  const double scale = trace.number_or("scale", 1, 0, 1e6) * (unit.counts ? base::seconds(step) : 1.0);
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    if (static_cast<double>(rows.counts[i]) / base::seconds(step) * scale <= unit.most) continue;
    trace.fail("file", path.string() + ":" + std::to_string(i + 2) + ":1 is, scaled, above " + unit.what);
  }

  const base::Time origin = trace.has("timeOrigin") ? trace.time("timeOrigin") : night.start;
  const Ticks from = trace.has("timeOrigin") ? since_start(trace, "timeOrigin", origin, night) : 0;
  constexpr std::int64_t kMostSteps = std::chrono::days(20 * 366) / std::chrono::seconds(60);
  if (static_cast<std::int64_t>(rows.counts.size()) > kMostSteps) trace.fail("file", "is longer than 20 years");
  const base::Duration length = step * static_cast<std::int64_t>(rows.counts.size());
  if (from > 0 || from + length.count() < night.played.count()) {
    trace.fail("file", "covers " + base::format_rfc3339(origin) + " to " + base::format_rfc3339(origin + length) +
                           ", the scenario needs " + base::format_rfc3339(night.start) + " to " +
                           base::format_rfc3339(night.start + night.played));
  }
  RateProfile profile = value_or_fail(RateProfile::from_counts(rows.counts, from, step.count()), trace, "file");
  profile = squeezed(std::move(profile), trace, night);
  return value_or_fail(profile.scaled(scale), trace, "scale");
}

}  // namespace

RateUnit requests_per_second() { return {"rps", 1e7, "10 million requests/s"}; }
RateUnit starts_per_second() { return {"perSecond", 1e6, "a million starts/s"}; }
RateUnit users() { return {"users", 1e6, "a million users", true}; }

RateProfile read_rate(Fields& fields, const std::string& kind, const RateUnit& unit, const Night& night) {
  if (kind == "constant") return RateProfile::constant(fields.object(kind).number(unit.key, 0, unit.most));
  if (kind == "profile") return read_profile(fields.object(kind), unit, night);
  return read_trace(fields.object(kind), unit, night);
}

double peak(const RateProfile& profile, const Night& night) {
  double most = 0;
  profile.for_each_piece(0, night.played.count(), [&](const RateProfile::Piece& p) {
    most = std::max({most, p.begin_rate, p.end_rate});
  });
  return most;
}

}  // namespace sim
