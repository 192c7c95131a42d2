#include "fake-apiserver/fake_apiserver.h"

#include "fake-apiserver/custom/custom_resource.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {
constexpr base::Duration kRevisionPoll = std::chrono::milliseconds(100);
}

FakeApiServer::FakeApiServer(base::Clock& clock, base::Random random, FakeApiServerOptions options,
                             base::Metrics& metrics, base::Clock* wire_clock)
    : wire_clock_(wire_clock == nullptr ? clock : *wire_clock),
      options_(std::move(options)),
      store_(clock, random.fork("store"), options_.store),
      hub_(store_, wire_clock_, random.fork("watch"), metrics, options_.watch),
      namespaces_(store_, registry_),
      security_(store_, random.fork("security"), options_.security),
      router_(store_, hub_, namespaces_, registry_, metrics, options_.router),
      definitions_(store_, registry_, definition_callbacks()),
      aggregator_(store_, wire_clock_, options_.aggregation,
                  [this](const std::string& group, const std::string& version) {
                    return router_.metrics_api().serves(group, version) || registry_.has_group_version(group, version);
                  }) {
  install_extension_hooks(hooks());
  hooks().remote_versions = [this] { return aggregator_.remote_versions(); };
  security_.install(hooks());
  hooks().evict = [this](const ApiRequest& request, const Json& eviction) { return evictor_.evict(request, eviction); };
}

Definitions::Callbacks FakeApiServer::definition_callbacks() {
  Definitions::Callbacks callbacks;
  callbacks.remove = [this](const ResourceInfo& info, const ObjectName& name) {
    (void)deleter_.remove_object(info, name, Deleter::Options());
  };
  callbacks.end_watches = [this](const Resource& resource) { hub_.close(resource); };
  callbacks.changed = [this] { api_services_.update(); };
  return callbacks;
}

void FakeApiServer::publish_services(const std::string& ca) {
  api_services_.start();
  publish_authentication(store_, ca);
}

asio::awaitable<http::Reply> FakeApiServer::handle(http::Request request) {
  const auto user = security_.admit(request);
  if (!user) {
    http::Reply refused(to_response(user.error()));
    co_return refused;
  }
  if (auto document = security_.issuer_document(request)) co_return std::move(*document);
  const auto wanted = router_.wanted_revision(request);
  const base::Time deadline = wire_clock_.now() + options_.future_revision_wait;
  while (wanted && *wanted > store_.revision() && wire_clock_.now() < deadline)
    co_await wire_clock_.sleep_for(kRevisionPoll);
  if (wanted && *wanted > store_.revision()) {
    http::Reply reply(to_response(future_revision(*wanted, store_.revision())));
    co_return reply;
  }
  if (aggregator_.serves(request)) {
    auto forwarded = co_await aggregator_.forward(std::move(request), *user);
    co_return forwarded;
  }
  const bool reads = request.method == "GET";
  const bool tells = aggregator_.tells(request);
  if (tells && reads) co_await aggregator_.check();
  const bool registers = !reads && request.target.starts_with("/apis/apiregistration.k8s.io/");
  auto reply = router_.route(std::move(request), *user);
  // An APIService is looked at when it is new, so that whoever waits for it need not ask.
  if (registers) co_await aggregator_.check();
  co_return reply;
}

}  // namespace fakeapi
