#include "fake-apiserver/api/managed_fields.h"

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/schema/conform.h"
#include "fake-apiserver/schema/schema.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLongestManager = 128;
constexpr const char* kApplyPatch = "application/apply-patch+yaml";

// The version in "apps/v1" of the group that serves `info`; nullopt if it does not serve that.
std::optional<std::string> version_in(const std::string& api_version, const ResourceInfo& info) {
  const std::size_t slash = api_version.find('/');
  std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  if (!info.has_version(version) || info.api_version(version) != api_version) return std::nullopt;
  return version;
}

Json convert(const Json& object, const std::string& to, const ResourceInfo& info) {
  const auto from_version = version_in(text_at(object, {"apiVersion"}), info);
  const auto to_version_name = version_in(to, info);
  auto copy = std::make_shared<Json>(object);
  if (from_version && copy->is_object() && !copy->empty()) to_stored(*copy, info, *from_version);
  return to_version_name ? *to_version(copy, info, *to_version_name) : *copy;
}

// Letters and signs; upstream lets any printable character of Unicode pass.
std::optional<std::string> manager_problem(const std::string& manager) {
  if (manager.size() > kLongestManager) {
    return "Too long: may not be more than " + base::format_number(kLongestManager) + " bytes";
  }
  for (std::size_t i = 0; i < manager.size(); ++i) {
    const auto c = static_cast<unsigned char>(manager[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    constexpr std::string_view kHex = "0123456789ABCDEF";
    return "Invalid value: " + to_text(manager) + ": invalid character U+00" + kHex[c >> 4] + kHex[c & 15] +
           " (at position " + std::to_string(i) + ")";
  }
  return std::nullopt;
}

const char* options_kind(const std::string& method) {
  if (method == "POST") return "CreateOptions";
  return method == "PUT" ? "UpdateOptions" : "PatchOptions";
}

}  // namespace

const SchemaType* document_type(const ResourceInfo& info, const std::string& version, const ServerHooks& hooks) {
  if (info.custom) return hooks.custom_type ? hooks.custom_type(info, version) : nullptr;
  return Schema::builtin().of_kind(info.served_group(), version, info.kind);
}

FieldTypes field_types(const ResourceInfo& info, const ServerHooks& hooks) {
  FieldTypes types;
  types.of = [&info, &hooks](const std::string& api_version) -> std::optional<ValueType> {
    const auto version = version_in(api_version, info);
    if (!version) return std::nullopt;
    return ValueType::document(document_type(info, *version, hooks));
  };
  types.convert = [&info](const Json& object, const std::string& to) { return convert(object, to, info); };
  types.closed = !info.custom;
  types.normalize = [&info, &hooks](Json& configuration) {
    const auto version = version_in(text_at(configuration, {"apiVersion"}), info);
    const SchemaType* type = version && !info.custom ? document_type(info, *version, hooks) : nullptr;
    Json spelt = configuration;
    if (type && !conform(*type, spelt).error) configuration = std::move(spelt);
  };
  return types;
}

ApiResult<FieldWriter> field_writer(const ApiRequest& request, base::Time now) {
  const std::string manager = request.target.get("fieldManager").value_or("");
  const std::string& method = request.http.method;
  std::vector<FieldError> errors;
  if (method == "PATCH") {
    const bool applies = media_type(request.header("Content-Type")) == kApplyPatch;
    if (applies && manager.empty()) {
      errors.push_back({"fieldManager", "FieldValueRequired", "Required value: is required for apply patch"});
    }
    if (!applies && request.target.get("force")) {
      errors.push_back({"force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch"});
    }
  }
  if (auto problem = manager_problem(manager)) {
    const bool long_one = manager.size() > kLongestManager;
    errors.push_back({"fieldManager", long_one ? "FieldValueTooLong" : "FieldValueInvalid", std::move(*problem)});
  }
  if (!errors.empty()) return invalid_object("meta.k8s.io", options_kind(method), "", errors);
  FieldWriter writer;
  writer.manager = manager_of(manager, std::string(request.header("User-Agent")));
  writer.api_version = request.info->api_version(request.version);
  writer.subresource = request.subresource;
  writer.time = base::format_rfc3339(now);
  writer.ignores_status = request.info->has_subresource("status") && request.subresource != "status";
  return writer;
}

void record_writer(const ApiRequest& request, const ServerHooks& hooks, const FieldWriter& writer,
                   const ObjectPtr& before, Json& after) {
  const ResourceInfo& info = *request.info;
  const FieldTypes types = field_types(info, hooks);
  static const Json kNothing;
  if (text_at(after, {"apiVersion"}) == writer.api_version) {
    track_update(before ? *before : kNothing, after, writer, types);
    return;
  }
  const ObjectPtr old = before ? to_version(before, info, request.version) : nullptr;
  Json served = *to_version(std::make_shared<const Json>(after), info, request.version);
  track_update(old ? *old : kNothing, served, writer, types);
  const Json& managers = at_path(served, {"metadata", "managedFields"});
  if (managers.is_null()) {
    after["metadata"].erase("managedFields");
  } else {
    after["metadata"]["managedFields"] = managers;
  }
}

}  // namespace fakeapi
