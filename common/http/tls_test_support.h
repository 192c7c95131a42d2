// Certificates for the tests of TLS: one authority, a server called localhost, and clients.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/http/certificates.h"

namespace http {

// 2001 to 2100: the machine's clock is inside.
inline constexpr Validity kAlways{base::Time(std::chrono::hours(24 * 365 * 31)),
                                  base::Time(std::chrono::hours(24 * 365 * 130))};
// 1971 to 1972.
inline constexpr Validity kLongAgo{base::Time(std::chrono::hours(24 * 365)),
                                   base::Time(std::chrono::hours(24 * 365 * 2))};

inline CertificateAuthority test_authority(const std::string& name = "test authority") {
  auto made = CertificateAuthority::create(name, kAlways);
  EXPECT_TRUE(made.has_value());
  return *made;
}

inline TlsIdentity test_server(const CertificateAuthority& authority, Validity validity = kAlways) {
  CertificateRequest request;
  request.common_name = "server";
  request.dns_names = {"localhost"};
  request.addresses = {"127.0.0.1", "::1"};
  request.validity = validity;
  request.for_server = true;
  auto issued = authority.issue(request);
  EXPECT_TRUE(issued.has_value());
  return *issued;
}

inline TlsIdentity test_client(const CertificateAuthority& authority, const std::string& name,
                               const std::vector<std::string>& groups = {}, Validity validity = kAlways) {
  CertificateRequest request;
  request.common_name = name;
  request.organizations = groups;
  request.validity = validity;
  auto issued = authority.issue(request);
  EXPECT_TRUE(issued.has_value());
  return *issued;
}

}  // namespace http
