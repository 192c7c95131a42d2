#include "sim/scenario/audience_reader.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "sim/scenario/rate_reader.h"
#include "sim/traffic/viewer_source.h"

namespace sim {
namespace {

using config::Fields;

RateProfile read_starts(Fields starts, const Night& night) {
  return read_rate(starts, only_one_of(starts, kRateKinds, "starts"), starts_per_second(), night);
}

std::vector<ViewerOptions::Wave> read_waves(Fields& fields, const std::string& key, const Night& night) {
  std::vector<ViewerOptions::Wave> waves;
  for (Fields& wave : fields.objects_or_none(key)) {
    ViewerOptions::Wave w;
    w.at = read_moment_inside(wave, "at", night);
    w.share = read_share(wave, "share");
    w.within = read_ticks_or(wave, "within", 0);
    w.calls = read_count_or(wave, "calls", 0, 0, kMostCalls);
    waves.push_back(w);
  }
  return waves;
}

// No more are there at a time than have come, nor more than come in a session's time at the highest rate.
void check_number(const Fields& fields, const ViewerOptions& viewers, const Night& night) {
  double most = viewers.starts.expected(0, night.played.count());
  if (viewers.session_mean > 0) most = std::min(most, peak(viewers.starts, night) * to_seconds(viewers.session_mean));
  if (most <= static_cast<double>(kMostViewers)) return;
  fields.fail("starts", "may bring " + base::format_fixed(most, 0) + " viewers at a time, more than the " +
                            std::to_string(kMostViewers) + " that a source can hold");
}

ViewerOptions::Reaction read_reaction(Fields fields) {
  ViewerOptions::Reaction reaction;
  reaction.slower_than = read_ticks_or(fields, "slowerThan", reaction.slower_than, 1);
  reaction.probability = read_share(fields, "probability");
  reaction.after = read_ticks_or(fields, "after", reaction.after);
  reaction.within = read_ticks_or(fields, "within", reaction.within);
  reaction.max_reloads = read_count_or(fields, "maxReloads", reaction.max_reloads, 0, 100);
  reaction.leaves = fields.boolean_or("leaves", reaction.leaves);
  return reaction;
}

}  // namespace

ViewerOptions read_viewers(Fields fields, const std::string& name, std::uint32_t entry, EntryTable& entries,
                           const Night& night) {
  ViewerOptions viewers;
  viewers.name = name;
  viewers.starts = read_starts(fields.object("starts"), night);
  viewers.start_calls = read_count_or(fields, "startCalls", viewers.start_calls, 1, kMostCalls);
  viewers.start_spread = read_ticks_or(fields, "startSpread", viewers.start_spread);
  if (fields.has("heartbeat") && fields.value().at("heartbeat") != "none") {
    viewers.heartbeat = read_ticks(fields, "heartbeat", 100 * kMillisecond);
  }
  if (auto session = fields.object_if("session")) {
    viewers.session_mean = read_ticks(*session, "mean", 1);
    viewers.session_cv = session->number_or("cv", viewers.session_cv, 0, 10);
  }
  check_number(fields, viewers, night);
  viewers.reloads = read_waves(fields, "reloads", night);
  viewers.exits = read_waves(fields, "exits", night);
  if (auto reaction = fields.object_if("reaction")) viewers.reaction = read_reaction(std::move(*reaction));
  viewers.start_entry = entries.find(fields, "startEntry", entry);
  viewers.heartbeat_entry = entries.find(fields, "heartbeatEntry", entry);
  viewers.exit_entry = entries.find(fields, "exitEntry", entry);
  if (const auto checked = check_viewers(viewers); !checked) fields.fail(checked.error().message);
  return viewers;
}

UserOptions read_users(Fields fields, const std::string& name, std::uint32_t entry, const Night& night) {
  UserOptions options;
  options.name = name;
  options.entry = entry;
  options.count = read_rate(fields, only_one_of(fields, kRateKinds, "users"), users(), night);
  options.spawn_rate = fields.number_or("spawnRate", 0, 0, 1e6);
  if (auto think = fields.object_if("think")) {
    const bool constant = think->choice_or("distribution", {"exponential", "constant"}, "exponential") == "constant";
    options.think = constant ? UserOptions::Think::kConstant : UserOptions::Think::kExponential;
    // A user who does not think at all and is turned away at once would ask without end in the same moment.
    options.think_mean = read_ticks(*think, "mean", kMillisecond);
  }
  options.starts_thinking = fields.boolean_or("startsThinking", options.starts_thinking);
  return options;
}

}  // namespace sim
