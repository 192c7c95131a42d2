#include "common/http/certificates.h"

#include <gtest/gtest.h>

#include "common/http/tls_test_support.h"

namespace http {
namespace {

using Names = std::vector<std::string>;

TEST(CertificatesTest, TellWhatTheyWereMadeWith) {
  const auto authority = test_authority();
  CertificateRequest request;
  request.common_name = "alice";
  request.organizations = {"dev", "qa"};
  request.dns_names = {"a.example.org", "b.example.org"};
  request.uris = {"spiffe://cluster.local/ns/default/sa/x"};
  request.validity = kAlways;
  const auto issued = authority.issue(request);
  ASSERT_TRUE(issued.has_value());
  const auto told = describe_certificate(issued->certificate_pem);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->common_name, "alice");
  EXPECT_EQ(told->organizations, (Names{"dev", "qa"}));
  EXPECT_EQ(told->dns_names, (Names{"a.example.org", "b.example.org"}));
  EXPECT_EQ(told->uris, (Names{"spiffe://cluster.local/ns/default/sa/x"}));
  EXPECT_EQ(told->valid_from, kAlways.from);
  EXPECT_EQ(told->valid_until, kAlways.until);
  EXPECT_EQ(told->fault, "");
}

TEST(CertificatesTest, AnAuthorityIsLoadedFromItsTexts) {
  const auto authority = test_authority("kept");
  const auto loaded = CertificateAuthority::load(authority.identity());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->certificate_pem(), authority.certificate_pem());
  EXPECT_TRUE(TlsServerContext::create({.identity = test_server(*loaded)}).has_value());
}

TEST(CertificatesTest, RefusesWhatCannotStandInThem) {
  const auto authority = test_authority();
  CertificateRequest long_name;
  long_name.common_name = std::string(65, 'x');
  EXPECT_FALSE(authority.issue(long_name).has_value());
  CertificateRequest bad_address;
  bad_address.common_name = "x";
  bad_address.addresses = {"localhost"};
  const auto refused = authority.issue(bad_address);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalid);
}

TEST(CertificatesTest, WhatIsNoAuthorityIsNotLoaded) {
  const auto authority = test_authority();
  const TlsIdentity leaf = test_client(authority, "alice");
  EXPECT_FALSE(CertificateAuthority::load(leaf).has_value());
  EXPECT_FALSE(CertificateAuthority::load(TlsIdentity{"nonsense", "nonsense"}).has_value());
  EXPECT_FALSE(CertificateAuthority::load(TlsIdentity{authority.certificate_pem(), leaf.key_pem}).has_value());
  EXPECT_FALSE(describe_certificate(std::string("nonsense")).has_value());
}

TEST(CertificatesTest, ContextsRefuseTextsThatDoNotFit) {
  const auto authority = test_authority();
  const TlsIdentity server = test_server(authority);
  EXPECT_FALSE(TlsServerContext::create({.identity = {"", ""}}).has_value());
  EXPECT_FALSE(TlsServerContext::create({.identity = {server.certificate_pem, "no key"}}).has_value());
  EXPECT_FALSE(
      TlsServerContext::create({.identity = {server.certificate_pem, authority.identity().key_pem}}).has_value());
  EXPECT_FALSE(TlsServerContext::create({.identity = server, .client_ca_pem = "nonsense"}).has_value());
  EXPECT_FALSE(TlsClientContext::create({.ca_pem = "nonsense"}).has_value());
}

}  // namespace
}  // namespace http
