// Turns ViewerOptions into requests, a slice at a time: who comes, calls, sends heartbeats, reloads and leaves.
//
// Everything but the reactions to bad answers is drawn by slice and by the viewer's number, so it is the same under
// every policy. A viewer leaves at the end of the slice in which it goes, and makes no more calls then but those of
// its exit. Not thread-safe; owned by one engine.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "sim/traffic/arrival_process.h"
#include "sim/traffic/quantile_table.h"
#include "sim/traffic/slice_wheel.h"
#include "sim/traffic/ticks.h"
#include "sim/traffic/viewers.h"

namespace sim {

enum class ViewerCall : std::uint8_t { kStart, kHeartbeat, kReload, kExit };

// A viewer's number while it is there, with a few bits that tell it from the one that had the number before.
using ViewerHandle = std::uint32_t;
inline constexpr ViewerHandle kNoViewer = ~ViewerHandle{0};  // nothing that concerns this one makes a difference
inline constexpr std::uint64_t kMostViewers = std::uint64_t{1} << 26;
inline constexpr double kMostStarts = 1e7;       // sessions per second
inline constexpr std::uint32_t kMostCalls = 64;  // at a start, a reload or an exit

// The calls of one slice in order of time, as a structure of arrays.
struct ViewerBatch {
  std::vector<Ticks> at;
  std::vector<ViewerCall> kind;
  std::vector<ViewerHandle> viewer;

  std::size_t size() const { return at.size(); }
  void resize(std::size_t n) {
    at.resize(n);
    kind.resize(n);
    viewer.resize(n);
  }
};

// kInvalid for what a ViewerSource cannot be made of: negative times, shares outside [0, 1], a heartbeat faster than a
// slice, more than kMostCalls, a rate over kMostStarts.
base::Result<> check_viewers(const ViewerOptions& options);

class ViewerSource {
 public:
  // REQUIRES: check_viewers(options).
  ViewerSource(ViewerOptions options, const base::Random& stream);
  // Its arrivals refer to it.
  ViewerSource(const ViewerSource&) = delete;
  ViewerSource& operator=(const ViewerSource&) = delete;

  // Replaces `batch` by the calls of [slice*kSlice, (slice+1)*kSlice). REQUIRES: slices one after the other, the first
  // one any; waves before the first do not happen, and nobody is there before it.
  void generate(std::int64_t slice, ViewerBatch& batch);

  // Feedback. `known` is when the viewer sees the failure, or loses its patience with a slow answer (`slower_than`
  // after the call). A reaction that would fall into a slice that was generated goes to the start of the next.
  // Further bad answers of a viewer that is about to reload, or is gone, change nothing.
  void answered_badly(Ticks known, ViewerCall kind, ViewerHandle viewer);
  // A quick answer. As many of them in a row as a start has calls end a row of reloads.
  void answered_well(ViewerHandle viewer) {
    if (recovering_ > 0) count_good(viewer);
  }
  // Whether answers make any difference; without a reaction the engine need not report them.
  bool reacts() const { return options_.reaction.has_value(); }

  // Viewers there at the end of the last slice generated.
  std::uint64_t present() const { return present_; }
  std::uint64_t started() const { return started_; }
  // Sessions that did not come to be because kMostViewers were there.
  std::uint64_t turned_away() const { return turned_away_; }
  // Reloads and departures caused by bad answers.
  std::uint64_t reaction_reloads() const { return reaction_reloads_; }
  std::uint64_t reaction_exits() const { return reaction_exits_; }
  // Bytes held for viewers and their calls to come.
  std::uint64_t memory() const;

  std::uint32_t entry_of(ViewerCall kind) const {
    return kind == ViewerCall::kHeartbeat ? options_.heartbeat_entry
           : kind == ViewerCall::kExit    ? options_.exit_entry
                                          : options_.start_entry;
  }
  const ViewerOptions& options() const { return options_; }

 private:
  // What a record of a wheel is about; 6 bits of it. At the same tick in this order.
  enum class Event : std::uint8_t { kEnd, kLeaveAndCall, kExitCall, kStart, kHeartbeat, kReload, kReaction };

  void start(const ArrivalBatch& arrivals, std::uint64_t key);
  void begin_waves(std::int64_t slice);
  void draw_wave(const ViewerOptions::Wave& wave, std::uint64_t key, bool exit);
  void take_heartbeats(std::int64_t slice);
  void take_others(std::int64_t slice);
  void make_exit_calls(std::int64_t slice, std::uint64_t record);
  void go(std::uint32_t slot);

  void push(Ticks at, Event event, ViewerHandle viewer);
  void push_calls(Ticks at, std::uint32_t calls, Event first, Event others, ViewerHandle viewer, std::uint64_t key);
  bool is_present(std::uint32_t slot) const { return ((present_bits_[slot / 64] >> (slot % 64)) & 1) != 0; }
  ViewerHandle enter();
  bool knows(ViewerHandle viewer) const;
  void count_good(ViewerHandle viewer);

  const ViewerOptions options_;
  const std::uint64_t key_;  // of the viewers' own draws
  base::Random slices_;
  QuantileTable nothing_ = QuantileTable::constant(1.0);
  QuantileTable session_;  // ticks
  ArrivalProcess starts_;
  const bool stores_;  // whether anything happens to a viewer after its first calls
  const std::int64_t heartbeat_slices_;
  const std::uint32_t heartbeat_rest_;  // ticks

  bool begun_ = false;
  SliceWheel heartbeats_;  // one record for each viewer; apart from the others, so that their path has no branches
  SliceWheel others_;
  ArrivalBatch arrivals_;
  std::vector<std::uint64_t> due_;
  std::vector<std::uint64_t> calls_;  // of the slice
  std::vector<std::uint32_t> gone_;   // slots of viewers whose heartbeats end in the slice
  std::vector<std::uint32_t> going_;  // slots of viewers that leave in the slice
  std::vector<std::uint64_t> scratch_;

  // By slot. Who is there, a bit each, apart from the rest: the path of a heartbeat reads nothing else.
  struct Slot {
    std::uint64_t key = 0;        // of the viewer's draws
    std::uint16_t records = 0;    // in the wheel
    std::uint8_t generation = 0;  // how often the slot was used before, modulo kGenerations
    std::uint8_t reloads = 0;     // in a row, because of bad answers
    std::uint8_t good = 0;        // good answers in a row, while `reloads` is not 0
    std::uint8_t exit_calls = 0;  // drawn by an exit wave, with so many calls
    bool reacting = false;        // a reload or departure because of a bad answer is under way
  };
  std::vector<std::uint64_t> present_bits_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;  // the last one out is the next one in: it is still in the cache

  std::uint64_t recovering_ = 0;  // viewers whose reloads_ is not 0
  std::uint64_t present_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t turned_away_ = 0;
  std::uint64_t reaction_reloads_ = 0;
  std::uint64_t reaction_exits_ = 0;
};

}  // namespace sim
