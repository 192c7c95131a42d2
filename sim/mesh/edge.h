// One way along which attempts are sent: from the clients to the entries, or a call of one service by another.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/mesh/retry_rules.h"
#include "sim/service/system_options.h"

namespace sim {

inline constexpr std::uint16_t kClientEdge = 0;

struct Edge {
  Edge(const ClientOptions& client, std::uint64_t key)
      : timeout(client.timeout.value_or(kNever)), cancels(client.cancels), rules(client, key) {}

  Ticks timeout;
  std::uint16_t deadlines = 0;  // line of the time-outs, if there is one
  bool cancels;
  RetryRules rules;
  Call call;  // of a call
};

}  // namespace sim
