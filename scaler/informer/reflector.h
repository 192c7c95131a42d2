// Keeps a ReflectorTarget equal to a collection of the API: lists it, watches it from there, and lists again when the
// watch can't be continued. Reacts to failures as client-go's reflector does.
//
// Single-threaded. run() belongs in a TaskGroup whose owner outlives it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/log.h"
#include "common/base/random.h"
#include "scaler/client/backoff.h"
#include "scaler/client/kube_client.h"

namespace scaler {

class ReflectorTarget {
 public:
  struct Page {
    std::string resource_version;
    std::string continue_token;
  };
  struct Event {
    enum class Kind { kChange, kBookmark, kError, kUnknown };
    Kind kind = Kind::kUnknown;
    std::string resource_version;
    base::Error error;
  };

  virtual ~ReflectorTarget() = default;
  // Pages of one list are gathered; commit_list() puts them in place of what there was.
  virtual void begin_list() = 0;
  virtual base::Result<Page> add_page(std::string_view body) = 0;
  virtual void commit_list(const std::string& resource_version) = 0;
  virtual base::Result<Event> apply(std::string_view line) = 0;
};

struct ReflectorOptions {
  int page_limit = 500;
  base::Duration shortest_watch = std::chrono::minutes(5);  // timeoutSeconds is drawn between these two
  base::Duration longest_watch = std::chrono::minutes(10);
  base::Duration watch_grace = std::chrono::seconds(30);  // a watch that outlives its timeoutSeconds by this has hung
  base::Duration quick_end = std::chrono::seconds(1);     // a watch that ends sooner has failed
  bool may_be_absent = false;                             // a CRD's collection: a 404 means that it is empty
  base::Duration absent_retry = std::chrono::minutes(1);  // how often to look for a collection that does not exist
  BackoffOptions backoff;
};

class Reflector {
 public:
  // `collection` is a path, as of object_path(); `name` ("pods") labels log and metrics.
  Reflector(std::string name, std::string collection, ReflectorTarget& target, KubeClient& client, base::Clock& clock,
            base::Random random, const base::Log& log, base::Metrics& metrics, ReflectorOptions options);

  // Never returns by itself.
  boost::asio::awaitable<void> run();

 private:
  enum class Next { kWatch, kPauseAndWatch, kPauseAndList };

  boost::asio::awaitable<base::Result<>> list();
  boost::asio::awaitable<void> watch_while_possible();
  boost::asio::awaitable<Next> watch_once();
  boost::asio::awaitable<base::Result<Next>> follow(http::LineStream& stream);
  boost::asio::awaitable<void> pause();
  std::string list_target(const std::string& continue_token) const;
  std::string watch_target(base::Duration timeout) const;
  Next refused(const WatchOpened& opened);
  Next after_error_event(const base::Error& error);
  Next after_end(base::Duration lasted, bool any_event);
  void failed(const std::string& reason, const base::Error& error);

  const std::string name_;
  const std::string collection_;
  ReflectorTarget& target_;
  KubeClient& client_;
  base::Clock& clock_;
  base::Random random_;
  const base::Log& log_;
  base::Metrics& metrics_;
  const ReflectorOptions options_;
  Backoff backoff_;
  std::string list_version_ = "0";  // a list must not be older than this; "0" any will do, "" the newest
  std::string version_;             // of the last list, event or bookmark
};

}  // namespace scaler
