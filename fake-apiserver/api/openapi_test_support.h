// What the tests of both OpenAPI documents share.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "fake-apiserver/api/openapi.h"

namespace fakeapi {

// All that "$ref" names below `value`.
inline std::set<std::string> references(const Json& value) {
  std::set<std::string> found;
  if (value.is_object() && value.contains("$ref") && value["$ref"].is_string())
    found.insert(value["$ref"].get<std::string>());
  if (value.is_structured()) {
    for (const Json& inner : value) found.merge(references(inner));
  }
  return found;
}

class OpenApiDocuments : public testing::Test {
 protected:
  ResourceRegistry registry_ = ResourceRegistry::builtin();
  OpenApi openapi_{registry_, "v1.32.0"};
};

}  // namespace fakeapi
