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
#include "fake-apiserver/custom/aggregator.h"
#include "fake-apiserver/custom/api_services.h"
#include "fake-apiserver/custom/definitions.h"
#include "fake-apiserver/kinds/quota_ledger.h"
#include "fake-apiserver/security/security.h"

namespace fakeapi {

struct FakeApiServerOptions {
  StoreOptions store = {};
  WatchOptions watch = {};
  RouterOptions router = {};
  SecurityOptions security = {};
  AggregationOptions aggregation = {};
  // How long a read waits for a resourceVersion that does not exist yet.
  base::Duration future_revision_wait = std::chrono::seconds(3);
};

class FakeApiServer final : public http::Handler {
 public:
  // Objects are dated by `clock`. Waits of the wire (watch time-outs, bookmarks, revisions to come) count on
  // `wire_clock`, which lives on the same executor; without it on `clock`, as in a simulation.
  FakeApiServer(base::Clock& clock, base::Random random, FakeApiServerOptions options, base::Metrics& metrics,
                base::Clock* wire_clock = nullptr);

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

  // Who sends the request, if it may pass; 401, 403.
  ApiResult<User> admit(const http::Request& request) { return security_.admit(request); }

  ObjectStore& store() { return store_; }
  WatchHub& watch_hub() { return hub_; }
  Namespaces& namespaces() { return namespaces_; }

  // Evictions, pod logs, reviews and tokens are answered by what is put there.
  ServerHooks& hooks() { return router_.hooks(); }

  // Lists the APIServices of the groups that are served here, and lets other servers find out whom to trust; `ca` is
  // PEM, empty without TLS. A simulation does without.
  void publish_services(const std::string& ca);
  Aggregator& aggregator() { return aggregator_; }
  const ResourceRegistry& registry() const { return registry_; }

  // Serves the metrics groups from `source`, which must outlive this object or be taken back with null.
  void set_metrics_source(MetricsSource* source) { router_.metrics_api().set_source(source); }

 private:
  Definitions::Callbacks definition_callbacks();

  base::Clock& wire_clock_;
  const FakeApiServerOptions options_;
  ResourceRegistry registry_ = ResourceRegistry::builtin();
  ObjectStore store_;
  WatchHub hub_;
  Namespaces namespaces_;
  QuotaLedger quota_ledger_{store_};
  Security security_;
  Evictor evictor_{store_, namespaces_};
  Router router_;
  Deleter deleter_{store_, namespaces_};
  ApiServices api_services_{store_, registry_};
  Definitions definitions_;
  Aggregator aggregator_;
};

}  // namespace fakeapi
