// X.509 certificates: an authority of one's own that signs servers and clients (EC P-256, SHA-256), and what stands in
// a certificate. Values; no I/O. Keys come from OpenSSL's generator: they are secrets, and no part of a simulation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/http/message.h"
#include "common/http/tls.h"

struct x509_st;  // OpenSSL's X509

namespace http {

struct Validity {
  base::Time from{};
  base::Time until{};
};

struct CertificateRequest {
  std::string common_name{};
  std::vector<std::string> organizations{};
  std::vector<std::string> dns_names{};
  std::vector<std::string> addresses{};  // numeric
  std::vector<std::string> uris{};
  Validity validity{};
  bool for_server = false;  // otherwise for a client
};

class CertificateAuthority {
 public:
  static base::Result<CertificateAuthority> create(const std::string& common_name, Validity validity);
  // kInvalid if the texts are not a certificate and its key.
  static base::Result<CertificateAuthority> load(const TlsIdentity& identity);

  // kInvalid for names that cannot stand in a certificate.
  base::Result<TlsIdentity> issue(const CertificateRequest& request) const;

  const TlsIdentity& identity() const { return identity_; }
  const std::string& certificate_pem() const { return identity_.certificate_pem; }

 private:
  struct Native;
  CertificateAuthority(TlsIdentity identity, std::shared_ptr<const Native> native)
      : identity_(std::move(identity)), native_(std::move(native)) {}

  TlsIdentity identity_;
  std::shared_ptr<const Native> native_;
};

PeerCertificate describe_certificate(x509_st* certificate);
// Of the first certificate in the text; kInvalid if there is none.
base::Result<PeerCertificate> describe_certificate(const std::string& pem);

}  // namespace http
