// TLS for connections: contexts made from PEM texts, and a session as a machine from bytes to bytes without any I/O.
//
// Only tls.cc and certificates.cc know OpenSSL. Single-threaded. TLS 1.3 alone unless 1.2 is allowed; the application
// protocol is http/1.1, whether or not the peer negotiates one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/http/message.h"

namespace http {

struct TlsIdentity {
  std::string certificate_pem{};  // the leaf first, then what links it to its authority
  std::string key_pem{};
};

enum class ClientCertificates {
  kIgnored,
  kAsked,     // a certificate that does not verify is reported in Peer, and the connection goes on
  kRequired,  // without a good one there is no connection
};

enum class TlsVersions { kOnly13, k12And13, kOnly12 };

struct TlsServerOptions {
  TlsIdentity identity{};
  std::string client_ca_pem{};  // who signs clients; empty: certificates are ignored
  ClientCertificates client_certificates = ClientCertificates::kAsked;
  TlsVersions versions = TlsVersions::kOnly13;
};

struct TlsClientOptions {
  std::string ca_pem{};  // who signs servers; empty: the machine's list
  std::optional<TlsIdentity> identity{};
  std::string server_name{};  // empty: the host of the origin
  bool verify = true;
  std::vector<std::string> application_protocols = {"http/1.1"};  // none: ALPN is not spoken
  TlsVersions versions = TlsVersions::kOnly13;
};

// One end of one connection.
class TlsSession {
 public:
  enum class Step {
    kDone,
    kNeedsInput,
    kClosed,  // the peer has ended its side as it should
    kFailed,  // for good; failure() says why, and output() may hold an alert
  };

  struct Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  bool is_server() const;
  // To be repeated after feed() until it is done.
  Step handshake();
  // Bytes that came from the peer.
  void feed(std::string_view bytes);
  // kDone with `size` > 0 bytes in `to`.
  Step read(char* to, std::size_t room, std::size_t& size);
  // REQUIRES: the handshake is done. Takes all of `text`.
  Step write(std::string_view text);
  // Says to the peer that nothing more follows.
  void end();

  // What is to be sent, to be taken away in order.
  bool has_output() const;
  std::string take_output();

  // Whether read() would give something without more input.
  bool has_text() const;
  const std::string& failure() const;
  // Of the other end, after the handshake; null if it showed none.
  std::shared_ptr<const PeerCertificate> peer_certificate() const;
  // "" if none was negotiated.
  std::string application_protocol() const;

 private:
  std::unique_ptr<Impl> impl_;
};

// What the sessions of a server have in common. Sessions keep what they were made with.
class TlsServerContext {
 public:
  // kInvalid if the texts are no certificates, or the key is not the certificate's.
  static base::Result<std::shared_ptr<TlsServerContext>> create(const TlsServerOptions& options);
  // For sessions from now on; after a failure nothing has changed.
  base::Result<> reload(const TlsServerOptions& options);
  std::unique_ptr<TlsSession> session() const;

  struct Native;

 private:
  std::shared_ptr<const Native> native_;
};

// What the connections of a client have in common.
class TlsClientContext {
 public:
  static base::Result<std::shared_ptr<TlsClientContext>> create(const TlsClientOptions& options);
  base::Result<> reload(const TlsClientOptions& options);
  // `host` is verified, and told to the server if it is a name; TlsClientOptions::server_name goes before it.
  std::unique_ptr<TlsSession> session(const std::string& host) const;

  struct Native;

 private:
  std::shared_ptr<const Native> native_;
};

}  // namespace http
