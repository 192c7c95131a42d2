#include "fake-apiserver/api/router.h"

#include "common/base/number_format.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/compression.h"
#include "fake-apiserver/api/deprecation.h"
#include "fake-apiserver/api/subresource_kinds.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr std::size_t kLargestBody = 3u << 20;

std::string_view header(const http::Request& request, std::string_view name) {
  return request.headers.get(name).value_or("");
}

http::Reply json_reply(const Json& document) { return http::json_response(200, to_text(document) + "\n"); }

http::Reply page_not_found() { return http::text_response(404, "404 page not found\n"); }

// The group, version and the rest of a path below /api or /apis.
struct ResourcePath {
  std::string group;
  std::string version;
  std::vector<std::string> rest;
};

std::optional<ResourcePath> resource_path(const http::Target& target) {
  const auto& s = target.segments;
  const bool core = !s.empty() && s[0] == "api";
  const std::size_t used = core ? 2 : 3;
  if (s.empty() || (!core && s[0] != "apis") || s.size() <= used) return std::nullopt;
  return ResourcePath{core ? "" : s[1], s[used - 1], {s.begin() + static_cast<std::ptrdiff_t>(used), s.end()}};
}

std::string health_text(const http::Target& target) {
  if (!target.get("verbose")) return "ok";
  const std::string check = target.segments.front();
  return "[+]ping ok\n[+]store ok\n" + check + " check passed\n";
}

// ?pretty=true is for people.
void make_pretty(http::Response& response) {
  if (response.headers.get("Content-Type").value_or("") != "application/json") return;
  if (const auto document = parse_json(response.body)) {
    response.body = document->dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
}

}  // namespace

Router::Router(ObjectStore& store, WatchHub& hub, Namespaces& namespaces, const ResourceRegistry& registry,
               base::Metrics& metrics, RouterOptions options)
    : store_(store),
      registry_(registry),
      metrics_(metrics),
      options_(std::move(options)),
      reader_(store, hub, options_.reader),
      writer_(store, namespaces, hooks_, options_.writer),
      metrics_api_(store, registry),
      openapi_(registry, options_.git_version) {}

std::optional<Revision> Router::wanted_revision(const http::Request& request) const {
  if (request.method != "GET" || request.target.find("resourceVersion=") == std::string::npos) return std::nullopt;
  const auto target = http::parse_target(request.target);
  const auto path = target ? resource_path(*target) : std::nullopt;
  if (!path) return std::nullopt;
  auto resolved = resolve(registry_, path->group, path->version, path->rest);
  if (!resolved) return std::nullopt;
  resolved->http.method = request.method;
  resolved->target = *target;
  return Reader::wanted_revision(*resolved);
}

http::Reply Router::route(http::Request request, const User& user) {
  const auto target = http::parse_target(request.target);
  std::string verb = "other";
  std::string resource;
  const bool packed = accepts_gzip(header(request, "Accept-Encoding"));
  http::Reply reply;
  try {
    reply = target ? answer(std::move(request), *target, user, verb, resource)
                   : http::Reply(to_response(bad_request("the request target does not parse")));
  } catch (const Json::exception&) {
    // A document of a shape that we did not foresee costs its sender the request, not everybody the server.
    reply = to_response(internal_error("the server cannot handle a document of this shape"));
  }
  if (target && target->get("pretty").value_or("") == "true" && !reply.stream) make_pretty(reply.response);
  if (packed && !reply.stream) compress(reply.response);
  metrics_.increment("fakeapi_requests_total", "Requests by verb, resource and HTTP status",
                     {{"verb", verb}, {"resource", resource}, {"code", std::to_string(reply.response.status)}});
  return reply;
}

http::Reply Router::answer(http::Request request, const http::Target& target, const User& user, std::string& verb,
                           std::string& resource) {
  if (request.body.size() > kLargestBody) return to_response(too_large());
  if (auto reply = fixed_path(request, target)) return std::move(*reply);
  if (auto reply = discovery(request, target)) return std::move(*reply);
  const auto path = resource_path(target);
  if (!path) return page_not_found();

  if (metrics_api_.serves(path->group, path->version)) {
    resource = path->group;
    verb = "get";
    if (request.method != "GET") return to_response(method_not_allowed());
    const auto document = metrics_api_.get(path->group, path->version, path->rest, target);
    return document ? json_reply(*document) : http::Reply(to_response(document.error()));
  }
  if (!registry_.has_group_version(path->group, path->version)) return page_not_found();
  auto resolved = resolve(registry_, path->group, path->version, path->rest);
  if (!resolved) return to_response(resolved.error());
  resolved->http = std::move(request);
  resolved->target = target;
  resolved->user = user;
  Warnings warnings;
  resolved->warnings = &warnings;
  verb = verb_of(*resolved);
  resource = display_name(resolved->info->resource);
  if (!resolved->subresource.empty()) resource += "/" + resolved->subresource;
  warn_of_version(*resolved);
  auto reply = resolved->http.method == "GET" && !Subresources::serves(*resolved) ? reader_.get(*resolved)
                                                                                  : writer_.write(*resolved);
  http::Reply answered = reply ? std::move(*reply) : http::Reply(to_response(reply.error()));
  warnings.write_to(answered.response.headers);
  return answered;
}

Catalog Router::catalog() const {
  Catalog catalog{registry_, metrics_api_.resources()};
  if (hooks_.remote_versions) catalog.remote = hooks_.remote_versions();
  return catalog;
}

void Router::warn_of_version(const ApiRequest& request) const {
  const SubresourceKind part = subresource_kind(*request.info, request.version, request.subresource);
  if (const auto warning = deprecation_warning(part.group, part.version, part.kind, minor_version())) {
    request.warn(*warning);
  }
  if (!request.info->definition) return;
  const CustomVersion* version = request.info->definition->version(request.version);
  if (version && !version->deprecation.empty()) request.warn(version->deprecation);
}

std::optional<http::Reply> Router::fixed_path(const http::Request& request, const http::Target& target) {
  const auto& s = target.segments;
  const std::string first = s.empty() ? "" : s[0];
  if (first == "api" || first == "apis") return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") return to_response(method_not_allowed());
  if (s.empty()) {
    return json_reply({{"paths",
                        {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3",
                         "/readyz", "/version"}}});
  }
  if (first == "healthz" || first == "livez" || first == "readyz") {
    const bool one = s.size() == 2 && (s[1] == "ping" || s[1] == "store");
    if (s.size() > 1 && !one) return page_not_found();
    return http::text_response(200, one ? "ok" : health_text(target));
  }
  if (target.path == "/version") return version_document();
  if (target.path == "/metrics") {
    metrics_.set("fakeapi_store_revision", "Revision of the store, which each change raises",
                 static_cast<double>(store_.revision()));
    http::Response response = http::text_response(200, metrics_.text());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
  }
  if (first == "openapi") return openapi_.answer(request, target);
  return page_not_found();
}

// "v1.32.0" has minor 32.
int Router::minor_version() const {
  const std::string& version = options_.git_version;
  const std::size_t begin = version.find('.') + 1;
  return static_cast<int>(base::parse_int64(version.substr(begin, version.find('.', begin) - begin)).value_or(0));
}

http::Reply Router::version_document() const {
  // "v1.32.0" has major 1 and minor 32.
  const std::string& version = options_.git_version;
  const std::size_t dot = version.find('.');
  const std::size_t second = version.find('.', dot + 1);
  return json_reply({{"major", version.substr(1, dot - 1)},
                     {"minor", version.substr(dot + 1, second - dot - 1)},
                     {"gitVersion", version},
                     {"gitCommit", ""},
                     {"gitTreeState", "clean"},
                     {"buildDate", "1970-01-01T00:00:00Z"},
                     {"goVersion", ""},
                     {"compiler", ""},
                     {"platform", "linux/amd64"}});
}

std::optional<http::Reply> Router::discovery(const http::Request& request, const http::Target& target) const {
  const auto& s = target.segments;
  const bool core = s[0] == "api";
  if (s.size() > (core ? 2u : 3u)) return std::nullopt;
  if (request.method != "GET") return to_response(method_not_allowed());
  if (s.size() == 1) {
    const auto version = negotiate_discovery(header(request, "Accept"));
    if (!version) return to_response(not_acceptable());
    if (!version->empty()) return aggregated(request, core, *version);
    return json_reply(core ? api_versions(std::string(header(request, "Host"))) : api_group_list(catalog()));
  }
  if (!core && s.size() == 2) {
    const auto group = api_group(catalog(), s[1]);
    return group ? json_reply(*group) : page_not_found();
  }
  const auto list = api_resource_list(catalog(), core ? "" : s[1], s.back());
  return list ? json_reply(*list) : page_not_found();
}

http::Reply Router::aggregated(const http::Request& request, bool core, const std::string& version) const {
  const std::string text = to_text(aggregated_discovery(catalog(), core, version));
  const std::string tag = "\"" + base::format_number(base::stable_hash(text)) + "\"";
  http::Response response;
  if (header(request, "If-None-Match") == tag) {
    response.status = 304;
  } else {
    response.body = text + "\n";
  }
  response.headers.set("Content-Type",
                       "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList");
  response.headers.set("ETag", tag);
  response.headers.set("Vary", "Accept");
  return response;
}

}  // namespace fakeapi
