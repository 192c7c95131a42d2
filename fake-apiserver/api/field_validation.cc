#include "fake-apiserver/api/field_validation.h"

#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/schema/conform.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::string strict_error(const std::vector<std::string>& complaints) {
  std::string text = "strict decoding error: ";
  for (std::size_t i = 0; i < complaints.size(); ++i) text += (i == 0 ? "" : ", ") + complaints[i];
  return text;
}

StatusError cannot_handle(const SchemaKind& kind, const std::string& why) {
  return bad_request(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " + kind.kind + ": " +
                     why);
}

StatusError invalid_patch(std::string_view patch, const std::string& why) {
  return invalid_object(
      "", "", "",
      {FieldError{"patch", "FieldValueInvalid", "Invalid value: " + to_text(std::string(patch)) + ": " + why}});
}

// Conforms `object`, and adds what it does not know to `complaints`. The error is the decoder's sentence.
std::optional<std::string> conform_to_kind(const SchemaKind& kind, Json& object, std::vector<std::string>& complaints) {
  const SchemaType* type = Schema::builtin().of_kind(kind.group, kind.version, kind.kind);
  if (!type) return std::nullopt;
  const Conformity conformity = conform(*type, object);
  for (const std::string& path : conformity.unknown) complaints.push_back("unknown field \"" + path + "\"");
  return conformity.error;
}

}  // namespace

ApiResult<FieldValidation> field_validation_of(const ApiRequest& request) {
  const std::string text = request.target.get("fieldValidation").value_or("");
  if (text.empty() || text == "Warn") return FieldValidation::kWarn;
  if (text == "Ignore") return FieldValidation::kIgnore;
  if (text == "Strict") return FieldValidation::kStrict;
  const std::string& method = request.http.method;
  const char* options = method == "POST" ? "CreateOptions" : method == "PUT" ? "UpdateOptions" : "PatchOptions";
  return invalid_object(
      "meta.k8s.io", options, "",
      {FieldError{"fieldValidation", "FieldValueNotSupported",
                  "Unsupported value: " + to_text(text) + R"(: supported values: "", "Ignore", "Strict", "Warn")"}});
}

ApiResult<> report_fields(const ApiRequest& request, const SchemaKind& kind,
                          const std::vector<std::string>& complaints) {
  const auto validation = field_validation_of(request);
  if (!validation) return validation.error();
  if (complaints.empty() || *validation == FieldValidation::kIgnore) return {};
  if (*validation == FieldValidation::kStrict) return cannot_handle(kind, strict_error(complaints));
  for (const std::string& complaint : complaints) request.warn(complaint);
  return {};
}

ApiResult<> validate_fields(const ApiRequest& request, const SchemaKind& kind, Json& object,
                            std::vector<std::string> complaints) {
  if (const auto wrong = conform_to_kind(kind, object, complaints)) return cannot_handle(kind, *wrong);
  return report_fields(request, kind, complaints);
}

ApiResult<> validate_patched_fields(const ApiRequest& request, std::string_view patch, Json& object,
                                    std::vector<std::string> complaints) {
  const SubresourceKind part = subresource_kind(*request.info, request.version, request.subresource);
  const SchemaKind kind{part.group, part.version, part.kind};
  if (const auto wrong = conform_to_kind(kind, object, complaints)) return invalid_patch(patch, *wrong);
  const auto validation = field_validation_of(request);
  if (!validation) return validation.error();
  if (complaints.empty() || *validation == FieldValidation::kIgnore) return {};
  if (*validation == FieldValidation::kStrict) return invalid_patch(patch, strict_error(complaints));
  for (const std::string& complaint : complaints) request.warn(complaint);
  return {};
}

}  // namespace fakeapi
