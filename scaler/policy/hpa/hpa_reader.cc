#include "scaler/policy/hpa/hpa_reader.h"

#include "scaler/policy/hpa/hpa_defaults.h"
#include "scaler/policy/hpa/hpa_json.h"
#include "scaler/policy/hpa/hpa_types.h"
#include "scaler/policy/hpa/hpa_v1.h"
#include "scaler/policy/hpa/hpa_validation.h"
#include "scaler/policy/hpa/json_values.h"
#include "scaler/policy/policy_fields.h"

namespace scaler {
namespace {

using config::Fields;
using json_values::Json;
using json_values::text;

// `spec` is valid.
void take_over(const Json& spec, const config::Document& document, PolicySpec& policy) {
  const Json& target = spec.at("scaleTargetRef");
  policy.target = {text(target, "apiVersion"), text(target, "kind"), text(target, "name")};
  policy.target_where = document.locate("/spec/scaleTargetRef/name");
  policy.rules = decode_hpa_spec(spec);
}

// What came from annotations, checked as if it stood in a file of v2.
void check_converted_types(const HpaV1Conversion& conversion, const config::Document& document) {
  const config::Document converted = config::from_json({{"spec", conversion.spec}});
  const auto check_part = [&](const std::string& pointer, void (*check)(Fields&), Fields fields) {
    try {
      check(fields);
    } catch (const config::FieldError& complaint) {
      throw config::FieldError(document.locate(conversion.origin_of(pointer)) + ": " + complaint.what());
    }
  };
  Fields root(converted, config::Strictness::kLenient);
  Fields spec = root.object("spec");
  std::size_t i = 0;
  for (const Fields& metric : spec.objects("metrics")) {
    check_part(FieldPath("spec").child("metrics").index(i++).pointer(), check_metric_types, metric);
  }
  if (auto behavior = spec.object_if("behavior")) check_part("/spec/behavior", check_behavior_types, *behavior);
}

}  // namespace

void read_hpa(Fields& spec, PolicySpec& policy) {
  check_hpa_types(spec);
  spec.check_unknown();  // a misspelt key is the cause, what it leaves missing is not
  const Json filled = apply_hpa_defaults(spec.value());
  refuse_problems(spec.document(), validate_hpa_spec(filled));
  take_over(filled, spec.document(), policy);
}

void read_hpa_v1(Fields& spec, PolicySpec& policy) {
  if (auto target = spec.object_if("scaleTargetRef")) check_reference_types(*target);
  for (const char* key : {"minReplicas", "maxReplicas", "targetCPUUtilizationPercentage"}) check_int32(spec, key);
  spec.check_unknown();
  const config::Document& document = spec.document();
  const HpaV1Conversion conversion = convert_hpa_v1(spec.value(), policy.annotations);
  if (!conversion.problem.empty()) {
    throw config::FieldError(document.locate(conversion.problem_at) + ": " + conversion.problem);
  }
  check_converted_types(conversion, document);
  refuse_problems(document, validate_hpa_spec(conversion.spec),
                  [&](const std::string& pointer) { return conversion.origin_of(pointer); });
  take_over(conversion.spec, document, policy);
}

}  // namespace scaler
