#include "fake-apiserver/api/body.h"

#include <algorithm>

#include "common/config/document.h"
#include "fake-apiserver/api/json_reader.h"
#include "fake-apiserver/schema/protobuf_reader.h"

namespace fakeapi {
namespace {

// Serialising and comparing recurse, so depth is bounded where documents come in.
constexpr int kDeepest = 200;

// Spares the YAML parser texts that take it very long before it gives up.
bool opens_too_deep(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if ((c == '{' || c == '[') && ++depth > kDeepest) return true;
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return false;
}

template <class T>
ApiResult<Json> value_of(ApiResult<T> body) {
  if (!body) return body.error();
  return std::move(body->value);
}

}  // namespace

std::string media_type(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  type.erase(0, std::min(type.find_first_not_of(" \t"), type.size()));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

ApiResult<Body> read_json(std::string_view text) {
  JsonReading reading = read_json_text(text, kDeepest);
  if (!reading.error.empty()) return bad_request("couldn't get version/kind; json parse error: " + reading.error);
  Body body{std::move(reading.value), {}};
  for (const std::string& path : reading.duplicates) body.complaints.push_back("duplicate field \"" + path + "\"");
  return body;
}

ApiResult<Body> read_yaml(const std::string& text) {
  if (opens_too_deep(text)) return bad_request("error converting YAML to JSON: nested too deeply");
  const config::YamlOptions options{.octal = true, .repeated_keys = true, .positions = false};
  auto documents = config::parse_yaml(text, "body", options);
  if (!documents) return bad_request("error converting YAML to JSON: " + documents.error().message);
  if (documents->empty()) return Body();
  config::Document& document = documents->front();
  Body body{std::move(document.value), {}};
  for (const auto& [key, position] : document.repeated) {
    body.complaints.push_back("line " + std::to_string(position.line) + ": key \"" + key + "\" already set in map");
  }
  return body;
}

ApiResult<Body> read_body(const std::string& body, std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type.empty() || type == "application/json" || type == "*/*") return read_json(body);
  if (type == "application/yaml") return read_yaml(body);
  if (type != kProtobufMediaType) {
    return unsupported_media_type({"application/json", "application/yaml", std::string(kProtobufMediaType)});
  }
  auto object = read_protobuf(body);
  if (!object) return object.error();
  return Body{std::move(*object), {}};
}

ApiResult<Json> parse_json(std::string_view text) { return value_of(read_json(text)); }
ApiResult<Json> parse_yaml(const std::string& text) { return value_of(read_yaml(text)); }
ApiResult<Json> parse_body(const std::string& body, std::string_view content_type) {
  return value_of(read_body(body, content_type));
}

}  // namespace fakeapi
