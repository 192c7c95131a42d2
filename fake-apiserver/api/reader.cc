#include "fake-apiserver/api/reader.h"

#include <algorithm>

#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/custom/custom_resource.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kMostPerPage = 1'000'000;
constexpr const char* kContinueExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list.";

// Where a page ends: all pages show the collection at the revision of the first one. Revision 0 goes on with what is
// there now, after the history has expired.
struct PageToken {
  Revision revision = 0;
  ObjectName after;
};

std::string encode(const PageToken& token) {
  return base64_encode(
      to_text({{"v", "meta.k8s.io/v1"}, {"rv", token.revision}, {"start", token.after.ns + "/" + token.after.name}}));
}

std::optional<PageToken> decode(const std::string& text) {
  const auto bytes = base64_decode(text);
  const auto document = bytes ? parse_json(*bytes) : ApiResult<Json>(bad_request(""));
  if (!document || text_at(*document, {"v"}) != "meta.k8s.io/v1") return std::nullopt;
  const auto revision = integer_at(*document, {"rv"});
  const std::string start = text_at(*document, {"start"});
  const std::size_t slash = start.find('/');
  if (!revision || *revision < 0 || slash == std::string::npos) return std::nullopt;
  return PageToken{static_cast<Revision>(*revision), ObjectName{start.substr(0, slash), start.substr(slash + 1)}};
}

struct ListOptions {
  std::size_t limit = 0;  // 0: none
  std::optional<PageToken> page;
  std::optional<Revision> revision;
  std::string match;
};

StatusError forbidden_match(const std::string& when) {
  return invalid_options("ListOptions", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden " + when);
}

ApiResult<ListOptions> list_options(const ApiRequest& request) {
  ListOptions options;
  const auto limit = request.integer("limit");
  if (!limit) return limit.error();
  const auto revision = request.revision("resourceVersion");
  if (!revision) return revision.error();
  options.revision = *revision;
  options.match = request.target.get("resourceVersionMatch").value_or("");
  if (*limit && **limit > 0) options.limit = std::min(static_cast<std::size_t>(**limit), kMostPerPage);
  const std::string token = request.target.get("continue").value_or("");
  if (!token.empty()) {
    options.page = decode(token);
    if (!options.page) return bad_request("continue key is not valid");
    if (options.revision && *options.revision != 0) {
      return bad_request("specifying resource version is not allowed when using continue");
    }
  }
  if (request.target.get("sendInitialEvents")) {
    return invalid_options("ListOptions", "sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list");
  }
  if (options.match.empty()) return options;
  if (options.match != "Exact" && options.match != "NotOlderThan") {
    return invalid_options(
        "ListOptions", "resourceVersionMatch",
        "Unsupported value: \"" + options.match + "\": supported values: \"Exact\", \"NotOlderThan\"");
  }
  if (options.page) return forbidden_match("when continue is provided");
  if (!options.revision) return forbidden_match("unless resourceVersion is provided");
  if (options.match == "Exact" && *options.revision == 0) return forbidden_match("for resourceVersion \"0\" if Exact");
  return options;
}

http::Reply stream_reply(std::unique_ptr<http::BodyStream> stream) {
  http::Response head;
  head.headers.set("Content-Type", "application/json");
  head.headers.set("Cache-Control", "no-cache, private");
  return http::Reply(std::move(head), std::move(stream));
}

http::Reply json_reply(std::string text) { return http::json_response(200, std::move(text) + "\n"); }

}  // namespace

std::optional<Revision> Reader::wanted_revision(const ApiRequest& request) {
  if (request.http.method != "GET" || request.is_watch()) return std::nullopt;
  const auto revision = request.revision("resourceVersion");
  return revision ? *revision : std::nullopt;
}

ApiResult<http::Reply> Reader::get(const ApiRequest& request) const {
  if (request.is_watch()) return watch(request);
  return request.name.empty() ? list(request) : get_object(request);
}

ApiResult<http::Reply> Reader::get_object(const ApiRequest& request) const {
  const auto view = request.view(false);
  if (!view) return view.error();
  const ObjectState object = store_.state(request.info->resource, request.object_name());
  if (!object) return not_found(request.info->resource, request.name);
  if (request.subresource == "scale") {
    const auto scale = scale_of_resource(*request.info, request.version, *object.document());
    if (!scale) return scale.error();
    return json_reply(to_text(*scale));
  }
  return json_reply(render_object(*view, object, store_.clock().now()));
}

ApiResult<http::Reply> Reader::list(const ApiRequest& request) const {
  const auto view = request.view(true);
  if (!view) return view.error();
  const auto selector = request.selector();
  if (!selector) return selector.error();
  const auto parsed = list_options(request);
  if (!parsed) return parsed.error();
  const ListOptions& options = *parsed;

  ListMetadata metadata;
  metadata.revision = store_.revision();
  if (options.match == "Exact") metadata.revision = *options.revision;
  if (options.page && options.page->revision > 0) metadata.revision = options.page->revision;
  // "0" asks a real server's cache, which knows no pages.
  const std::size_t limit = options.revision == Revision{0} && !options.page ? 0 : options.limit;
  std::vector<ObjectState> page;
  ObjectName last;
  std::size_t remaining = 0;
  const auto take = [&](const ObjectName& name, const ObjectState& object) {
    if (options.page && name <= options.page->after) return;
    if (!selector->empty() && !selector->matches(*object.document())) return;
    if (limit > 0 && page.size() == limit) {
      ++remaining;
    } else {
      page.push_back(object);
      last = name;
    }
  };
  // A token may be older than a restored snapshot: what it points to has not come yet.
  const bool from_future = options.page && options.page->revision > store_.revision();
  if (metadata.revision == store_.revision()) {
    store_.visit(request.info->resource, request.ns, take);
  } else if (const auto past = store_.list_at(request.info->resource, request.ns, metadata.revision);
             past && !from_future) {
    for (const ObjectPtr& object : *past) take(name_of(*object), object);
  } else {
    if (!options.page) return expired("The resourceVersion for the provided list is too old.");
    StatusError error = expired(kContinueExpired);
    error.continue_token = encode(PageToken{0, options.page->after});
    return error;
  }
  if (remaining > 0) {
    metadata.continue_token = encode(PageToken{metadata.revision, last});
    if (selector->empty()) metadata.remaining = remaining;
  }
  return json_reply(render_list(*view, page, metadata, store_.clock().now()));
}

ApiResult<http::Reply> Reader::watch(const ApiRequest& request) const {
  const auto view = request.view(false);
  if (!view) return view.error();
  auto selector = request.selector();
  if (!selector) return selector.error();
  const auto revision = request.revision("resourceVersion");
  if (!revision) return revision.error();
  const auto timeout = request.integer("timeoutSeconds");
  if (!timeout) return timeout.error();

  const bool streams_list = request.flag("sendInitialEvents");
  const bool says_initial = request.target.get("sendInitialEvents").has_value();
  const std::string match = request.target.get("resourceVersionMatch").value_or("");
  if (says_initial && !options_.watch_list) {
    return invalid_options(
        "ListOptions", "sendInitialEvents",
        "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
  }
  if (says_initial && match != "NotOlderThan") {
    return invalid_options("ListOptions", "resourceVersionMatch",
                           "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (!says_initial && !match.empty()) {
    return invalid_options(
        "ListOptions", "resourceVersionMatch",
        "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  }

  WatchRequest watch;
  watch.view = *view;
  watch.ns = request.ns;
  watch.selector = std::move(*selector);
  if (!request.name.empty()) {
    auto only = FieldSelector::parse("metadata.name=" + request.name, request.info->resource);
    if (!only) return only.error();
    watch.selector.fields = std::move(*only);
  }
  const bool from_now = says_initial && !streams_list && !*revision;
  if (!streams_list && *revision && **revision > 0) watch.since = **revision;
  if (from_now) watch.since = store_.revision();
  watch.bookmarks = request.flag("allowWatchBookmarks");
  watch.mark_end_of_initial_events = streams_list && watch.bookmarks;
  if (*timeout && **timeout > 0) watch.timeout = std::chrono::seconds(std::min<std::int64_t>(**timeout, 86'400));
  return stream_reply(hub_.open(std::move(watch)));
}

}  // namespace fakeapi
