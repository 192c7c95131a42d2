#include "fake-apiserver/apply/last_applied.h"

#include "fake-apiserver/api/body.h"
#include "fake-apiserver/apply/compare.h"
#include "fake-apiserver/apply/ownership.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
constexpr const char* kKubectl = "kubectl";

}  // namespace

void excuse_last_applied(Managers& conflicts, const Json& live, const FieldWriter& writer, ValueType type) {
  if (writer.manager != kKubectl) return;
  const std::string text = text_at(live, {"metadata", "annotations", kAnnotation});
  if (text.empty()) return;
  const auto applied = parse_json(text);
  if (!applied || text_at(*applied, {"apiVersion"}) != writer.api_version) return;
  FieldSet excused = fields_of(*applied, type);
  const Difference difference = compare(*applied, live, type);
  excused.subtract(difference.written());
  excused.subtract(difference.removed);
  for (Manager& conflict : conflicts) conflict.fields.subtract(excused);
  drop_idle(conflicts);
}

void keep_last_applied(Json& object, const Json& configuration, const FieldWriter& writer) {
  if (writer.manager != kKubectl) return;
  if (text_at(object, {"metadata", "annotations", kAnnotation}).empty()) return;
  Json applied = configuration;
  if (member(member(applied, "metadata"), "annotations").is_object()) {
    applied["metadata"]["annotations"].erase(kAnnotation);
    if (applied["metadata"]["annotations"].empty()) applied["metadata"].erase("annotations");
  }
  object["metadata"]["annotations"][kAnnotation] = to_text(applied) + "\n";
}

}  // namespace fakeapi
