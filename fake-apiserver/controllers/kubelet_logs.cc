#include "fake-apiserver/controllers/kubelet_logs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "common/base/background_clock.h"
#include "common/base/notify.h"
#include "common/base/time_format.h"
#include "fake-apiserver/controllers/object_fields.h"
#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/controllers/subscription.h"
#include "fake-apiserver/controllers/timers.h"
#include "fake-apiserver/store/bounded_seconds.h"

namespace fakeapi {
namespace {

constexpr std::int64_t kMostRepeats = 100'000;  // of a line: a log is rotated
constexpr base::Duration kPoll = std::chrono::seconds(1);
// Times in objects are whole seconds: a line may turn up with a time that has just passed.
constexpr base::Duration kLate = std::chrono::seconds(2);

struct Run {
  base::Time started{};
  std::optional<base::Time> ended{};
  std::int64_t exit_code = 0;
  bool ready = false;
};

const Json* status_of(const Json& pod, const std::string& container) {
  for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
    const Json* statuses = field_at(pod, {"status", list});
    if (!statuses || !statuses->is_array()) continue;
    for (const Json& status : *statuses) {
      if (text_at(status, {"name"}) == container) return &status;
    }
  }
  return nullptr;
}

std::optional<Run> ended_run(const Json* state) {
  if (!state) return std::nullopt;
  const auto started = time_at(*state, {"startedAt"});
  const auto ended = time_at(*state, {"finishedAt"});
  if (!started || !ended) return std::nullopt;
  return Run{*started, *ended, int_at(*state, {"exitCode"}), false};
}

std::optional<Run> run_of(const Json& status, bool previous) {
  if (previous) return ended_run(field_at(status, {"lastState", "terminated"}));
  if (const auto started = time_at(status, {"state", "running", "startedAt"})) {
    return Run{*started, std::nullopt, 0, bool_at(status, {"ready"})};
  }
  if (const auto ended = ended_run(field_at(status, {"state", "terminated"}))) return ended;
  return ended_run(field_at(status, {"lastState", "terminated"}));  // it waits for its next start
}

// Those from `since` on.
void repeat_line(const Json& pod, const Run& run, base::Time since, base::Time now, std::vector<PodLogLine>& lines) {
  const std::string text = text_at(pod, {"metadata", "annotations", kLogLineAnnotation});
  if (text.empty()) return;
  auto every = base::parse_duration(text_or(pod, {"metadata", "annotations", kLogEveryAnnotation}, "10s"));
  if (!every || *every < std::chrono::milliseconds(1)) every = std::chrono::seconds(10);
  const base::Time until = run.ended.value_or(now);
  if (until < run.started) return;
  const std::int64_t last = (until - run.started) / *every;
  const std::int64_t first = since > run.started ? (since - run.started) / *every : 0;
  for (std::int64_t i = std::max<std::int64_t>({1, first, last - kMostRepeats}); i <= last; ++i) {
    lines.push_back(PodLogLine{run.started + i * *every, text});
  }
}

class Following final : public http::BodyStream {
 public:
  Following(ObjectStore& store, base::Clock& clock, const Json& pod, PodLogOptions options)
      : store_(store),
        clock_(clock),
        background_(clock),
        name_(name_of(pod)),
        uid_(uid_of(pod)),
        options_(std::move(options)),
        checked_(clock.now()),
        news_(clock.executor()),
        timers_(background_),
        subscription_(store, resources::kPods, [this](const StoreEvent& event) {
          if (name_of(*event.object) == name_) news_.notify_all();
        }) {
    for (const PodLogLine& line : lines_from(pod, checked_ - kLate, checked_)) remember(line);
    const Json* status = status_of(pod, options_.container);
    if (status) started_ = text_at(*status, {"state", "running", "startedAt"});
  }

  boost::asio::awaitable<std::optional<std::string>> next_chunk() override {
    for (;;) {
      const ObjectPtr pod = store_.find(resources::kPods, name_);
      if (!pod || uid_of(*pod) != uid_) co_return std::nullopt;
      std::string chunk = news_of(*pod);
      if (!chunk.empty()) co_return std::optional<std::string>(std::move(chunk));
      const Json* status = status_of(*pod, options_.container);
      const bool runs_on =
          status && !started_.empty() && text_at(*status, {"state", "running", "startedAt"}) == started_;
      if (!runs_on) co_return std::nullopt;
      // Something happens to the pod, or time has passed: nothing that a clock would have to be moved for.
      const Timers::Token poll = timers_.call_after(kPoll, [this] { news_.notify_all(); });
      co_await news_.wait();
      timers_.cancel(poll);
    }
  }

 private:
  std::vector<PodLogLine> lines_from(const Json& pod, base::Time since, base::Time now) const {
    std::vector<PodLogLine> lines = container_log(pod, options_, now, since);
    std::erase_if(lines, [&](const PodLogLine& line) { return line.at < since; });
    return lines;
  }

  void remember(const PodLogLine& line) {
    if (line.at + kLate >= checked_) said_.emplace(line.at, line.text);
  }

  std::string news_of(const Json& pod) {
    const base::Time now = clock_.now();
    std::string chunk;
    std::vector<PodLogLine> fresh;
    for (PodLogLine& line : lines_from(pod, checked_ - kLate, now)) {
      if (said_.contains({line.at, line.text})) continue;
      chunk += log_line(line, options_);
      fresh.push_back(std::move(line));
    }
    checked_ = now;
    std::erase_if(said_, [&](const auto& line) { return line.first + kLate < checked_; });
    for (const PodLogLine& line : fresh) remember(line);
    return chunk;
  }

  ObjectStore& store_;
  base::Clock& clock_;
  base::BackgroundClock background_;
  const ObjectName name_;
  const std::string uid_;
  const PodLogOptions options_;
  std::string started_;  // of the run that is followed
  base::Time checked_{};
  std::set<std::pair<base::Time, std::string>> said_;  // lately
  base::Notify news_;
  Timers timers_;
  Subscription subscription_;
};

}  // namespace

std::vector<PodLogLine> container_log(const Json& pod, const PodLogOptions& options, base::Time now, base::Time since) {
  std::vector<PodLogLine> lines;
  const Json* status = status_of(pod, options.container);
  const auto run = status ? run_of(*status, options.previous) : std::nullopt;
  if (!run) return lines;
  lines.push_back(PodLogLine{run->started, "starting " + options.container + " (" + text_at(*status, {"image"}) + ")"});
  repeat_line(pod, *run, since, now, lines);
  const Json* condition = find_condition(pod, "Ready");
  const auto ready_at = condition ? time_at(*condition, {"lastTransitionTime"}) : std::nullopt;
  if (run->ready && ready_at && *ready_at >= run->started) lines.push_back(PodLogLine{*ready_at, "ready"});
  const auto deletion = time_at(pod, {"metadata", "deletionTimestamp"});
  if (deletion && !options.previous) {
    const base::Time asked = *deletion - bounded_seconds(int_at(pod, {"metadata", "deletionGracePeriodSeconds"}));
    if (asked >= run->started) lines.push_back(PodLogLine{asked, "received SIGTERM, stopping"});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  if (run->ended) lines.push_back(PodLogLine{*run->ended, "ended with exit code " + std::to_string(run->exit_code)});
  return lines;
}

std::vector<PodLogLine> KubeletLogs::lines(const Json& pod, const PodLogOptions& options) {
  return container_log(pod, options, clock_.now());
}

std::unique_ptr<http::BodyStream> KubeletLogs::follow(const Json& pod, const PodLogOptions& options) {
  const Json* status = status_of(pod, options.container);
  if (options.previous || !status || !field_at(*status, {"state", "running"})) return nullptr;
  return std::make_unique<Following>(store_, clock_, pod, options);
}

}  // namespace fakeapi
