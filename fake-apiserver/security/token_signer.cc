#include "fake-apiserver/security/token_signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "common/base/check.h"
#include "common/base/free_with.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using BigPtr = std::unique_ptr<BIGNUM, base::FreeWith<BN_free>>;
using BigContextPtr = std::unique_ptr<BN_CTX, base::FreeWith<BN_CTX_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, base::FreeWith<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, base::FreeWith<EC_POINT_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, base::FreeWith<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, base::FreeWith<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, base::FreeWith<EVP_MD_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, base::FreeWith<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, base::FreeWith<OSSL_PARAM_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, base::FreeWith<ECDSA_SIG_free>>;

constexpr std::size_t kNumberSize = 32;  // of P-256
constexpr std::size_t kLongestToken = 16u << 10;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes_of(text), text.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

BigPtr number_of(std::string_view bytes) {
  return BigPtr(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string bytes_of(const BIGNUM* number) {
  std::string bytes(kNumberSize, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(kNumberSize));
  return bytes;
}

// Base64 for URLs, without padding.
std::string encode(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  std::string padded(text);
  if (padded.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return base64_decode(padded);
}

KeyPtr public_key(const std::string& point) {
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
  CHECK(key != nullptr, "a point of the curve is a key");
  return KeyPtr(key);
}

}  // namespace

struct TokenSigner::Key {
  explicit Key(std::string_view secret);
  std::string sign(std::string_view text) const;
  bool verify(std::string_view text, std::string_view signature) const;

  GroupPtr group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  BigPtr secret;
  BigPtr x{BN_new()};
  BigPtr y{BN_new()};
  KeyPtr verifier;
  std::string id;
};

TokenSigner::Key::Key(std::string_view seed) : secret(number_of(sha256(seed))) {
  const BigContextPtr context(BN_CTX_new());
  const BigPtr below(BN_dup(EC_GROUP_get0_order(group.get())));
  BN_sub_word(below.get(), 1);
  BN_mod(secret.get(), secret.get(), below.get(), context.get());
  BN_add_word(secret.get(), 1);
  const PointPtr point(EC_POINT_new(group.get()));
  EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, context.get());
  EC_POINT_get_affine_coordinates(group.get(), point.get(), x.get(), y.get(), context.get());
  const std::string encoded = "\x04" + bytes_of(x.get()) + bytes_of(y.get());
  verifier = public_key(encoded);
  id = encode(sha256(encoded));
}

// ECDSA with a nonce that follows from key and text, so that none is ever used twice.
std::string TokenSigner::Key::sign(std::string_view text) const {
  const BigContextPtr context(BN_CTX_new());
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  const std::string digest = sha256(text);
  const BigPtr hash = number_of(digest);
  const PointPtr point(EC_POINT_new(group.get()));
  const BigPtr r(BN_new());
  const BigPtr s(BN_new());
  for (char attempt = 0;; ++attempt) {
    const BigPtr nonce = number_of(sha256(bytes_of(secret.get()) + digest + attempt));
    if (BN_is_zero(nonce.get()) || BN_cmp(nonce.get(), order) >= 0) continue;
    EC_POINT_mul(group.get(), point.get(), nonce.get(), nullptr, nullptr, context.get());
    EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, context.get());
    BN_nnmod(r.get(), r.get(), order, context.get());
    BN_mod_mul(s.get(), r.get(), secret.get(), order, context.get());
    BN_mod_add(s.get(), s.get(), hash.get(), order, context.get());
    const BigPtr inverse(BN_mod_inverse(nullptr, nonce.get(), order, context.get()));
    BN_mod_mul(s.get(), s.get(), inverse.get(), order, context.get());
    if (!BN_is_zero(r.get()) && !BN_is_zero(s.get())) break;
  }
  return bytes_of(r.get()) + bytes_of(s.get());
}

bool TokenSigner::Key::verify(std::string_view text, std::string_view signature) const {
  if (signature.size() != 2 * kNumberSize) return false;
  const SignaturePtr parts(ECDSA_SIG_new());
  ECDSA_SIG_set0(parts.get(), number_of(signature.substr(0, kNumberSize)).release(),
                 number_of(signature.substr(kNumberSize)).release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, verifier.get());
  const int good = EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), bytes_of(text), text.size());
  OPENSSL_free(der);
  ERR_clear_error();
  return good == 1;
}

TokenSigner::TokenSigner(std::string_view secret) : key_(std::make_unique<Key>(secret)) {}
TokenSigner::~TokenSigner() = default;

std::string TokenSigner::sign(const Json& claims) const {
  const Json header = {{"alg", "ES256"}, {"kid", key_->id}};
  const std::string text = encode(to_text(header)) + "." + encode(to_text(claims));
  return text + "." + encode(key_->sign(text));
}

std::optional<Json> TokenSigner::verify(std::string_view token) const {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (token.size() > kLongestToken || first == std::string_view::npos || first == last) return std::nullopt;
  const auto header_text = decode(token.substr(0, first));
  const auto claims_text = decode(token.substr(first + 1, last - first - 1));
  const auto signature = decode(token.substr(last + 1));
  if (!header_text || !claims_text || !signature) return std::nullopt;
  const Json header = Json::parse(*header_text, nullptr, false);
  if (text_at(header, {"alg"}) != "ES256" || text_at(header, {"kid"}) != key_->id) return std::nullopt;
  if (!key_->verify(token.substr(0, last), *signature)) return std::nullopt;
  Json claims = Json::parse(*claims_text, nullptr, false);
  if (!claims.is_object()) return std::nullopt;
  return claims;
}

Json TokenSigner::key_set() const {
  const Json key = {{"use", "sig"},
                    {"kty", "EC"},
                    {"kid", key_->id},
                    {"crv", "P-256"},
                    {"alg", "ES256"},
                    {"x", encode(bytes_of(key_->x.get()))},
                    {"y", encode(bytes_of(key_->y.get()))}};
  return {{"keys", Json::array({key})}};
}

}  // namespace fakeapi
