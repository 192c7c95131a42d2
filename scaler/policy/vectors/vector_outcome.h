// What running one case of a vector file came to.
//
// Plain values.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

namespace scaler::vectors {

using Json = nlohmann::json;

struct Outcome {
  bool passed = false;
  std::string detail;  // what differs: "replicas: expected 5 got 4"
};

inline Outcome passes() { return {true, ""}; }
inline Outcome fails(std::string detail) { return {false, std::move(detail)}; }
inline Outcome differs(const std::string& what, const std::string& expected, const std::string& got) {
  return fails(fmt::format("{}: expected {} got {}", what, expected, got));
}

// A case that says something other than the format allows: it fails, whatever the policy would answer.
struct MalformedCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Every field of `expect` against the field of `actual` of the same name. What `actual` does not know is malformed, and
// so is an expectation of nothing.
Outcome compare(const Json& actual, const Json& expect);

// Neither an object without a field nor one with a field besides `allowed`.
void require_keys(const Json& object, const std::set<std::string>& allowed);

// `expect` holds nothing but `key`, whose text must be a part of `message`.
Outcome compare_error(const std::string& message, const Json& expect, const char* key);

using Runner = Outcome (*)(const Json& input, const Json& expect);

struct Group {
  const char* name;
  Runner run;
};

}  // namespace scaler::vectors
