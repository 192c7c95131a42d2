// Types and documents that the tests of this folder share.
#pragma once

#include "fake-apiserver/apply/ownership.h"
#include "fake-apiserver/schema/schema.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

inline Json json(const std::string& text) { return Json::parse(text); }

inline ValueType deployment_type() {
  return ValueType::document(Schema::builtin().of_kind("apps", "v1", "Deployment"));
}

// Deployments in apps/v1, and in no other version.
inline FieldTypes deployment_types() {
  FieldTypes types;
  types.of = [](const std::string& version) -> std::optional<ValueType> {
    if (version != "apps/v1") return std::nullopt;
    return deployment_type();
  };
  types.convert = [](const Json& object, const std::string&) { return object; };
  types.closed = true;
  return types;
}

inline FieldWriter writer(const std::string& manager, const std::string& subresource = "",
                          const std::string& time = "2026-01-01T00:00:00Z") {
  FieldWriter result{manager, "apps/v1", subresource, time};
  result.ignores_status = subresource != "status";
  return result;
}

// A configuration of the Deployment "web" with this spec, and metadata besides its name.
inline Json configuration(const Json& spec, const Json& metadata = Json::object()) {
  Json object = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", metadata}, {"spec", spec}};
  object["metadata"]["name"] = "web";
  return object;
}

// "manager[/subresource][ (applies)]: fieldsV1" of each entry.
inline std::string owners(const Json& object) {
  std::string text;
  for (const Json& entry : at_path(object, {"metadata", "managedFields"})) {
    const std::string subresource = text_at(entry, {"subresource"});
    text += (text.empty() ? "" : "; ") + text_at(entry, {"manager"}) + (subresource.empty() ? "" : "/" + subresource) +
            (text_at(entry, {"operation"}) == "Apply" ? " (applies)" : "") + ": " + entry.at("fieldsV1").dump();
  }
  return text;
}

}  // namespace fakeapi
