// What clients read to know the kinds: /openapi/v3 with a document for each group and version, and /openapi/v2.
//
// Documents are made when they are first asked for and kept until the registry changes. Single-threaded; owned by
// Router.
#pragma once

#include <map>
#include <string>

#include "common/http/handler.h"
#include "common/http/url.h"
#include "fake-apiserver/api/resource_registry.h"

namespace fakeapi {

class OpenApi {
 public:
  // `git_version` goes into the documents.
  OpenApi(const ResourceRegistry& registry, std::string git_version);

  // Of a path that begins with /openapi: 404, 406, and 304 for a client that has it.
  http::Response answer(const http::Request& request, const http::Target& target);

 private:
  struct Entry {
    std::string hash;  // of what the document is made of
    std::string text;  // empty until somebody asks
  };

  void refresh();
  http::Response v2(std::string_view accept, std::string_view known);
  http::Response v3_index(std::string_view known) const;
  Json document(const std::string& path) const;
  Json swagger() const;

  const ResourceRegistry& registry_;
  const std::string git_version_;
  std::uint64_t made_of_ = ~std::uint64_t{0};  // ResourceRegistry::changes()
  std::map<std::string, Entry> documents_;     // by "api/v1", "apis/apps/v1"
  std::string tag_;                            // of all of them together
  std::string v2_json_;                        // empty until somebody asks
  std::string v2_protobuf_;
};

}  // namespace fakeapi
