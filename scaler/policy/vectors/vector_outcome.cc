#include "scaler/policy/vectors/vector_outcome.h"

namespace scaler::vectors {

Outcome compare(const Json& actual, const Json& expect) {
  if (!expect.is_object() || expect.empty()) throw MalformedCase("\"expect\" says nothing");
  for (const auto& [key, wanted] : expect.items()) {
    if (!actual.contains(key)) throw MalformedCase("nothing is known of \"expect." + key + "\"");
    if (actual[key] != wanted) return differs(key, wanted.dump(), actual[key].dump());
  }
  return passes();
}

void require_keys(const Json& object, const std::set<std::string>& allowed) {
  if (!object.is_object() || object.empty()) throw MalformedCase("an expectation says nothing");
  for (const auto& [key, value] : object.items()) {
    if (!allowed.contains(key)) throw MalformedCase("nothing is known of \"" + key + "\" in an expectation");
  }
}

Outcome compare_error(const std::string& message, const Json& expect, const char* key) {
  const std::string part = expect.at(key).get<std::string>();
  if (expect.size() != 1) throw MalformedCase("an error is expected, and more");
  if (part.empty()) throw MalformedCase("an error without text is expected");
  if (message.empty()) return differs(key, '"' + part + '"', "no error");
  if (message.find(part) != std::string::npos) return passes();
  return differs(key, '"' + part + '"', '"' + message + '"');
}

}  // namespace scaler::vectors
