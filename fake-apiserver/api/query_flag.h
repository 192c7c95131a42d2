// How a flag of a query is read: one rule for whoever serves a request and whoever decides if it may be served.
#pragma once

#include <algorithm>
#include <string_view>

#include "common/http/url.h"

namespace fakeapi {

// All but "0" and "false" is true, and so is the bare key.
inline bool query_flag(const http::Target& target, std::string_view key) {
  const auto value = target.get(key);
  if (!value) return false;
  constexpr std::string_view kFalse = "false";
  const bool is_false = std::equal(value->begin(), value->end(), kFalse.begin(), kFalse.end(),
                                   [](char c, char expected) { return (c | 0x20) == expected; });
  return *value != "0" && !is_false;
}

}  // namespace fakeapi
