// Takes a request apart and gives it to whoever answers it. Single-threaded; owned by FakeApiServer.
#pragma once

#include <optional>
#include <string>

#include "fake-apiserver/api/metrics_api.h"
#include "fake-apiserver/api/openapi.h"
#include "fake-apiserver/api/reader.h"
#include "fake-apiserver/api/writer.h"

namespace fakeapi {

struct RouterOptions {
  ReaderOptions reader = {};
  WriterOptions writer = {};
  std::string git_version = "v1.32.0";  // kubectl's dispatcher picks the client that fits
};

class Router {
 public:
  Router(ObjectStore& store, WatchHub& hub, Namespaces& namespaces, const ResourceRegistry& registry,
         base::Metrics& metrics, RouterOptions options);

  MetricsApi& metrics_api() { return metrics_api_; }
  ServerHooks& hooks() { return hooks_; }

  // The revision that must exist before route() can answer; see Reader.
  std::optional<Revision> wanted_revision(const http::Request& request) const;

  http::Reply route(http::Request request, const User& user);

 private:
  http::Reply answer(http::Request request, const http::Target& target, const User& user, std::string& verb,
                     std::string& resource);
  std::optional<http::Reply> fixed_path(const http::Request& request, const http::Target& target);
  std::optional<http::Reply> discovery(const http::Request& request, const http::Target& target) const;
  http::Reply aggregated(const http::Request& request, bool core, const std::string& version) const;
  http::Reply version_document() const;
  void warn_of_version(const ApiRequest& request) const;
  int minor_version() const;
  Catalog catalog() const;

  ObjectStore& store_;
  const ResourceRegistry& registry_;
  base::Metrics& metrics_;
  const RouterOptions options_;
  ServerHooks hooks_;
  Reader reader_;
  Writer writer_;
  MetricsApi metrics_api_;
  OpenApi openapi_;
};

}  // namespace fakeapi
