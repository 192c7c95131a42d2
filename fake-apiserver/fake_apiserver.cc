#include "fake-apiserver/fake_apiserver.h"

namespace fakeapi {
namespace asio = boost::asio;
namespace {
constexpr base::Duration kRevisionPoll = std::chrono::milliseconds(100);
}

FakeApiServer::FakeApiServer(base::Clock& clock, base::Random random, FakeApiServerOptions options,
                             base::Metrics& metrics)
    : clock_(clock),
      options_(std::move(options)),
      store_(clock, random.fork("store"), options_.store),
      hub_(store_, random.fork("watch"), metrics, options_.watch),
      namespaces_(store_, registry_),
      router_(store_, hub_, namespaces_, registry_, metrics, options_.router) {
  hooks().evict = [this](const ApiRequest& request, const Json& eviction) { return evictor_.evict(request, eviction); };
}

asio::awaitable<http::Reply> FakeApiServer::handle(http::Request request) {
  const auto wanted = router_.wanted_revision(request);
  const base::Time deadline = clock_.now() + options_.future_revision_wait;
  while (wanted && *wanted > store_.revision() && clock_.now() < deadline) co_await clock_.sleep_for(kRevisionPoll);
  if (wanted && *wanted > store_.revision()) {
    http::Reply reply(to_response(future_revision(*wanted, store_.revision())));
    co_return reply;
  }
  co_return router_.route(std::move(request), User());
}

}  // namespace fakeapi
