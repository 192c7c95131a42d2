// Who a request is from: client certificate, static token, bootstrap token, token of a service account, or nobody.
// Single-threaded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "fake-apiserver/security/service_account_tokens.h"

namespace fakeapi {

// The lines of a token file of kube-apiserver: token,user,uid,"group1,group2". kInvalid, naming the line.
base::Result<std::map<std::string, User>> parse_token_file(std::string_view text);

struct AuthenticationOptions {
  bool anonymous = true;                 // otherwise 401 without credentials
  std::map<std::string, User> tokens{};  // of parse_token_file(): by token
  std::string admin_token{};             // of the user kubernetes-admin in system:masters; empty: none
};

class Authenticator {
 public:
  Authenticator(ServiceAccountTokens& tokens, AuthenticationOptions options);

  // 401; also for a bad token where anonymous requests are allowed.
  ApiResult<User> authenticate(const http::Request& request);
  // Of a token that is shown in a TokenReview.
  std::optional<User> user_of_token(const std::string& token, const std::vector<std::string>& audiences,
                                    std::vector<std::string>* matched);

 private:
  ServiceAccountTokens& service_accounts_;
  const AuthenticationOptions options_;
};

StatusError unauthorized();

}  // namespace fakeapi
