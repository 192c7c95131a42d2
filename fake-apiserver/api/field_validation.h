// ?fieldValidation=: what becomes of fields that the server does not know, or that come twice. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

enum class FieldValidation { kIgnore, kWarn, kStrict };

// kWarn without the parameter; 422.
ApiResult<FieldValidation> field_validation_of(const ApiRequest& request);

// Meets `complaints` (`unknown field "spec.foo"`, `duplicate field "spec.bar"`) as the request wants it: not at all, as
// warnings, or with 400 "KIND in version ... cannot be handled as a KIND: strict decoding error: ...". For custom
// resources too, whose own schema finds what is unknown.
ApiResult<> report_fields(const ApiRequest& request, const SchemaKind& kind,
                          const std::vector<std::string>& complaints);

// Makes `object` what a server with types of its own keeps, and reports what it does not know beside `complaints`. A
// kind that is not built in is left as it is. 400 also for values of the wrong type.
ApiResult<> validate_fields(const ApiRequest& request, const SchemaKind& kind, Json& object,
                            std::vector<std::string> complaints);

// The same for the outcome of `patch`, of the kind that the URL names: what is wrong is 422 about the patch.
ApiResult<> validate_patched_fields(const ApiRequest& request, std::string_view patch, Json& object,
                                    std::vector<std::string> complaints = {});

}  // namespace fakeapi
