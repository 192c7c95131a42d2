#include "sim/traffic/viewer_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "common/base/check.h"
#include "sim/traffic/xoshiro.h"

namespace sim {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t kSlotBits = 26;
constexpr std::uint32_t kSlotMask = (1U << kSlotBits) - 1;
constexpr std::uint32_t kGenerations = 32;  // half of what would fit, so that no handle reads as kNoViewer
constexpr unsigned kEventShift = 32;
constexpr unsigned kOffsetShift = 38;
static_assert(kSlice <= 1 << 26, "a record has 26 bits for the offset in its slice");
static_assert(kMostViewers == kSlotMask + 1ULL);

std::uint32_t slot_of(ViewerHandle viewer) { return viewer & kSlotMask; }

// In [0, span), from 32 random bits.
Ticks within(std::uint32_t bits, Ticks span) {
  return static_cast<Ticks>((static_cast<Wide>(bits) * static_cast<std::uint64_t>(span)) >> 32);
}
std::uint32_t low_half(std::uint64_t bits) { return static_cast<std::uint32_t>(bits); }
std::uint32_t high_half(std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); }
Ticks offset_of(std::uint64_t record) { return static_cast<Ticks>(record >> kOffsetShift); }
double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// By offset, then event, then handle: offsets by a radix sort of three passes, the rare ties by insertion.
void sort_records(std::vector<std::uint64_t>& records, std::vector<std::uint64_t>& scratch) {
  constexpr std::size_t kSmall = 128;
  constexpr unsigned kDigit = 9;
  const std::size_t n = records.size();
  if (n < kSmall) {
    std::sort(records.begin(), records.end());
    return;
  }
  scratch.resize(n);
  std::array<std::array<std::uint32_t, 1 << kDigit>, 3> counts{};
  const auto digit = [](std::uint64_t record, unsigned pass) {
    return static_cast<std::size_t>(record >> (kOffsetShift + pass * kDigit)) & ((1 << kDigit) - 1);
  };
  for (const std::uint64_t r : records) {
    for (unsigned pass = 0; pass < 3; ++pass) ++counts[pass][digit(r, pass)];
  }
  for (unsigned pass = 0; pass < 3; ++pass) {
    std::uint32_t sum = 0;
    for (std::uint32_t& count : counts[pass]) count = std::exchange(sum, sum + count);
    for (const std::uint64_t r : records) scratch[counts[pass][digit(r, pass)]++] = r;
    records.swap(scratch);
  }
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t k = i; k > 0 && records[k] < records[k - 1]; --k) std::swap(records[k], records[k - 1]);
  }
}

// Keeps the number of calls that a viewer can have before it in 16 bits.
constexpr std::size_t kMostWaves = 256;

bool is_share(double x) { return x >= 0.0 && x <= 1.0; }

bool is_wave(const ViewerOptions::Wave& w) {
  return is_share(w.share) && w.within >= 0 && w.within < kNever && w.at < kNever && w.at > -kNever &&
         w.calls <= kMostCalls;
}

double highest_rate(const RateProfile& profile) {
  double highest = 0.0;
  profile.for_each_piece(-kNever, kNever, [&](const RateProfile::Piece& p) {
    highest = std::max({highest, p.begin_rate, p.end_rate});
  });
  return highest;
}

bool has_waves(const ViewerOptions& o) { return !o.reloads.empty() || !o.exits.empty(); }

bool is_stored(const ViewerOptions& o) { return o.heartbeat || o.session_mean > 0 || has_waves(o) || o.reaction; }

QuantileTable sessions(const ViewerOptions& o) {
  if (o.session_mean == 0) return QuantileTable::constant(1.0);
  return QuantileTable::lognormal(static_cast<double>(o.session_mean), o.session_cv);
}

ViewerOptions checked(ViewerOptions options) {
  CHECK(check_viewers(options), "viewers were checked");
  return options;
}

}  // namespace

base::Result<> check_viewers(const ViewerOptions& o) {
  const auto invalid = [](const char* what) { return base::Error{base::ErrorCode::kInvalid, what}; };
  const auto is_time = [](Ticks t) { return t >= 0 && t < kNever; };
  if (highest_rate(o.starts) > kMostStarts) return invalid("starts: at most ten million sessions per second");
  if (o.start_calls == 0 || o.start_calls > kMostCalls) return invalid("start calls: from 1 to 64");
  if (!is_time(o.start_spread)) return invalid("the spread of the start calls must not be negative");
  if (o.heartbeat && (*o.heartbeat < kSlice || *o.heartbeat >= kNever)) {
    return invalid("heartbeat: the period must be at least 62.5 ms");
  }
  if (!is_time(o.session_mean)) return invalid("the session length must not be negative");
  if (!(std::isfinite(o.session_cv) && o.session_cv >= 0.0 && o.session_cv <= 1000.0)) {
    return invalid("the session length's coefficient of variation must be from 0 to 1000");
  }
  for (const auto* waves : {&o.reloads, &o.exits}) {
    if (waves->size() > kMostWaves) return invalid("at most 256 waves of a kind");
    if (!std::all_of(waves->begin(), waves->end(), is_wave)) {
      return invalid("a wave needs a share from 0 to 1, a time that is not negative and at most 64 calls");
    }
  }
  if (o.reaction) {
    const auto& r = *o.reaction;
    if (!is_share(r.probability) || !is_time(r.slower_than) || !is_time(r.after) || !is_time(r.within)) {
      return invalid("a reaction needs a probability from 0 to 1 and times that are not negative");
    }
    if (r.max_reloads > 100) return invalid("a reaction has at most 100 reloads in a row");
  }
  return {};
}

ViewerSource::ViewerSource(ViewerOptions options, const base::Random& stream)
    : options_(checked(std::move(options))),
      key_(stream.fork("viewers").key()),
      slices_(stream.fork("calls")),
      session_(sessions(options_)),
      starts_(options_.starts, {}, nothing_, stream.fork("starts")),
      stores_(is_stored(options_)),
      heartbeat_slices_(options_.heartbeat.value_or(0) / kSlice),
      heartbeat_rest_(static_cast<std::uint32_t>(options_.heartbeat.value_or(0) % kSlice)) {}

void ViewerSource::generate(std::int64_t slice, ViewerBatch& batch) {
  if (!begun_) heartbeats_ = others_ = SliceWheel(slice);
  begun_ = true;
  CHECK(slice == others_.next(), "viewers are generated slice by slice");
  if (has_waves(options_)) begin_waves(slice);
  starts_.generate(slice, arrivals_);
  if (arrivals_.size() > 0) start(arrivals_, slices_.fork(static_cast<std::uint64_t>(slice)).key());

  calls_.clear();
  going_.clear();
  if (options_.heartbeat) take_heartbeats(slice);
  take_others(slice);
  for (const std::uint32_t slot : going_) go(slot);
  sort_records(calls_, scratch_);

  constexpr std::array kKinds = {ViewerCall::kExit,      ViewerCall::kExit,   ViewerCall::kExit,  ViewerCall::kStart,
                                 ViewerCall::kHeartbeat, ViewerCall::kReload, ViewerCall::kReload};
  batch.resize(calls_.size());
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    batch.at[i] = slice * kSlice + offset_of(calls_[i]);
    batch.kind[i] = kKinds[(calls_[i] >> kEventShift) & 63];
    batch.viewer[i] = static_cast<ViewerHandle>(calls_[i]);
  }
}

void ViewerSource::start(const ArrivalBatch& arrivals, std::uint64_t key) {
  Xoshiro bits(key);
  for (const Ticks at : arrivals.at) {
    // Each viewer takes the same number of draws, whatever becomes of it.
    const std::uint64_t own = bits.next();
    const std::uint64_t calls = bits.next();
    const ViewerHandle viewer = stores_ ? enter() : kNoViewer;
    ++started_;
    if (stores_ && viewer == kNoViewer) {
      ++turned_away_;
      continue;
    }
    ++present_;
    push_calls(at, options_.start_calls, Event::kStart, Event::kStart, viewer, calls);
    if (options_.heartbeat) push(at + 1 + within(low_half(own), *options_.heartbeat), Event::kHeartbeat, viewer);
    if (options_.session_mean > 0) {
      const double length = std::min(session_(high_half(own)), static_cast<double>(kNever));
      push(at + std::max<Ticks>(1, static_cast<Ticks>(length)), Event::kEnd, viewer);
    }
  }
}

void ViewerSource::push_calls(Ticks at, std::uint32_t calls, Event first, Event others, ViewerHandle viewer,
                              std::uint64_t key) {
  push(at, first, viewer);
  std::uint64_t bits = 0;
  for (std::uint32_t i = 1; i < calls; ++i) {
    bits = i % 2 == 1 ? mix64(key += 0x9e3779b97f4a7c15ULL) : bits >> 32;
    push(at + within(low_half(bits), options_.start_spread), others, viewer);
  }
}

void ViewerSource::push(Ticks at, Event event, ViewerHandle viewer) {
  if (at >= kNever) return;
  SliceWheel& wheel = event == Event::kHeartbeat ? heartbeats_ : others_;
  std::int64_t slice = step_of(at, kSlice);
  auto offset = static_cast<std::uint64_t>(at - slice * kSlice);
  if (slice < wheel.next()) {
    slice = wheel.next();
    offset = 0;
  }
  if (viewer != kNoViewer) ++slots_[slot_of(viewer)].records;
  wheel.push(slice, offset << kOffsetShift | static_cast<std::uint64_t>(event) << kEventShift | viewer);
}

void ViewerSource::begin_waves(std::int64_t slice) {
  std::uint64_t number = 0;
  for (const bool exit : {false, true}) {
    for (const ViewerOptions::Wave& wave : exit ? options_.exits : options_.reloads) {
      ++number;
      if (step_of(wave.at, kSlice) == slice) draw_wave(wave, mix64(key_ + number), exit);
    }
  }
}

void ViewerSource::draw_wave(const ViewerOptions::Wave& wave, std::uint64_t key, bool exit) {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (!is_present(slot)) continue;
    const std::uint64_t draw = mix64(slots_[slot].key ^ key);
    if (unit(draw) >= wave.share) continue;
    const std::uint64_t rest = mix64(draw ^ key);
    const Ticks at = wave.at + within(low_half(rest), wave.within);
    const ViewerHandle viewer = slot | static_cast<std::uint32_t>(slots_[slot].generation) << kSlotBits;
    if (!exit) {
      const std::uint32_t calls = wave.calls > 0 ? wave.calls : options_.start_calls;
      push_calls(at, calls, Event::kReload, Event::kReload, viewer, rest);
    } else if (slots_[slot].exit_calls == 0) {
      slots_[slot].exit_calls = static_cast<std::uint8_t>(wave.calls);
      push(at, wave.calls > 0 ? Event::kLeaveAndCall : Event::kEnd, viewer);
    }
  }
}

void ViewerSource::take_heartbeats(std::int64_t slice) {
  constexpr std::uint64_t kBelowOffset = (std::uint64_t{1} << kOffsetShift) - 1;
  heartbeats_.take(due_);
  calls_.resize(due_.size());
  std::size_t n = 0;
  for (const std::uint64_t record : due_) {
    const std::uint32_t slot = slot_of(static_cast<ViewerHandle>(record));
    if (!is_present(slot)) {
      __builtin_prefetch(&slots_[slot], 1);
      gone_.push_back(slot);
      continue;
    }
    calls_[n++] = record;
    // The same record again, one period later; it stays counted.
    const std::uint64_t later = static_cast<std::uint64_t>(offset_of(record)) + heartbeat_rest_;
    const bool over = later >= kSlice;
    const std::uint64_t offset = later - (over ? static_cast<std::uint64_t>(kSlice) : 0);
    heartbeats_.push(slice + heartbeat_slices_ + int{over}, (record & kBelowOffset) | offset << kOffsetShift);
  }
  calls_.resize(n);
  for (const std::uint32_t slot : gone_) {
    if (--slots_[slot].records == 0) free_.push_back(slot);
  }
  gone_.clear();
}

void ViewerSource::take_others(std::int64_t slice) {
  constexpr std::size_t kAhead = 8;
  others_.take(due_);
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (stores_ && i + kAhead < due_.size()) {
      __builtin_prefetch(&slots_[slot_of(static_cast<ViewerHandle>(due_[i + kAhead]))], 1);
    }
    const std::uint64_t record = due_[i];
    const auto viewer = static_cast<ViewerHandle>(record);
    const auto event = static_cast<Event>((record >> kEventShift) & 63);
    if (viewer == kNoViewer) {
      calls_.push_back(record);
      continue;
    }
    const std::uint32_t slot = slot_of(viewer);
    const bool present = is_present(slot);
    if (--slots_[slot].records == 0 && !present) free_.push_back(slot);
    if (event == Event::kExitCall) calls_.push_back(record);
    if (event == Event::kExitCall || !present) continue;
    if (event != Event::kEnd) calls_.push_back(record);
    if (event == Event::kEnd || event == Event::kLeaveAndCall) going_.push_back(slot);
    if (event == Event::kReaction) slots_[slot].reacting = false;
    if (event == Event::kLeaveAndCall) make_exit_calls(slice, record);
  }
}

// All but the first.
void ViewerSource::make_exit_calls(std::int64_t slice, std::uint64_t record) {
  const auto viewer = static_cast<ViewerHandle>(record);
  const Ticks at = slice * kSlice + offset_of(record);
  const Slot& slot = slots_[slot_of(viewer)];
  Xoshiro bits(mix64(slot.key ^ static_cast<std::uint64_t>(at)));
  for (std::uint32_t i = 1; i < slot.exit_calls; ++i) {
    const Ticks call = at + within(low_half(bits.next()), options_.start_spread);
    if (call < (slice + 1) * kSlice) {
      const auto offset = static_cast<std::uint64_t>(call - slice * kSlice);
      calls_.push_back(offset << kOffsetShift | static_cast<std::uint64_t>(Event::kExitCall) << kEventShift | viewer);
    } else {
      push(call, Event::kExitCall, viewer);
    }
  }
}

void ViewerSource::go(std::uint32_t slot) {
  if (!is_present(slot)) return;
  present_bits_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  --present_;
  if (slots_[slot].reloads > 0) --recovering_;
  if (slots_[slot].records == 0) free_.push_back(slot);
}

ViewerHandle ViewerSource::enter() {
  std::uint32_t slot = 0;
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
    slots_[slot].generation = static_cast<std::uint8_t>((slots_[slot].generation + 1U) % kGenerations);
  } else {
    if (slots_.size() == kMostViewers) return kNoViewer;
    slot = static_cast<std::uint32_t>(slots_.size());
    if (slot % 64 == 0) present_bits_.push_back(0);
    slots_.emplace_back();
  }
  present_bits_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  // The key by the number of the session, not of the slot: which slots are free depends on reactions.
  slots_[slot] = {.key = mix64(key_ ^ mix64(started_)), .generation = slots_[slot].generation};
  return slot | static_cast<std::uint32_t>(slots_[slot].generation) << kSlotBits;
}

bool ViewerSource::knows(ViewerHandle viewer) const {
  if (viewer == kNoViewer) return false;
  const std::uint32_t slot = slot_of(viewer);
  CHECK(slot < slots_.size(), "the handle came from this source");
  return is_present(slot) && slots_[slot].generation == viewer >> kSlotBits;
}

void ViewerSource::answered_badly(Ticks known, ViewerCall kind, ViewerHandle viewer) {
  if (!options_.reaction || !knows(viewer)) return;
  const std::uint32_t slot = slot_of(viewer);
  const ViewerOptions::Reaction& reaction = *options_.reaction;
  slots_[slot].good = 0;
  if (slots_[slot].reacting) return;
  std::uint64_t draw =
      mix64(slots_[slot].key ^ mix64(static_cast<std::uint64_t>(known) * 4 + static_cast<std::uint64_t>(kind)));
  if (unit(draw) >= reaction.probability) return;
  if (slots_[slot].reloads >= reaction.max_reloads) {
    if (!reaction.leaves) return;
    slots_[slot].reacting = true;
    ++reaction_exits_;
    push(known, Event::kEnd, viewer);
    return;
  }
  slots_[slot].reacting = true;
  if (slots_[slot].reloads++ == 0) ++recovering_;
  ++reaction_reloads_;
  draw = mix64(draw);
  const Ticks at = known + reaction.after + within(low_half(draw), reaction.within);
  push_calls(at, options_.start_calls, Event::kReaction, Event::kReload, viewer, draw);
}

void ViewerSource::count_good(ViewerHandle viewer) {
  if (!knows(viewer)) return;
  const std::uint32_t slot = slot_of(viewer);
  if (slots_[slot].reloads == 0 || slots_[slot].reacting) return;
  if (++slots_[slot].good < options_.start_calls) return;
  slots_[slot].good = 0;
  slots_[slot].reloads = 0;
  --recovering_;
}

std::uint64_t ViewerSource::memory() const {
  return heartbeats_.memory() + others_.memory() + present_bits_.capacity() * sizeof(std::uint64_t) +
         slots_.capacity() * sizeof(Slot) + free_.capacity() * sizeof(std::uint32_t) +
         (due_.capacity() + calls_.capacity() + scratch_.capacity()) * sizeof(std::uint64_t);
}

}  // namespace sim
