#include "fake-apiserver/controllers/tolerations.h"

#include <algorithm>

#include "fake-apiserver/controllers/object_fields.h"

namespace fakeapi {

bool tolerates(const Json& toleration, const Taint& taint) {
  const std::string effect = text_at(toleration, {"effect"});
  if (!effect.empty() && effect != taint.effect) return false;
  const std::string key = text_at(toleration, {"key"});
  const bool exists = text_or(toleration, {"operator"}, "Equal") == "Exists";
  if (key.empty()) return exists;
  return key == taint.key && (exists || text_at(toleration, {"value"}) == taint.value);
}

bool any_tolerates(const Json* tolerations, const Taint& taint) {
  if (!tolerations || !tolerations->is_array()) return false;
  return std::any_of(tolerations->begin(), tolerations->end(),
                     [&](const Json& toleration) { return tolerates(toleration, taint); });
}

}  // namespace fakeapi
