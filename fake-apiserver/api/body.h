// Request bodies to JSON documents, and the media types that name them.
#pragma once

#include <string>
#include <string_view>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

// The media type of a Content-Type or of one entry of Accept, in lower case, without its parameters.
std::string media_type(std::string_view header);

// 400 if it is not a JSON document of sane depth.
ApiResult<Json> parse_json(std::string_view text);
// One YAML document as JSON, by the core schema: plain scalars may be numbers, booleans and null.
ApiResult<Json> parse_yaml(const std::string& text);

// The body as `content_type` says; no Content-Type means JSON. 415 for protobuf and whatever else it cannot read.
ApiResult<Json> parse_body(const std::string& body, std::string_view content_type);

}  // namespace fakeapi
