// A Kubernetes API server for tests and simulations: the store, watches and the HTTP API in one object.
//
// An http::Handler: served by http::TcpServer over sockets, or called in process in virtual time. Whatever controllers
// there are act on store(). Single-threaded, on the clock's executor; must outlive its replies and their streams.
#pragma once

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "common/http/handler.h"
#include "fake-apiserver/api/eviction.h"
#include "fake-apiserver/api/router.h"

namespace fakeapi {

struct FakeApiServerOptions {
  StoreOptions store = {};
  WatchOptions watch = {};
  RouterOptions router = {};
  // How long a read waits for a resourceVersion that does not exist yet.
  base::Duration future_revision_wait = std::chrono::seconds(3);
};

class FakeApiServer final : public http::Handler {
 public:
  FakeApiServer(base::Clock& clock, base::Random random, FakeApiServerOptions options, base::Metrics& metrics);

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

  ObjectStore& store() { return store_; }
  WatchHub& watch_hub() { return hub_; }
  Namespaces& namespaces() { return namespaces_; }

  // Evictions, pod logs, reviews and tokens are answered by what is put there.
  ServerHooks& hooks() { return router_.hooks(); }

  // Serves the metrics groups from `source`, which must outlive this object or be taken back with null.
  void set_metrics_source(MetricsSource* source) { router_.metrics_api().set_source(source); }

 private:
  base::Clock& clock_;
  const FakeApiServerOptions options_;
  const ResourceRegistry registry_ = ResourceRegistry::builtin();
  ObjectStore store_;
  WatchHub hub_;
  Namespaces namespaces_;
  Evictor evictor_{store_, namespaces_};
  Router router_;
};

}  // namespace fakeapi
