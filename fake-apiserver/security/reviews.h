// The kinds by which clients ask about identities and permissions: reviews, which are answered and never stored.
// Single-threaded.
#pragma once

#include "fake-apiserver/security/authenticator.h"
#include "fake-apiserver/security/authorizer.h"

namespace fakeapi {

class Reviews {
 public:
  Reviews(Authenticator& authenticator, const Authorizer& authorizer)
      : authenticator_(authenticator), authorizer_(authorizer) {}

  // `review` with its status; 400, 422, and 404 for a kind that is none of them.
  ApiResult<Json> answer(const ApiRequest& request, Json review);

 private:
  ApiResult<Json> token_status(const Json& spec);
  ApiResult<Json> access_status(const ApiRequest& request, const Json& spec);
  ApiResult<Json> rules_status(const ApiRequest& request, const Json& spec);

  Authenticator& authenticator_;
  const Authorizer& authorizer_;
};

Json to_json(const User& user);

}  // namespace fakeapi
