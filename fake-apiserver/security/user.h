// Who sends a request, once that is known. A value.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace fakeapi {

struct User {
  std::string name = "system:anonymous";
  std::string uid{};
  std::vector<std::string> groups = {"system:unauthenticated"};
  std::map<std::string, std::vector<std::string>> extra{};

  bool operator==(const User&) const = default;
};

}  // namespace fakeapi
