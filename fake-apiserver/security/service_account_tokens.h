// The tokens of service accounts: made by TokenRequest, judged wherever one is shown. Single-threaded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/api/api_request.h"
#include "fake-apiserver/security/token_signer.h"

namespace fakeapi {

struct TokenOptions {
  std::string issuer = "https://kubernetes.default.svc.cluster.local";
  std::vector<std::string> audiences = {};  // of the API itself; empty: the issuer
};

class ServiceAccountTokens {
 public:
  // The key is made from `secret` when it is first needed.
  ServiceAccountTokens(ObjectStore& store, std::string secret, TokenOptions options);

  // The answer to POST /serviceaccounts/x/token: the TokenRequest with its status. 400, 404, 409, 422.
  ApiResult<Json> issue(const ApiRequest& request, Json token_request);
  // Whom a token stands for: its signature, time and audience hold, and what it is bound to still exists. An empty
  // `audiences` stands for those of the API. `matched` gets those of `audiences` that the token has.
  std::optional<User> authenticate(const std::string& token, const std::vector<std::string>& audiences,
                                   std::vector<std::string>* matched = nullptr);
  const std::vector<std::string>& audiences() const { return options_.audiences; }

  // /openid/v1/jwks and /.well-known/openid-configuration.
  Json key_set() { return signer().key_set(); }
  Json discovery_document() const;

 private:
  const TokenSigner& signer();
  bool still_there(const Json& reference, const Resource& resource, const std::string& ns) const;

  ObjectStore& store_;
  const std::string secret_;
  const TokenOptions options_;
  std::unique_ptr<TokenSigner> signer_;
  std::uint64_t issued_ = 0;
  // Signatures cost most: claims of tokens that held once.
  std::map<std::string, Json> verified_;
};

// system:serviceaccount:<ns>:<name> and its groups.
User service_account_user(const std::string& ns, const std::string& name, const std::string& uid);

}  // namespace fakeapi
