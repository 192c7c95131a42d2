// The patch formats of the API: JSON patch (RFC 6902), merge patch (RFC 7386), strategic merge patch, and the
// configurations of server-side apply. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

enum class PatchType { kJson, kMerge, kStrategic, kApply };

struct Patch {
  PatchType type = PatchType::kMerge;
  Json document;
  std::vector<std::string> complaints = {};  // of its text: `duplicate field "spec.replicas"`
};

// 415 for other media types, and for a strategic patch of a custom resource, which has no merge keys.
ApiResult<Patch> parse_patch(const std::string& body, std::string_view content_type, bool custom_resource);

// `type`, of the target, has the merge keys of a strategic patch; null: there are none. 400 for a patch of the wrong
// shape, 413 for one that is too large, 422 for a JSON patch that does not apply; `target` is then unspecified.
// REQUIRES: it is none of server-side apply.
ApiResult<> apply_patch(Json& target, const Patch& patch, const SchemaType* type);

ApiResult<> apply_json_patch(Json& target, const Json& operations);
void apply_merge_patch(Json& target, const Json& patch);

}  // namespace fakeapi
