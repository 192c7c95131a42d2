#include "fake-apiserver/security/token_signer.h"

#include <gtest/gtest.h>

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Json kClaims = {{"sub", "x"}, {"exp", 17}};

TEST(TokenSignerTest, ClaimsComeBackFromATokenOfItsOwn) {
  const TokenSigner signer("a secret");
  for (int i = 0; i < 20; ++i) {
    const Json claims = {{"sub", "x"}, {"n", i}};
    const auto verified = signer.verify(signer.sign(claims));
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(*verified, claims);
  }
}

TEST(TokenSignerTest, TheSameSecretGivesTheSameTokens) {
  EXPECT_EQ(TokenSigner("a").sign(kClaims), TokenSigner("a").sign(kClaims));
  EXPECT_EQ(TokenSigner("a").key_set(), TokenSigner("a").key_set());
  EXPECT_NE(TokenSigner("a").key_set(), TokenSigner("b").key_set());
}

TEST(TokenSignerTest, EveryChangedByteIsNoticed) {
  const TokenSigner signer("a secret");
  const std::string token = signer.sign(kClaims);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    if (changed == token) continue;
    const auto verified = signer.verify(changed);
    // The last letter of a part carries bits that mean nothing.
    const bool slack = i + 1 == token.size();
    EXPECT_TRUE(!verified || slack) << i;
  }
}

TEST(TokenSignerTest, RefusesWhatItHasNotSigned) {
  const TokenSigner signer("a secret");
  const std::string foreign = TokenSigner("another").sign(kClaims);
  for (const std::string& token : {std::string(), std::string("x"), std::string("a.b.c"), std::string(".."),
                                   std::string("a.b.c.d"), foreign, std::string("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
                                   std::string(100'000, '.'), std::string("\xff.\xff.\xff")}) {
    EXPECT_FALSE(signer.verify(token).has_value()) << token.substr(0, 50);
  }
}

TEST(TokenSignerTest, PublishesItsPublicKeyAlone) {
  const Json key = TokenSigner("a secret").key_set().at("keys").at(0);
  EXPECT_EQ(text_at(key, {"kty"}), "EC");
  EXPECT_EQ(text_at(key, {"crv"}), "P-256");
  EXPECT_EQ(text_at(key, {"alg"}), "ES256");
  EXPECT_EQ(text_at(key, {"x"}).size(), 43U);
  EXPECT_EQ(text_at(key, {"y"}).size(), 43U);
  EXPECT_FALSE(key.contains("d"));
}

}  // namespace
}  // namespace fakeapi
