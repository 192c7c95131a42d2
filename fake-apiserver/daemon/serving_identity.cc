#include "fake-apiserver/daemon/serving_identity.h"

#include <array>

#include "common/base/file.h"
#include "common/base/random.h"
#include "common/http/certificates.h"

namespace fakeapi {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kValid = 24h * 365;
constexpr base::Duration kClockSkew = 1h;

base::Result<http::TlsIdentity> issue_server(const http::CertificateAuthority& ca, const Flags& flags,
                                             http::Validity validity) {
  http::CertificateRequest request;
  request.common_name = "kube-apiserver";
  request.dns_names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"};
  request.addresses = {"127.0.0.1", "::1"};
  if (flags.address != "127.0.0.1" && flags.address != "::1" && flags.address != "localhost") {
    request.addresses.push_back(flags.address);
  }
  request.validity = validity;
  request.for_server = true;
  return ca.issue(request);
}

base::Result<void> make_own(const Flags& flags, base::Time now, ServingIdentity& made) {
  const http::Validity validity{now - kClockSkew, now + kValid};
  auto ca = http::CertificateAuthority::create("fake-apiserver", validity);
  if (!ca) return ca.error();
  auto server = issue_server(*ca, flags, validity);
  if (!server) return server.error();
  auto old = issue_server(*ca, flags, {now - 24h, now - 1h});
  if (!old) return old.error();
  http::CertificateRequest admin;
  admin.common_name = "kubernetes-admin";
  admin.organizations = {"system:masters"};
  admin.validity = validity;
  auto client = ca->issue(admin);
  if (!client) return client.error();
  made.ca_pem = ca->certificate_pem();
  made.options.identity = *server;
  made.options.client_ca_pem = made.ca_pem;
  made.expired = made.options;
  made.expired->identity = *old;
  made.admin = *client;
  http::CertificateRequest proxy;
  proxy.common_name = "front-proxy-client";
  proxy.validity = validity;
  auto shown = ca->issue(proxy);
  if (!shown) return shown.error();
  made.proxy = *shown;
  return {};
}

// What comes from files, over what was there.
base::Result<> read_files(const Flags& flags, ServingIdentity& made) {
  const bool own = flags.tls_cert.empty();
  if (!own) {
    auto certificate = base::read_file(flags.tls_cert);
    if (!certificate) return certificate.error();
    auto key = base::read_file(flags.tls_key);
    if (!key) return key.error();
    made.options.identity = http::TlsIdentity{*certificate, *key};
    made.ca_pem = *certificate;
  }
  made.options.client_ca_pem = own ? made.ca_pem : "";
  if (!flags.client_ca.empty()) {
    auto ca = base::read_file(flags.client_ca);
    if (!ca) return ca.error();
    // Alone: behind an authority of our own, what is no certificate would go unnoticed.
    if (auto first = http::describe_certificate(*ca); !first) return base::annotate(first.error(), flags.client_ca);
    made.options.client_ca_pem += *ca;
  }
  if (made.expired) made.expired->client_ca_pem = made.options.client_ca_pem;
  return {};
}

}  // namespace

base::Result<> reload_identity(const Flags& flags, ServingIdentity& identity) {
  ServingIdentity read = identity;
  if (auto files = read_files(flags, read); !files) return files;
  if (auto loaded = identity.context->reload(read.options); !loaded) return loaded;
  identity = std::move(read);
  return {};
}

base::Result<ServingIdentity> make_serving_identity(const Flags& flags, base::Time now) {
  ServingIdentity made;
  if (flags.tls_cert.empty()) {
    if (auto own = make_own(flags, now, made); !own) return own.error();
  }
  if (auto read = read_files(flags, made); !read) return read.error();
  auto context = http::TlsServerContext::create(made.options);
  if (!context) return context.error();
  made.context = *context;
  return made;
}

base::Result<std::string> make_secret(base::Time now) {
  const auto ca = http::CertificateAuthority::create("secret", {now, now + kValid});
  if (!ca) return ca.error();
  return ca->identity().key_pem;
}

}  // namespace fakeapi
