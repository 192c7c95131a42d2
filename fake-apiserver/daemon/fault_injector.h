// Makes requests fail as fault rules say, in front of the server.
//
// A decorator. Every rule draws from a random stream of its own name, so that one rule more leaves the others' dice as
// they fell. Windows are on the cluster's clock; added latency and what happens to connections take wall time.
// Single-threaded; must outlive its replies and their streams.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/random.h"
#include "common/http/handler.h"
#include "fake-apiserver/daemon/fault_rules.h"
#include "fake-apiserver/daemon/faulty_stream.h"

namespace fakeapi {

// What faults do to the server itself.
struct FaultTargets {
  std::function<std::uint64_t()> revision;                          // the present one
  std::function<void()> end_watches;                                // all, cleanly
  std::function<void(std::size_t)> shrink_history;                  // to so many events
  std::function<std::string(const http::Request&)> user_name = {};  // empty: rules by user never fit
};

class FaultInjector final : public http::Handler {
 public:
  FaultInjector(http::Handler& inner, base::Clock& clock, base::Clock& wire_clock, base::Random random,
                const base::Log& log, base::Metrics& metrics, FaultTargets targets);
  ~FaultInjector() override;

  // Adds to those there are; a rule of the same name is replaced and starts anew.
  void add(std::vector<FaultRule> rules);
  void clear();
  bool remove(const std::string& name);  // false: there is none
  // {"faults": [{name, fault, matched, struck, active, ...}]}
  nlohmann::json describe() const;
  // A rule says that an expired certificate is to be served now.
  bool serves_expired_certificate() const;

  boost::asio::awaitable<http::Reply> handle(http::Request request) override;

 private:
  struct Armed;
  struct Verdict;
  class Watched;

  Verdict judge(const http::Request& request, const RequestInfo& info);
  bool strikes(Armed& armed);
  void count(Armed& armed);
  void add_to_stream(const std::shared_ptr<Armed>& armed, Verdict& verdict);
  void schedule(const std::shared_ptr<Armed>& armed);
  void act(Armed& armed);
  boost::asio::awaitable<http::Reply> carry_out(http::Request request, const RequestInfo& info, const Verdict& verdict);
  void freeze(const std::string& target, std::string& body);
  void thaw();
  void spoil(http::Reply& reply, const RequestInfo& info, const std::string& target, const Verdict& verdict);

  http::Handler& inner_;
  base::Clock& clock_;
  base::Clock& wire_clock_;
  const base::Random random_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const FaultTargets targets_;
  std::vector<std::shared_ptr<Armed>> rules_;
  base::Time down_until_{};  // of the wire
  std::uint64_t restarts_ = 0;
  std::map<std::string, std::string> frozen_;  // answers of the metrics groups, by target, while they are stale
};

}  // namespace fakeapi
