// Round robin over several cores, each with a share of the pods: whose turn it is follows from the number of the
// request alone, so the shares can be served at the same time. Without retries, which depend on all pods.
//
// Results are those of one core: outcomes are counted apart and added up when a second is closed. run_share() may be
// called at the same time for different shares; everything else belongs to the engine's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/service/core.h"

namespace sim {

class ShardedCore final : public Core {
 public:
  // `make` is called once a share, with a context of its own recorder.
  using Make = std::unique_ptr<Core> (*)(const CoreContext& context);
  ShardedCore(const CoreContext& context, std::uint32_t shares, std::int64_t first_second, std::int64_t measured_second,
              Make make);

  void add(std::uint32_t slot, Ticks at) override;
  void remove(std::uint32_t slot, Ticks at) override;
  void run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) override;
  void settle(Ticks until) override;
  Ticks busy(std::uint32_t slot, Ticks t) override { return share_of(slot).core->busy(slot / size(), t); }
  std::optional<Ticks> wait_of_probe(std::uint32_t slot, Ticks t) override {
    return share_of(slot).core->wait_of_probe(slot / size(), t);
  }
  PodCounters counters(std::uint32_t slot) const override {
    return shares_[slot % size()]->core->counters(slot / size());
  }
  std::uint32_t held_by(std::uint32_t slot, Ticks t) override { return share_of(slot).core->held_by(slot / size(), t); }
  WideCount held_time() const override;
  void seal_before(std::int64_t second) override;

  std::uint32_t size() const { return static_cast<std::uint32_t>(shares_.size()); }
  // The share's part of run() and, if `settles`, of settle(stop) and seal_before() of the second that begins there.
  void run_share(std::uint32_t share, const ArrivalBatch& batch, std::size_t begin, std::size_t end,
                 std::int64_t second);
  void settle_share(std::uint32_t share, Ticks until);
  void seal_share(std::uint32_t share, std::int64_t second) { shares_[share]->recorder.seal_before(second); }

 private:
  struct alignas(64) Share {
    Share(const CoreContext& context, std::int64_t first_second, std::int64_t measured_second, Make make);

    Recorder recorder;
    std::unique_ptr<Core> core;
    std::vector<std::uint32_t> turns;  // of its pods, increasing
    std::size_t next = 0;              // the turn of the next request, of all shares
    ArrivalBatch batch;                // its part
  };

  Share& share_of(std::uint32_t slot) { return *shares_[slot % size()]; }
  // After a change of the pods: whose turn is when.
  void deal_turns(std::size_t next);

  Recorder& recorder_;
  std::vector<std::unique_ptr<Share>> shares_;
  std::vector<std::uint32_t> pods_;  // in the balancer, in order of their turns
};

}  // namespace sim
