#include "scaler/client/decision_service.h"

#include "common/base/number_format.h"
#include "common/http/url.h"
#include "scaler/client/deadline.h"
#include "scaler/client/kube_json.h"

namespace scaler {
namespace asio = boost::asio;
namespace {

std::string number(int value) { return base::format_number(std::int64_t{value}); }

base::Result<int> min_count_of(const http::Response& response, const DecisionQuestion& question) {
  if (response.status != 200 && !question.status_unchecked) {
    return base::Error{base::ErrorCode::kUnavailable, "it answered " + number(response.status)};
  }
  const auto min_count = decode_min_count(response.body);
  if (!min_count && question.garbage_is_zero) return 0;
  if (!min_count) return base::Error{base::ErrorCode::kUnavailable, "its answer holds no decision.minCount"};
  return *min_count;
}

}  // namespace

asio::awaitable<std::optional<int>> DecisionService::ask(DecisionQuestion question) {
  std::vector<std::pair<std::string, std::string>> query;
  query.emplace_back("name", question.name);
  query.emplace_back("current-min", number(question.current_min));
  query.emplace_back("current-instance-count", number(question.current_count));
  http::Request request;
  request.target = http::make_target("/api/HorizontalPodAutoscaler", query);
  request.headers.set("Content-Type", "application/json");

  auto trip = transport_.round_trip(std::move(request));
  const auto response = co_await within(clock_, timeout_, std::move(trip));
  base::Result<int> min_count = response ? min_count_of(*response, question) : base::Result<int>(response.error());
  metrics_.increment("scaler_decision_service_requests_total", "Questions to the decision service by outcome",
                     {{"outcome", min_count ? "answered" : "no_opinion"}});
  if (min_count) co_return *min_count;
  log_.warning("decision service has no opinion", {{"name", question.name}, {"error", min_count.error().message}});
  co_return std::nullopt;
}

}  // namespace scaler
