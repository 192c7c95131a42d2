#include "fake-apiserver/api/body.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "common/base/number_format.h"

namespace fakeapi {
namespace {

// Serialising and comparing recurse, so depth is bounded here, where documents come in.
constexpr int kDeepest = 200;
// YAML aliases can make a small text into a huge document.
constexpr std::size_t kMostYamlNodes = 500'000;

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

bool is_any_of(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return text;  // "!" marks quotes
  if (is_any_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_any_of(text, {"true", "True", "TRUE"})) return true;
  if (is_any_of(text, {"false", "False", "FALSE"})) return false;
  if (text.size() > 1 && text.size() < 12 && text[0] == '0' &&
      text.find_first_not_of("01234567") == std::string::npos) {
    std::int64_t octal = 0;  // file modes, as YAML 1.1 and so kubectl read them
    for (const char c : text) octal = octal * 8 + (c - '0');
    return octal;
  }
  const std::string_view digits = std::string_view(text).substr(text.starts_with('+') ? 1 : 0);
  if (const auto integer = base::parse_int64(digits)) return *integer;
  const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (const auto number = numeric ? base::parse_double(digits) : std::nullopt) return *number;
  return text;
}

class YamlReader {
 public:
  // False if the document is too large or too deep.
  bool read(const YAML::Node& node, int depth, Json& out) {
    if (depth > kDeepest || ++nodes_ > kMostYamlNodes) return false;
    switch (node.Type()) {
      case YAML::NodeType::Scalar: out = scalar(node); return true;
      case YAML::NodeType::Sequence:
        out = Json::array();
        for (const YAML::Node& item : node) {
          out.push_back(nullptr);
          if (!read(item, depth + 1, out.back())) return false;
        }
        return true;
      case YAML::NodeType::Map:
        out = Json::object();
        for (const auto& item : node) {
          if (!item.first.IsScalar() || !read(item.second, depth + 1, out[item.first.Scalar()])) return false;
        }
        return true;
      default: out = nullptr; return true;
    }
  }

 private:
  std::size_t nodes_ = 0;
};

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
  try {
    Json document;
    if (!YamlReader().read(YAML::Load(text), 0, document)) return bad_request("the body is too large or too deep");
    return document;
  } catch (const YAML::Exception& e) {
    return bad_request(std::string("error converting YAML to JSON: ") + e.what());
  }
}

ApiResult<Json> parse_body(const std::string& body, std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type.empty() || type == "application/json" || type == "*/*") return parse_json(body);
  if (type == "application/yaml") return parse_yaml(body);
  return unsupported_media_type({"application/json", "application/yaml"});
}

}  // namespace fakeapi
