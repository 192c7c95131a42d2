#include "common/http/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <climits>
#include <vector>

#include "common/base/check.h"
#include "common/base/free_with.h"
#include "common/http/certificates.h"

namespace http {
using base::Error;
using base::ErrorCode;
using base::Result;
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, base::FreeWith<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, base::FreeWith<SSL_free>>;
using BioPtr = std::unique_ptr<BIO, base::FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, base::FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, base::FreeWith<EVP_PKEY_free>>;

constexpr std::string_view kHttp11 = "http/1.1";

Error invalid(const std::string& what) {
  ERR_clear_error();
  return Error{ErrorCode::kInvalid, what};
}

BioPtr bio_of(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// nullptr at the end and at what is no certificate.
X509Ptr next_certificate(BIO* bio) { return X509Ptr(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)); }

std::vector<X509Ptr> certificates_of(const std::string& pem) {
  std::vector<X509Ptr> list;
  const BioPtr bio = bio_of(pem);
  while (X509Ptr certificate = next_certificate(bio.get())) list.push_back(std::move(certificate));
  ERR_clear_error();
  return list;
}

Result<> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  const auto chain = certificates_of(identity.certificate_pem);
  if (chain.empty()) return invalid("the certificate is not in PEM form");
  const BioPtr bio = bio_of(identity.key_pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return invalid("the private key is not in PEM form");
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) return invalid("the certificate is unusable");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return invalid("the private key does not belong to the certificate");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return invalid("the certificate's chain is unusable");
  }
  return {};
}

Result<> trust(SSL_CTX* context, const std::string& ca_pem, bool name_to_peer) {
  const auto authorities = certificates_of(ca_pem);
  if (authorities.empty()) return invalid("the certificate authority is not in PEM form");
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const X509Ptr& ca : authorities) {
    if (X509_STORE_add_cert(store, ca.get()) != 1) return invalid("the certificate authority is unusable");
    if (name_to_peer) SSL_CTX_add_client_CA(context, ca.get());
  }
  return {};
}

ContextPtr make_context(const SSL_METHOD* method, TlsVersions versions) {
  ContextPtr context(SSL_CTX_new(method));
  CHECK(context != nullptr, "OpenSSL has no memory");
  SSL_CTX_set_min_proto_version(context.get(), versions == TlsVersions::kOnly13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), versions == TlsVersions::kOnly12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  return context;
}

// http/1.1 if the client offers it; a client that insists on something else cannot be served.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int size, void*) {
  for (unsigned int at = 0; at < size && at + 1 + offered[at] <= size; at += 1u + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != kHttp11) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Remembers the first fault of a chain in the session, and goes on.
int note_fault(int good, X509_STORE_CTX* verification) {
  if (good == 1) return 1;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* fault = static_cast<int*>(SSL_get_app_data(ssl));
  if (*fault == X509_V_OK) *fault = X509_STORE_CTX_get_error(verification);
  return 1;
}

std::string reason_of(unsigned long code) {
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "TLS error" : reason;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace

struct TlsSession::Impl {
  explicit Impl(SSL_CTX* context) : ssl(SSL_new(context)), input(BIO_new(BIO_s_mem())), output(BIO_new(BIO_s_mem())) {
    CHECK(ssl && input && output, "OpenSSL has no memory");
    // No input for the moment is not the end of it.
    BIO_set_mem_eof_return(input, -1);
    SSL_set_bio(ssl.get(), input, output);
    SSL_set_app_data(ssl.get(), &fault);
  }

  Step step(int result) {
    if (result > 0) return Step::kDone;
    const int error = SSL_get_error(ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ) return Step::kNeedsInput;
    if (error == SSL_ERROR_ZERO_RETURN) return Step::kClosed;
    const long verified = SSL_get_verify_result(ssl.get());
    const unsigned long code = ERR_get_error();
    if (failure.empty()) {
      failure = verified != X509_V_OK && fault == X509_V_OK ? X509_verify_cert_error_string(verified) : reason_of(code);
    }
    ERR_clear_error();
    return Step::kFailed;
  }

  SslPtr ssl;
  BIO* input;  // owned by ssl, as is output
  BIO* output;
  int fault = X509_V_OK;
  std::string failure;
};

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsSession::~TlsSession() = default;

bool TlsSession::is_server() const { return SSL_is_server(impl_->ssl.get()) == 1; }

TlsSession::Step TlsSession::handshake() {
  ERR_clear_error();
  return impl_->step(SSL_do_handshake(impl_->ssl.get()));
}

void TlsSession::feed(std::string_view bytes) {
  CHECK(bytes.size() <= INT_MAX, "fed piece by piece");
  BIO_write(impl_->input, bytes.data(), static_cast<int>(bytes.size()));
}

TlsSession::Step TlsSession::read(char* to, std::size_t room, std::size_t& size) {
  ERR_clear_error();
  size = 0;
  return impl_->step(SSL_read_ex(impl_->ssl.get(), to, room, &size));
}

TlsSession::Step TlsSession::write(std::string_view text) {
  if (text.empty()) return Step::kDone;
  ERR_clear_error();
  std::size_t written = 0;
  return impl_->step(SSL_write_ex(impl_->ssl.get(), text.data(), text.size(), &written));
}

void TlsSession::end() {
  ERR_clear_error();
  if (SSL_is_init_finished(impl_->ssl.get()) == 1 && impl_->failure.empty()) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

bool TlsSession::has_output() const { return BIO_ctrl_pending(impl_->output) > 0; }

std::string TlsSession::take_output() {
  std::string bytes(BIO_ctrl_pending(impl_->output), '\0');
  if (!bytes.empty()) BIO_read(impl_->output, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool TlsSession::has_text() const { return SSL_pending(impl_->ssl.get()) > 0; }
const std::string& TlsSession::failure() const { return impl_->failure; }

std::shared_ptr<const PeerCertificate> TlsSession::peer_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(impl_->ssl.get());
  if (certificate == nullptr) return nullptr;
  auto peer = std::make_shared<PeerCertificate>(describe_certificate(certificate));
  if (impl_->fault != X509_V_OK) peer->fault = X509_verify_cert_error_string(impl_->fault);
  return peer;
}

std::string TlsSession::application_protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(impl_->ssl.get(), &name, &size);
  return name == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(name), size);
}

struct TlsServerContext::Native {
  ContextPtr context;
};

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::create(const TlsServerOptions& options) {
  auto context = std::make_shared<TlsServerContext>();
  const auto loaded = context->reload(options);
  if (!loaded) return loaded.error();
  return context;
}

Result<> TlsServerContext::reload(const TlsServerOptions& options) {
  auto native = std::make_shared<Native>(Native{make_context(TLS_server_method(), options.versions)});
  SSL_CTX* context = native->context.get();
  if (auto used = use_identity(context, options.identity); !used) return used.error();
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (!options.client_ca_pem.empty() && options.client_certificates != ClientCertificates::kIgnored) {
    if (auto trusted = trust(context, options.client_ca_pem, true); !trusted) return trusted.error();
    const bool required = options.client_certificates == ClientCertificates::kRequired;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       required ? nullptr : note_fault);
  }
  native_ = std::move(native);
  return {};
}

std::unique_ptr<TlsSession> TlsServerContext::session() const {
  auto impl = std::make_unique<TlsSession::Impl>(native_->context.get());
  SSL_set_accept_state(impl->ssl.get());
  return std::make_unique<TlsSession>(std::move(impl));
}

struct TlsClientContext::Native {
  ContextPtr context;
  std::string server_name;
};

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::create(const TlsClientOptions& options) {
  auto context = std::make_shared<TlsClientContext>();
  const auto loaded = context->reload(options);
  if (!loaded) return loaded.error();
  return context;
}

Result<> TlsClientContext::reload(const TlsClientOptions& options) {
  auto native =
      std::make_shared<Native>(Native{make_context(TLS_client_method(), options.versions), options.server_name});
  SSL_CTX* context = native->context.get();
  if (options.identity) {
    if (auto used = use_identity(context, *options.identity); !used) return used.error();
  }
  if (options.verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (options.ca_pem.empty()) {
      SSL_CTX_set_default_verify_paths(context);
    } else if (auto trusted = trust(context, options.ca_pem, false); !trusted) {
      return trusted.error();
    }
  }
  std::vector<unsigned char> protocols;
  for (const std::string& name : options.application_protocols) {
    if (name.empty() || name.size() > 255) return invalid("not the name of a protocol: \"" + name + "\"");
    protocols.push_back(static_cast<unsigned char>(name.size()));
    protocols.insert(protocols.end(), name.begin(), name.end());
  }
  SSL_CTX_set_alpn_protos(context, protocols.data(), static_cast<unsigned int>(protocols.size()));
  native_ = std::move(native);
  return {};
}

std::unique_ptr<TlsSession> TlsClientContext::session(const std::string& host) const {
  auto impl = std::make_unique<TlsSession::Impl>(native_->context.get());
  SSL* ssl = impl->ssl.get();
  const std::string& name = native_->server_name.empty() ? host : native_->server_name;
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set1_host(ssl, name.c_str());
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
  }
  SSL_set_connect_state(ssl);
  return std::make_unique<TlsSession>(std::move(impl));
}

}  // namespace http
