// What a request does to what, in the terms of authorisation. Read from the path alone: whether there is such a
// resource is not asked. A value.
#pragma once

#include <string>

#include "common/http/url.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/security/user.h"

namespace fakeapi {

struct Attributes {
  std::string verb{};  // "get", "list", "watch", "create", ...; the method in lower case for other paths
  bool is_resource = false;
  std::string group{};
  std::string version{};
  std::string resource{};
  std::string subresource{};
  std::string ns{};
  std::string name{};
  std::string path{};  // of what is no resource
};

Attributes attributes_of(const std::string& method, const http::Target& target);

// 403, as the real server words it; `reason` may be empty.
StatusError forbidden_request(const User& user, const Attributes& attributes, const std::string& reason = "");

}  // namespace fakeapi
