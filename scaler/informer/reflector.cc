#include "scaler/informer/reflector.h"

#include "common/base/number_format.h"
#include "common/http/url.h"
#include "scaler/client/deadline.h"

namespace scaler {
namespace asio = boost::asio;

using base::ErrorCode;
using base::Result;

Reflector::Reflector(std::string name, std::string collection, ReflectorTarget& target, KubeClient& client,
                     base::Clock& clock, base::Random random, const base::Log& log, base::Metrics& metrics,
                     ReflectorOptions options)
    : name_(std::move(name)),
      collection_(std::move(collection)),
      target_(target),
      client_(client),
      clock_(clock),
      random_(random.fork("watch timeout")),
      log_(log),
      metrics_(metrics),
      options_(options),
      backoff_(options.backoff, random.fork("back-off")) {}

asio::awaitable<void> Reflector::run() {
  for (;;) {
    const auto listed = co_await list();
    if (listed) {
      co_await watch_while_possible();
      continue;
    }
    if (options_.may_be_absent && listed.error().code == ErrorCode::kNotFound) {
      // The CRD is not installed: as good as empty, until it appears.
      target_.begin_list();
      target_.commit_list("");
      log_.debug("collection absent", {{"resource", name_}});
      co_await clock_.sleep_for(options_.absent_retry);
      continue;
    }
    failed("list", listed.error());
    // The server can't list from there (kInvalid: it does not even understand the version): then from the newest.
    if (listed.error().code == ErrorCode::kExpired || listed.error().code == ErrorCode::kInvalid) list_version_.clear();
    co_await pause();
  }
}

asio::awaitable<Result<>> Reflector::list() {
  metrics_.increment("scaler_reflector_lists_total", "Lists of a collection", {{"resource", name_}});
  target_.begin_list();
  std::string continue_token;
  for (;;) {
    const auto body = co_await client_.get(list_target(continue_token));
    if (!body) co_return body.error();
    auto page = target_.add_page(*body);
    if (!page) co_return page.error();
    version_ = page->resource_version;
    continue_token = std::move(page->continue_token);
    if (continue_token.empty()) break;
  }
  target_.commit_list(version_);
  list_version_ = version_;
  co_return Result<>();
}

std::string Reflector::list_target(const std::string& continue_token) const {
  std::string target = collection_ + "?limit=" + base::format_number(std::int64_t{options_.page_limit});
  // A continued list is at the version of its first page.
  if (!continue_token.empty()) return target + "&continue=" + http::percent_encode(continue_token);
  if (!list_version_.empty()) target += "&resourceVersion=" + http::percent_encode(list_version_);
  return target;
}

std::string Reflector::watch_target(base::Duration timeout) const {
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  return collection_ + "?allowWatchBookmarks=true&resourceVersion=" + http::percent_encode(version_) +
         "&timeoutSeconds=" + base::format_number(seconds) + "&watch=true";
}

asio::awaitable<void> Reflector::watch_while_possible() {
  for (;;) {
    const Next next = co_await watch_once();
    if (next == Next::kWatch) continue;
    co_await pause();
    if (next == Next::kPauseAndList) co_return;
    metrics_.increment("scaler_reflector_resumed_watches_total", "Watches continued after a failure, without a list",
                       {{"resource", name_}});
  }
}

asio::awaitable<Reflector::Next> Reflector::watch_once() {
  const auto spread = static_cast<std::uint64_t>((options_.longest_watch - options_.shortest_watch).count());
  const base::Duration drawn(static_cast<base::Duration::rep>(random_.below(spread + 1)));
  const base::Duration timeout = options_.shortest_watch + drawn;
  metrics_.increment("scaler_reflector_watches_total", "Watches of a collection", {{"resource", name_}});
  WatchOpened opened = co_await client_.watch(watch_target(timeout));
  if (!opened.stream) co_return refused(opened);

  auto following = follow(*opened.stream);
  const auto outcome = co_await within(clock_, timeout + options_.watch_grace, std::move(following));
  if (outcome) co_return *outcome;
  failed("hung", outcome.error());
  co_return Next::kPauseAndWatch;
}

asio::awaitable<Result<Reflector::Next>> Reflector::follow(http::LineStream& stream) {
  const base::Time started = clock_.now();
  bool any_event = false;
  for (;;) {
    const auto line = co_await stream.next_line();
    if (!line) {
      failed("broken", line.error());
      co_return Next::kPauseAndWatch;
    }
    if (!*line) co_return after_end(clock_.now() - started, any_event);
    if ((*line)->empty()) continue;
    const auto event = target_.apply(**line);
    if (!event) {
      failed("garbage", event.error());
      co_return Next::kPauseAndList;
    }
    if (event->kind == ReflectorTarget::Event::Kind::kError) co_return after_error_event(event->error);
    if (event->kind == ReflectorTarget::Event::Kind::kUnknown) {
      log_.warning("watch event of an unknown type", {{"resource", name_}});
      continue;
    }
    any_event = true;
    if (!event->resource_version.empty()) version_ = event->resource_version;
  }
}

Reflector::Next Reflector::refused(const WatchOpened& opened) {
  failed("watch", opened.error);
  // Nobody there, or too busy: the position is still good. Anything else makes the position doubtful.
  if (!opened.answered || opened.error.code == ErrorCode::kRateLimited) return Next::kPauseAndWatch;
  if (opened.error.code == ErrorCode::kExpired) list_version_ = version_;
  return Next::kPauseAndList;
}

Reflector::Next Reflector::after_error_event(const base::Error& error) {
  const bool expired = error.code == ErrorCode::kExpired;
  failed(expired ? "expired" : "error_event", error);
  if (error.code == ErrorCode::kRateLimited) return Next::kPauseAndWatch;
  list_version_ = version_;
  return Next::kPauseAndList;
}

Reflector::Next Reflector::after_end(base::Duration lasted, bool any_event) {
  if (lasted >= options_.quick_end) return Next::kWatch;
  failed("short", base::Error{ErrorCode::kUnavailable, "the watch ended at once"});
  return any_event ? Next::kPauseAndWatch : Next::kPauseAndList;
}

asio::awaitable<void> Reflector::pause() { co_await clock_.sleep_for(backoff_.next(clock_.now())); }

void Reflector::failed(const std::string& reason, const base::Error& error) {
  metrics_.increment("scaler_reflector_failures_total", "Lists and watches that failed, by reason",
                     {{"resource", name_}, {"reason", reason}});
  log_.warning("reflector failed", {{"resource", name_}, {"reason", reason}, {"error", error.message}});
}

}  // namespace scaler
