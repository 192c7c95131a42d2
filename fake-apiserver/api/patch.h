// The patch formats of the API: JSON patch (RFC 6902), merge patch (RFC 7386), strategic merge patch. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

enum class PatchType { kJson, kMerge, kStrategic };

struct Patch {
  PatchType type = PatchType::kMerge;
  Json document;
};

// 415 for other media types, and for a strategic patch of a custom resource, which has no merge keys.
ApiResult<Patch> parse_patch(const std::string& body, std::string_view content_type, bool custom_resource);

// `kind` chooses the merge keys of a strategic patch. 400 for a patch of the wrong shape, 422 for a JSON patch that
// does not apply; `target` is then unspecified.
ApiResult<> apply_patch(Json& target, const Patch& patch, std::string_view kind);

ApiResult<> apply_json_patch(Json& target, const Json& operations);
void apply_merge_patch(Json& target, const Json& patch);

}  // namespace fakeapi
