#include "scaler/serve/rest_answers.h"

#include <set>
#include <vector>

namespace scaler {

using Json = nlohmann::json;

http::Response json_answer(int status, const Json& body) {
  // Messages quote what came from outside, which may be no UTF-8 or be cut inside a character.
  return http::json_response(status, body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

http::Response json_error(int status, const std::string& message) {
  Json body;
  body["message"] = message;
  body["code"] = status;
  return json_answer(status, body);
}

bool has_duplicate_keys(const std::string& text) {
  bool duplicate = false;
  std::vector<std::set<std::string>> open;  // the keys so far of each object that has begun
  const auto look = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) duplicate |= !open.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  const Json parsed_text = Json::parse(text, look, false);
  return duplicate && !parsed_text.is_discarded();
}

}  // namespace scaler
