// What the answers of the REST interface have in common: JSON bodies, errors as {"message","code"}.
//
// Stateless.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "common/http/message.h"

namespace scaler {

http::Response json_answer(int status, const nlohmann::json& body);
http::Response json_error(int status, const std::string& message);

// Whether an object in the text holds a key twice: readers disagree on which of the two counts.
bool has_duplicate_keys(const std::string& text);

}  // namespace scaler
