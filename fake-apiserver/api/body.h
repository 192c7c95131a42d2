// Request bodies to JSON documents, and the media types that name them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/api/status.h"

namespace fakeapi {

// The media type of a Content-Type or of one entry of Accept, in lower case, without its parameters.
std::string media_type(std::string_view header);

struct Body {
  Json value;
  // Keys that came again, of which the last holds: `duplicate field "spec.replicas"`.
  std::vector<std::string> complaints;
};

// 400 if it is not a JSON document of sane depth.
ApiResult<Json> parse_json(std::string_view text);
ApiResult<Body> read_json(std::string_view text);
// One YAML document as JSON, by the core schema: plain scalars may be numbers, booleans and null.
ApiResult<Json> parse_yaml(const std::string& text);

ApiResult<Body> read_yaml(const std::string& text);

// The body as `content_type` says; no Content-Type means JSON. Protobuf becomes the document that a JSON client would
// have sent. 400; 415 for what it cannot read, and for protobuf of a kind that is not built in.
ApiResult<Json> parse_body(const std::string& body, std::string_view content_type);
ApiResult<Body> read_body(const std::string& body, std::string_view content_type);

}  // namespace fakeapi
