#include "fake-apiserver/api/eviction.h"

#include "fake-apiserver/api/disruption_budgets.h"
#include "fake-apiserver/api/object_body.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

ApiResult<http::Reply> Evictor::evict(const ApiRequest& request, const Json& eviction) {
  const std::string name = text_at(eviction, {"metadata", "name"});
  if (!name.empty() && name != request.name) {
    return bad_request("name in URL does not match name in Eviction object: " + request.name + " != " + name);
  }
  const auto options = Deleter::options_of(request, at_path(eviction, {"deleteOptions"}));
  if (!options) return options.error();
  const ObjectPtr pod = store_.find(request.info->resource, request.object_name());
  if (!pod) return not_found(request.info->resource, request.name);
  // A budget is not asked, and not charged, for a deletion that could not be.
  Deleter::Options rehearsal = *options;
  rehearsal.dry_run = true;
  const auto possible = deleter_.remove_object(*request.info, request.object_name(), rehearsal);
  if (!possible) return possible.error();
  if (auto taken = take_disruption(store_, *pod, options->dry_run); !taken) return taken.error();
  const auto removed = deleter_.remove_object(*request.info, request.object_name(), *options);
  if (!removed) return removed.error();
  return success_reply(201);
}

}  // namespace fakeapi
