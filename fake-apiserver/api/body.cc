#include "fake-apiserver/api/body.h"

#include <algorithm>

#include "common/config/document.h"

namespace fakeapi {
namespace {

// Serialising and comparing recurse, so depth is bounded here, where documents come in.
constexpr int kDeepest = 200;

bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
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

ApiResult<Json> parse_json(std::string_view text) {
  if (too_deep(text)) return bad_request("the body is nested too deeply");
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    return bad_request(std::string("the object provided is unrecognized: ") + e.what());
  }
}

ApiResult<Json> parse_yaml(const std::string& text) {
  if (too_deep(text)) return bad_request("the body is nested too deeply");
  auto documents = config::parse_yaml(text, "body", config::YamlOptions{.octal = true});
  if (!documents) return bad_request("error converting YAML to JSON: " + documents.error().message);
  return documents->empty() ? Json() : std::move(documents->front().value);
}

ApiResult<Json> parse_body(const std::string& body, std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type.empty() || type == "application/json" || type == "*/*") return parse_json(body);
  if (type == "application/yaml") return parse_yaml(body);
  return unsupported_media_type({"application/json", "application/yaml"});
}

}  // namespace fakeapi
