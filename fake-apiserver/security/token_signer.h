// JSON Web Tokens signed with ES256 (RFC 7519, RFC 7518), and the key for those who verify them elsewhere. The key is
// made from a secret of the caller, and signatures need no further randomness: the same claims give the same token.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

class TokenSigner {
 public:
  // `secret`: at least 32 unguessable bytes, if the tokens are to prove anything.
  explicit TokenSigner(std::string_view secret);
  ~TokenSigner();
  TokenSigner(const TokenSigner&) = delete;
  TokenSigner& operator=(const TokenSigner&) = delete;

  std::string sign(const Json& claims) const;
  // The claims of a token that this key has signed, whatever they say; nullopt for anything else.
  std::optional<Json> verify(std::string_view token) const;
  // A JSON Web Key Set (RFC 7517) with the public key.
  Json key_set() const;

 private:
  struct Key;
  std::unique_ptr<const Key> key_;
};

}  // namespace fakeapi
