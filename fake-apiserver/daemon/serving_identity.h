// The certificates that the program serves with, read from files or made at the start. A value.
#pragma once

#include <memory>
#include <string>

#include "common/http/tls.h"
#include "fake-apiserver/daemon/flags.h"

namespace fakeapi {

struct ServingIdentity {
  std::shared_ptr<http::TlsServerContext> context;
  http::TlsServerOptions options;
  // The same with a certificate that ran out an hour ago; only of an authority of our own.
  std::optional<http::TlsServerOptions> expired;
  std::string ca_pem;       // for kubeconfigs; empty: not ours to say
  http::TlsIdentity admin;  // a client of the group system:masters; empty texts: none
  http::TlsIdentity proxy;  // shown to aggregated servers; empty texts: none
};

// `now` is the machine's time: certificates live in it. kInvalid for files that cannot be read or are none.
base::Result<ServingIdentity> make_serving_identity(const Flags& flags, base::Time now);

// Reads the files of the flags anew into `identity`, whose own certificates stay, and serves with them from now on.
// After a failure nothing has changed.
base::Result<> reload_identity(const Flags& flags, ServingIdentity& identity);

// A secret for tokens that nobody can compute from the seed.
base::Result<std::string> make_secret(base::Time now);

}  // namespace fakeapi
