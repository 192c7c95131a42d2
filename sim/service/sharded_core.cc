#include "sim/service/sharded_core.h"

#include <algorithm>

namespace sim {

ShardedCore::Share::Share(const CoreContext& context, std::int64_t first_second, std::int64_t measured_second,
                          Make make)
    : recorder(context.options.slo, first_second, measured_second, Recorder::Use::kShare),
      core(make({context.options, context.demand, recorder, context.stream, context.measured, context.vector})) {}

ShardedCore::ShardedCore(const CoreContext& context, std::uint32_t shares, std::int64_t first_second,
                         std::int64_t measured_second, Make make)
    : recorder_(context.recorder) {
  for (std::uint32_t i = 0; i < shares; ++i) {
    shares_.push_back(std::make_unique<Share>(context, first_second, measured_second, make));
    recorder_.include(shares_.back()->recorder);
  }
}

void ShardedCore::add(std::uint32_t slot, Ticks at) {
  share_of(slot).core->add(slot / size(), at);
  pods_.push_back(slot);
  deal_turns(shares_.front()->next);
}

void ShardedCore::remove(std::uint32_t slot, Ticks at) {
  share_of(slot).core->remove(slot / size(), at);
  const auto found = std::find(pods_.begin(), pods_.end(), slot);
  const auto index = static_cast<std::size_t>(found - pods_.begin());
  pods_.erase(found);
  std::size_t next = shares_.front()->next;
  if (index < next) --next;
  deal_turns(next == pods_.size() ? 0 : next);
}

void ShardedCore::deal_turns(std::size_t next) {
  for (const auto& share : shares_) {
    share->turns.clear();
    share->next = next;
  }
  for (std::size_t turn = 0; turn < pods_.size(); ++turn) {
    share_of(pods_[turn]).turns.push_back(static_cast<std::uint32_t>(turn));
  }
  for (const auto& share : shares_) {
    const auto& turns = share->turns;
    share->core->go_to_turn(
        static_cast<std::size_t>(std::lower_bound(turns.begin(), turns.end(), next) - turns.begin()));
  }
}

void ShardedCore::run(const ArrivalBatch& batch, std::size_t begin, std::size_t end, Window& window) {
  for (std::uint32_t share = 0; share < size(); ++share) run_share(share, batch, begin, end, window.second);
}

void ShardedCore::run_share(std::uint32_t index, const ArrivalBatch& batch, std::size_t begin, std::size_t end,
                            std::int64_t second) {
  Share& share = *shares_[index];
  Window& window = share.recorder.window(second);
  if (pods_.empty()) {
    if (index == 0) share.core->run(batch, begin, end, window);
    return;
  }
  const std::size_t n = pods_.size();
  const std::size_t requests = end - begin;
  const std::size_t first_turn = share.next;
  share.next = (first_turn + requests) % n;
  if (share.turns.empty()) return;

  share.batch.at.resize(requests);
  share.batch.demand.resize(requests);
  const Ticks* const at = batch.at.data() + begin;
  const Ticks* const demand = batch.demand.data() + begin;
  Ticks* const own_at = share.batch.at.data();
  Ticks* const own_demand = share.batch.demand.data();
  std::size_t count = 0;
  auto turn = std::lower_bound(share.turns.begin(), share.turns.end(), first_turn);
  // Request i has the turn `first_turn + i` modulo n.
  for (std::size_t round = 0;; round += n) {
    for (; turn != share.turns.end(); ++turn) {
      const std::size_t i = round + *turn - first_turn;
      if (i >= requests) {
        share.core->run(share.batch, 0, count, window);
        return;
      }
      own_at[count] = at[i];
      own_demand[count++] = demand[i];
    }
    turn = share.turns.begin();
  }
}

void ShardedCore::settle(Ticks until) {
  for (std::uint32_t share = 0; share < size(); ++share) settle_share(share, until);
}
void ShardedCore::settle_share(std::uint32_t share, Ticks until) { shares_[share]->core->settle(until); }

WideCount ShardedCore::held_time() const {
  WideCount sum = 0;
  for (const auto& share : shares_) sum += share->core->held_time();
  return sum;
}

void ShardedCore::seal_before(std::int64_t second) {
  for (std::uint32_t share = 0; share < size(); ++share) seal_share(share, second);
  recorder_.add_up();
}

}  // namespace sim
