#include "fake-apiserver/api/pod_logs.h"

#include <algorithm>

#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

const Resource kPods{"", "pods"};
// The pod that says which container is meant when the client doesn't.
constexpr const char* kDefaultContainer = "kubectl.kubernetes.io/default-container";

struct ContainerLists {
  const char* spec;
  const char* status;
};
constexpr ContainerLists kLists[] = {{"initContainers", "initContainerStatuses"},
                                     {"containers", "containerStatuses"},
                                     {"ephemeralContainers", "ephemeralContainerStatuses"}};

const Json& named(const Json& list, const std::string& name) {
  static const Json kNothing;
  if (!list.is_array()) return kNothing;
  for (const Json& item : list) {
    if (text_at(item, {"name"}) == name) return item;
  }
  return kNothing;
}

std::string names_in(const Json& list) {
  std::string names;
  if (!list.is_array()) return names;
  for (const Json& item : list) names += (names.empty() ? "" : " ") + text_at(item, {"name"});
  return names;
}

// The container that the request means; 400 if that is not clear or there is none.
ApiResult<std::string> container_of(const Json& pod, const std::string& wanted) {
  const std::string name = text_at(pod, {"metadata", "name"});
  const Json& containers = at_path(pod, {"spec", "containers"});
  if (wanted.empty()) {
    if (containers.is_array() && containers.size() == 1) return text_at(containers[0], {"name"});
    const std::string marked = text_at(pod, {"metadata", "annotations", kDefaultContainer});
    if (named(containers, marked).is_object()) return marked;
    const std::string init = names_in(at_path(pod, {"spec", "initContainers"}));
    return bad_request("a container name must be specified for pod " + name + ", choose one of: [" +
                       names_in(containers) + "]" +
                       (init.empty() ? "" : " or one of the init containers: [" + init + "]"));
  }
  for (const ContainerLists& lists : kLists) {
    if (named(at_path(pod, {"spec", lists.spec}), wanted).is_object()) return wanted;
  }
  return bad_request("container " + wanted + " is not valid for pod " + name);
}

// Why there is nothing to read yet; empty if there is something.
std::string why_nothing(const Json& pod, const PodLogOptions& options) {
  const std::string who =
      "container \"" + options.container + "\" in pod \"" + text_at(pod, {"metadata", "name"}) + "\"";
  for (const ContainerLists& lists : kLists) {
    const Json& status = named(at_path(pod, {"status", lists.status}), options.container);
    if (!status.is_object()) continue;
    const bool again = at_path(status, {"lastState", "terminated"}).is_object();
    if (options.previous) {
      return again ? ""
                   : "previous terminated container \"" + options.container + "\" in pod \"" +
                         text_at(pod, {"metadata", "name"}) + "\" not found";
    }
    const Json& waiting = at_path(status, {"state", "waiting"});
    if (!waiting.is_object() || again) return "";
    const std::string reason = text_at(waiting, {"reason"});
    if (reason == "ErrImagePull" || reason == "ImagePullBackOff") {
      return who + " is waiting to start: " +
             (reason == "ErrImagePull" ? "image can't be pulled" : "trying and failing to pull image");
    }
    return who + " is waiting to start: " + (reason.empty() ? "no reason is known" : reason);
  }
  return who + " is not available";
}

ApiResult<> read_times(const ApiRequest& request, base::Time now, PodLogOptions& options) {
  const auto since = request.integer("sinceSeconds");
  if (!since) return since.error();
  const std::string since_time = request.target.get("sinceTime").value_or("");
  if (*since && !since_time.empty()) {
    return invalid_object("", "PodLogOptions", request.name,
                          {FieldError{"", "FieldValueForbidden",
                                      "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"}});
  }
  if (*since) {
    if (**since < 1) {
      return invalid_object("", "PodLogOptions", request.name,
                            {FieldError{"sinceSeconds", "FieldValueInvalid",
                                        "Invalid value: " + std::to_string(**since) + ": must be greater than 0"}});
    }
    options.since = now - std::chrono::seconds(std::min<std::int64_t>(**since, 1'000'000'000));
  }
  if (since_time.empty()) return {};
  options.since = base::parse_rfc3339(since_time);
  if (!options.since) return bad_request("parsing time \"" + since_time + "\" as RFC 3339: cannot parse it");
  return {};
}

ApiResult<PodLogOptions> options_of(const ApiRequest& request, base::Time now) {
  PodLogOptions options;
  options.follow = request.flag("follow");
  options.previous = request.flag("previous");
  options.timestamps = request.flag("timestamps");
  const auto tail = request.integer("tailLines");
  if (!tail) return tail.error();
  const auto limit = request.integer("limitBytes");
  if (!limit) return limit.error();
  const auto refuse = [&](const char* field, std::int64_t value, const char* bound) {
    return invalid_object("", "PodLogOptions", request.name,
                          {FieldError{field, "FieldValueInvalid",
                                      "Invalid value: " + std::to_string(value) + ": must be greater than " + bound}});
  };
  if (*tail && **tail < 0) return refuse("tailLines", **tail, "or equal to 0");
  if (*limit && **limit < 1) return refuse("limitBytes", **limit, "0");
  options.tail_lines = *tail;
  options.limit_bytes = *limit;
  if (auto read = read_times(request, now, options); !read) return read.error();
  return options;
}

// What is there already, and then what comes.
class LogStream final : public http::BodyStream {
 public:
  LogStream(std::string head, std::unique_ptr<http::BodyStream> rest, std::optional<std::int64_t> limit)
      : head_(std::move(head)), rest_(std::move(rest)), limit_(limit) {}

  boost::asio::awaitable<std::optional<std::string>> next_chunk() override {
    if (!head_.empty()) co_return cut(std::exchange(head_, {}));
    if (!rest_ || (limit_ && *limit_ == 0)) co_return std::nullopt;
    auto chunk = co_await rest_->next_chunk();
    if (!chunk) co_return std::nullopt;
    co_return cut(std::move(*chunk));
  }

 private:
  std::optional<std::string> cut(std::string chunk) {
    if (limit_) {
      if (chunk.size() > static_cast<std::size_t>(*limit_)) chunk.resize(static_cast<std::size_t>(*limit_));
      *limit_ -= static_cast<std::int64_t>(chunk.size());
    }
    return chunk;
  }

  std::string head_;
  std::unique_ptr<http::BodyStream> rest_;
  std::optional<std::int64_t> limit_;
};

}  // namespace

std::string log_line(const PodLogLine& line, const PodLogOptions& options) {
  return (options.timestamps ? base::format_rfc3339_nano(line.at) + " " : "") + line.text + "\n";
}

std::string log_text(const std::vector<PodLogLine>& lines, const PodLogOptions& options) {
  std::size_t first = 0;
  if (options.tail_lines && static_cast<std::uint64_t>(*options.tail_lines) < lines.size()) {
    first = lines.size() - static_cast<std::size_t>(*options.tail_lines);
  }
  std::string text;
  for (std::size_t i = first; i < lines.size(); ++i) {
    if (!options.since || lines[i].at >= *options.since) text += log_line(lines[i], options);
  }
  if (options.limit_bytes && text.size() > static_cast<std::uint64_t>(*options.limit_bytes)) {
    text.resize(static_cast<std::size_t>(*options.limit_bytes));
  }
  return text;
}

ApiResult<http::Reply> pod_log(const ApiRequest& request, ObjectStore& store, PodLogSource* source) {
  if (request.http.method != "GET") return method_not_allowed();
  auto options = options_of(request, store.clock().now());
  if (!options) return options.error();
  const ObjectPtr pod = store.find(kPods, request.object_name());
  if (!pod) return not_found(kPods, request.name);
  auto container = container_of(*pod, request.target.get("container").value_or(""));
  if (!container) return container.error();
  options->container = std::move(*container);
  // Without a node there is nobody to ask, and nothing has been said.
  std::string text;
  std::unique_ptr<http::BodyStream> rest;
  if (source && !text_at(*pod, {"spec", "nodeName"}).empty()) {
    if (std::string why = why_nothing(*pod, *options); !why.empty()) return bad_request(std::move(why));
    text = log_text(source->lines(*pod, *options), *options);
    if (options->follow) rest = source->follow(*pod, *options);
  }
  if (!options->follow) return http::Reply(http::text_response(200, std::move(text)));
  std::optional<std::int64_t> limit = options->limit_bytes;
  return http::Reply(http::text_response(200, ""),
                     std::make_unique<LogStream>(std::move(text), std::move(rest), limit));
}

}  // namespace fakeapi
