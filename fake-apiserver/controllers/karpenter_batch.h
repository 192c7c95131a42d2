// Which nodes Karpenter launches for a batch of pods: what fits neither on what there is nor on what is on its way goes
// on new nodes, each of the cheapest type that takes all its pods.
//
// Not thread-safe; made for one batch, valid until anything in the cluster changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/controllers/cluster_options.h"
#include "fake-apiserver/controllers/daemon_pods.h"
#include "fake-apiserver/controllers/planned_room.h"

namespace fakeapi {

// Of every node that Karpenter launched.
inline constexpr const char* kKarpenterPoolLabel = "karpenter.sh/nodepool";

// A node that is asked for.
struct NodeClaim {
  std::size_t type = 0;  // one of KarpenterOptions::types
  std::string zone;      // empty: none
};

// The object of the n-th node.
Json karpenter_node(const InstanceType& type, std::uint64_t number, const std::string& zone, base::Time now);

class KarpenterBatch {
 public:
  // The next node to launch has the number `next`; at most `most` may be.
  KarpenterBatch(const KarpenterOptions& options, const NodeTable& nodes, const PodCache& pods, const PodCounts& counts,
                 std::uint64_t next, int most, base::Time now);

  // A node on its way. REQUIRES: no pod has been placed.
  void expect(std::uint64_t number, const NodeClaim& claim);
  void place(const Pod& pod);

  std::vector<NodeClaim> claims() const;

 private:
  struct Draft {
    NodeClaim claim;
    std::vector<Node> as_type;     // as it would be, by type
    const Node* shadow = nullptr;  // what the rules know of it, once it is wanted
  };

  // The cheapest type of the draft that takes such a pod beside the others; nullopt if none does.
  std::optional<std::size_t> type_for(const Draft& draft, const PlannedRoom::Kind& kind) const;
  void put(const Pod& pod, Draft& draft, std::size_t type);
  Draft make_draft(const std::string& zone) const;
  Node as_planned(Json object) const;
  // Those that may come next, by preference: the zones take turns.
  std::vector<Draft>& next_drafts();

  const KarpenterOptions& options_;
  const std::uint64_t next_;
  const int most_;
  const base::Time now_;
  const PlannedDaemons daemons_;
  PlannedRoom room_;
  std::vector<Draft> drafts_;
  std::vector<Draft> next_drafts_;  // made when first wanted
};

}  // namespace fakeapi
