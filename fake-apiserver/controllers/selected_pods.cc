#include "fake-apiserver/controllers/selected_pods.h"

#include <utility>

namespace fakeapi {

void SelectedPods::watch(const ObjectName& name, Selects selects) {
  Selector& selector = selectors_[name] = Selector{std::move(selects)};
  const auto& all = pods_.all();
  for (auto at = all.lower_bound(ObjectName{name.ns, ""}); at != all.end() && at->first.ns == name.ns; ++at) {
    if (selector.selects(at->second)) selector.pods.emplace_hint(selector.pods.end(), at->first, &at->second);
  }
}

void SelectedPods::on_pod(const Pod* before, const Pod* after,
                          const std::function<void(const ObjectName&)>& concerned) {
  const ObjectName& pod = after ? after->name : before->name;
  for (auto at = selectors_.lower_bound(ObjectName{pod.ns, ""}); at != selectors_.end() && at->first.ns == pod.ns;
       ++at) {
    Selector& selector = at->second;
    const bool selected = after && selector.selects(*after);
    const bool changed = selected ? selector.pods.insert_or_assign(pod, after).second : selector.pods.erase(pod) > 0;
    if (changed || selected) concerned(at->first);
  }
}

const SelectedPods::ByName& SelectedPods::of(const ObjectName& name) const {
  static const ByName kNone;
  const auto found = selectors_.find(name);
  return found == selectors_.end() ? kNone : found->second.pods;
}

}  // namespace fakeapi
