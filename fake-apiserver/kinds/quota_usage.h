// What objects use of the quotas of their namespace. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fake-apiserver/kinds/quantity.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

// By the names of quotas: "pods", "requests.cpu", "count/deployments.apps", ...
using QuotaAmounts = std::map<std::string, Quantity>;

QuotaAmounts quota_usage(const Resource& resource, const Json& object);

// "cpu=1,pods=3".
std::string quota_text(const QuotaAmounts& amounts);

QuotaAmounts amounts_of(const Json& quantities);
Json json_of(const QuotaAmounts& amounts);

// Raises, or lowers, the amounts in `sum`, where what is missing is none.
void add_amounts(QuotaAmounts& sum, const QuotaAmounts& more);
void subtract_amounts(QuotaAmounts& sum, const QuotaAmounts& less);
// Those of `amounts` that `limits` speaks of.
QuotaAmounts limited_by(const QuotaAmounts& limits, const QuotaAmounts& amounts);

// Whether the quota is for such objects: its scopes choose among pods, and leave all else out.
bool quota_covers(const Json& quota_spec, const Resource& resource, const Json& object);

// What has to be looked at to know how much of the quota is used.
std::vector<Resource> quota_resources(const Json& quota_spec);

}  // namespace fakeapi
