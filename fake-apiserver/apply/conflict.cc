#include "fake-apiserver/apply/conflict.h"

#include <algorithm>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

StatusError apply_conflict(const Managers& conflicts) {
  Managers sorted = conflicts;
  std::sort(sorted.begin(), sorted.end(), [](const Manager& a, const Manager& b) { return a.text() < b.text(); });
  Json causes = Json::array();
  std::string list;
  for (const Manager& manager : sorted) {
    list += (list.empty() ? "" : "\n") + std::string("conflicts with ") + manager.text() + ":";
    for (const std::string& path : manager.fields.paths()) {
      causes.push_back(
          {{"reason", "FieldManagerConflict"}, {"message", "conflict with " + manager.text()}, {"field", path}});
      list += "\n- " + path;
    }
  }
  StatusError error;
  error.code = 409;
  error.reason = "Conflict";
  if (causes.size() == 1) {
    error.message =
        "Apply failed with 1 conflict: " + text_at(causes[0], {"message"}) + ": " + text_at(causes[0], {"field"});
  } else {
    error.message = "Apply failed with " + std::to_string(causes.size()) + " conflicts: " + list;
  }
  error.details = {{"causes", std::move(causes)}};
  return error;
}

StatusError not_typed(const Json& configuration, const std::vector<std::string>& problems) {
  StatusError error;
  error.code = 500;
  error.message = "failed to create typed patch object (" + text_at(configuration, {"metadata", "namespace"}) + "/" +
                  text_at(configuration, {"metadata", "name"}) + "; " + text_at(configuration, {"apiVersion"}) +
                  ", Kind=" + text_at(configuration, {"kind"}) + "): ";
  if (problems.size() > 1) error.message += "errors:";
  for (const std::string& problem : problems) error.message += (problems.size() > 1 ? "\n  " : "") + problem;
  return error;
}

}  // namespace fakeapi
