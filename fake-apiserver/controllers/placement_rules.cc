#include "fake-apiserver/controllers/placement_rules.h"

#include <algorithm>
#include <utility>

#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/placement.h"

namespace fakeapi {
namespace {

// Null if the node is in no domain of this kind.
const std::string* domain_of(const Node& node, const std::string& topology_key) {
  const Json* value = field_at(*node.object, {"metadata", "labels", topology_key});
  return value ? value->get_ptr<const std::string*>() : nullptr;
}

std::int64_t count_in(const std::map<std::string, std::int64_t>& counts, const std::string* domain) {
  if (!domain) return 0;
  const auto found = counts.find(*domain);
  return found == counts.end() ? 0 : found->second;
}

void add_pods(std::map<std::string, std::int64_t>& counts, const std::string* domain, std::int64_t more) {
  if (!domain) return;
  const auto at = counts.try_emplace(*domain, 0).first;
  if ((at->second += more) == 0) counts.erase(at);
}

// Raw scores from 0 to 100; the most is 100, or the least if `reversed`.
void normalise(std::vector<std::int64_t>& raw, bool reversed) {
  if (raw.empty()) return;
  const std::int64_t most = *std::max_element(raw.begin(), raw.end());
  for (std::int64_t& score : raw) {
    if (most <= 0) {
      score = reversed ? 100 : 0;
    } else {
      score = reversed ? 100 - 100 * score / most : 100 * score / most;
    }
  }
}

void add_weighted(std::vector<std::int64_t>& sum, const std::vector<std::int64_t>& scores, std::int64_t weight) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * scores[i];
}

}  // namespace

bool PlacementRules::concern(const PlacementRequest& request, const PodCounts& counts) {
  return request.constraints || !counts.anti_affinities().empty();
}

PlacementRules::PlacementRules(const PlacementRequest& request, const std::map<std::string, Node>& nodes,
                               const PodCache& pods, const PodCounts& counts)
    : request_(request), nodes_(nodes), pods_(pods), counts_(counts) {
  for (const auto& [id, demand] : counts.anti_affinities()) {
    if (!demand.term.pods.selects(request.name, request.labels)) continue;
    forbidden_.push_back(Term{demand.term.topology_key, by_domain(demand.by_node, demand.term.topology_key), id});
  }
  if (!request.constraints) return;
  const auto read = [&](const std::vector<PodTerm>& wanted, std::vector<Term>& terms) {
    for (const PodTerm& term : wanted) {
      const PodCounts::ByNode& there = counts.of(term.pods, PodCounts::Leaving::kCounted);
      terms.push_back(Term{term.topology_key, by_domain(there, term.topology_key)});
    }
  };
  read(request.constraints->affinity, affinity_);
  read(request.constraints->anti_affinity, anti_affinity_);
  read(request.constraints->preferred_pods, preferred_);
  for (const SpreadConstraint& constraint : request.constraints->spread) read_spread(constraint);
}

PlacementRules::ByDomain PlacementRules::by_domain(const PodCounts::ByNode& counts,
                                                   const std::string& topology_key) const {
  ByDomain domains;
  for (const auto& [name, count] : counts) {
    const auto node = nodes_.find(name);
    if (node != nodes_.end()) add_pods(domains, domain_of(node->second, topology_key), count);
  }
  return domains;
}

// Domains are those of the nodes that the pod may go to by its selector and node affinity.
void PlacementRules::read_spread(const SpreadConstraint& constraint) {
  Spread spread{.constraint = &constraint, .pods = {}, .domains_with = {}, .counts_itself = false};
  const PodCounts::ByNode& there = counts_.of(constraint.pods, PodCounts::Leaving::kIgnored);
  for (const auto& [name, node] : nodes_) {
    const std::string* domain = domain_of(node, constraint.topology_key);
    if (!domain || !is_wanted_node(request_, node)) continue;
    const auto count = there.find(name);
    spread.pods[*domain] += count == there.end() ? 0 : count->second;
  }
  for (const auto& [domain, pods] : spread.pods) ++spread.domains_with[pods];
  spread.counts_itself = constraint.pods.selects(request_.name, request_.labels);
  spread_.push_back(std::move(spread));
}

// Too few domains count as if there were one more, without pods.
std::int64_t PlacementRules::Spread::least() const {
  const bool enough = static_cast<std::int64_t>(pods.size()) >= constraint->min_domains;
  return enough && !domains_with.empty() ? domains_with.begin()->first : 0;
}

void PlacementRules::Spread::add(const std::string& domain, std::int64_t pods_more) {
  const auto [at, added] = pods.try_emplace(domain, 0);
  if (!added) {
    const auto with = domains_with.find(at->second);
    if (--with->second == 0) domains_with.erase(with);
  }
  at->second += pods_more;
  ++domains_with[at->second];
}

void PlacementRules::add_node(const Node& node) {
  for (Spread& spread : spread_) {
    const std::string* domain = domain_of(node, spread.constraint->topology_key);
    if (domain && is_wanted_node(request_, node)) spread.add(*domain, 0);
  }
}

void PlacementRules::change(const Pod& pod, const Node& node, int sign) {
  change_demands(pod, node, sign);
  if (!request_.constraints) return;
  change_terms(pod, node, sign);
  if (pod.active()) change_spread(pod, node, sign);
  if (!request_.constraints->ports.empty()) change_ports(pod, node, sign);
}

void PlacementRules::change_terms(const Pod& pod, const Node& node, int sign) {
  const auto count = [&](const std::vector<PodTerm>& wanted, std::vector<Term>& terms, std::size_t i) {
    if (!wanted[i].pods.selects(pod.name, pod.labels)) return;
    add_pods(terms[i].pods, domain_of(node, terms[i].topology_key), sign);
  };
  const PodConstraints& constraints = *request_.constraints;
  for (std::size_t i = 0; i < affinity_.size(); ++i) count(constraints.affinity, affinity_, i);
  for (std::size_t i = 0; i < anti_affinity_.size(); ++i) count(constraints.anti_affinity, anti_affinity_, i);
  for (std::size_t i = 0; i < preferred_.size(); ++i) count(constraints.preferred_pods, preferred_, i);
}

void PlacementRules::change_demands(const Pod& pod, const Node& node, int sign) {
  if (!field_at(*pod.object, {"spec", "affinity", "podAntiAffinity"})) return;
  for (const PodTerm& term : required_anti_affinity(pod, &counts_.store())) {
    if (!term.pods.selects(request_.name, request_.labels)) continue;
    const std::string id = PodCounts::id_of(term);
    auto known = std::find_if(forbidden_.begin(), forbidden_.end(), [&](const Term& t) { return t.id == id; });
    if (known == forbidden_.end()) known = forbidden_.insert(known, Term{term.topology_key, {}, id});
    add_pods(known->pods, domain_of(node, term.topology_key), sign);
  }
}

void PlacementRules::change_spread(const Pod& pod, const Node& node, int sign) {
  for (Spread& spread : spread_) {
    const std::string* domain = domain_of(node, spread.constraint->topology_key);
    if (!domain || !spread.constraint->pods.selects(pod.name, pod.labels) || !is_wanted_node(request_, node)) continue;
    spread.add(*domain, sign);
  }
}

void PlacementRules::change_ports(const Pod& pod, const Node& node, int sign) {
  if (pod.node == node.name) {
    if (sign < 0) {
      taken_off_.insert(&pod);
    } else {
      taken_off_.erase(&pod);
    }
    return;
  }
  std::vector<const Pod*>& there = put_on_[node.name];
  if (sign > 0) {
    there.push_back(&pod);
  } else {
    std::erase(there, &pod);
  }
}

bool PlacementRules::only_tighten() const {
  return affinity_.empty() &&
         std::none_of(spread_.begin(), spread_.end(), [](const Spread& spread) { return spread.constraint->required; });
}

bool PlacementRules::takes_wanted_port(const Pod& pod) const {
  const std::vector<HostPort> taken = host_ports(*pod.object);
  return std::any_of(taken.begin(), taken.end(), [&](const HostPort& port) {
    const auto& wanted = request_.constraints->ports;
    return std::any_of(wanted.begin(), wanted.end(), [&](const HostPort& other) { return clash(other, port); });
  });
}

std::string PlacementRules::first_refusal(const Node& node) const {
  if (!request_.constraints || request_.constraints->ports.empty()) return "";
  const auto refuses = [&](const Pod* pod) {
    return !pod->finished() && !taken_off_.contains(pod) && takes_wanted_port(*pod);
  };
  const auto there = pods_.of_node(node.name);
  bool taken = std::any_of(there.begin(), there.end(), refuses);
  if (const auto more = put_on_.find(node.name); !taken && more != put_on_.end()) {
    taken =
        std::any_of(more->second.begin(), more->second.end(), [&](const Pod* pod) { return takes_wanted_port(*pod); });
  }
  return taken ? "node(s) didn't have free ports for the requested pod ports" : "";
}

std::string PlacementRules::last_refusal(const Node& node) const {
  std::string why = spread_refusal(node);
  return why.empty() ? affinity_refusal(node) : why;
}

std::string PlacementRules::spread_refusal(const Node& node) const {
  for (const Spread& spread : spread_) {
    if (!spread.constraint->required) continue;
    const std::string* domain = domain_of(node, spread.constraint->topology_key);
    if (!domain) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const std::int64_t then = count_in(spread.pods, domain) + (spread.counts_itself ? 1 : 0);
    if (then - spread.least() > spread.constraint->max_skew) {
      return "node(s) didn't match pod topology spread constraints";
    }
  }
  return "";
}

// The first pod of a group that wants to be together finds none of them anywhere.
bool PlacementRules::may_be_first(const Term& term, const PodTerm& wanted) const {
  return term.pods.empty() && wanted.pods.selects(request_.name, request_.labels);
}

std::string PlacementRules::affinity_refusal(const Node& node) const {
  for (std::size_t i = 0; i < affinity_.size(); ++i) {
    const std::string* domain = domain_of(node, affinity_[i].topology_key);
    if (!domain) return "node(s) didn't match pod affinity rules";
    if (count_in(affinity_[i].pods, domain) > 0) continue;
    if (!may_be_first(affinity_[i], request_.constraints->affinity[i]))
      return "node(s) didn't match pod affinity rules";
  }
  for (const Term& term : anti_affinity_) {
    if (count_in(term.pods, domain_of(node, term.topology_key)) > 0) {
      return "node(s) didn't match pod anti-affinity rules";
    }
  }
  for (const Term& term : forbidden_) {
    if (count_in(term.pods, domain_of(node, term.topology_key)) > 0) {
      return "node(s) didn't satisfy existing pods anti-affinity rules";
    }
  }
  return "";
}

std::int64_t PlacementRules::preference_of_pods(const Node& node) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < preferred_.size(); ++i) {
    sum += request_.constraints->preferred_pods[i].weight *
           count_in(preferred_[i].pods, domain_of(node, preferred_[i].topology_key));
  }
  return sum;
}

std::int64_t PlacementRules::spread_cost(const Node& node) const {
  std::int64_t sum = 0;
  for (const Spread& spread : spread_) {
    if (!spread.constraint->required) sum += count_in(spread.pods, domain_of(node, spread.constraint->topology_key));
  }
  return sum;
}

// Weights of the default profile: 1, PodTopologySpread 2.
std::vector<std::int64_t> PlacementRules::scores(const std::vector<const Node*>& feasible) const {
  std::vector<std::int64_t> sum(feasible.size(), 0);
  if (!request_.constraints) return sum;
  std::vector<std::int64_t> raw(feasible.size(), 0);
  const auto score = [&](auto of, bool reversed, std::int64_t weight) {
    for (std::size_t i = 0; i < feasible.size(); ++i) raw[i] = of(*feasible[i]);
    if (const std::int64_t least = *std::min_element(raw.begin(), raw.end()); least < 0) {
      for (std::int64_t& value : raw) value -= least;
    }
    normalise(raw, reversed);
    add_weighted(sum, raw, weight);
  };
  if (feasible.empty()) return sum;
  if (!request_.constraints->preferred_nodes.empty()) {
    score(
        [&](const Node& node) {
          std::int64_t weight = 0;
          for (const NodeTerm& term : request_.constraints->preferred_nodes) {
            if (is_described(term, *node.object)) weight += term.weight;
          }
          return weight;
        },
        false, 1);
  }
  if (!preferred_.empty()) score([&](const Node& node) { return preference_of_pods(node); }, false, 1);
  if (!spread_.empty()) score([&](const Node& node) { return spread_cost(node); }, true, 2);
  return sum;
}

}  // namespace fakeapi
