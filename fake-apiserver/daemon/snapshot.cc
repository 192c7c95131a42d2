#include "fake-apiserver/daemon/snapshot.h"

#include <algorithm>
#include <set>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kFormat = "fake-apiserver snapshot";
constexpr std::int64_t kVersion = 1;

base::Error invalid(std::string what) { return base::Error{base::ErrorCode::kInvalid, "snapshot: " + std::move(what)}; }

// Those that others depend on come first: definitions of resources, namespaces.
int rank(const Resource& resource) {
  if (resource.plural == "customresourcedefinitions") return 0;
  return resource.plural == "namespaces" ? 1 : 2;
}

// What is wrong with an object, "" if nothing.
std::string fault_of(const Json& object, Revision revision) {
  if (name_of(object).name.empty()) return "an object has no name";
  const auto own = base::parse_int64(text_at(object, {"metadata", "resourceVersion"}));
  if (!own || *own <= 0 || static_cast<Revision>(*own) > revision) {
    return "\"" + name_of(object).name + "\" has no resourceVersion up to that of the snapshot";
  }
  if (text_at(object, {"metadata", "uid"}).empty()) return "\"" + name_of(object).name + "\" has no uid";
  return "";
}

base::Result<void> read_collection(const Json& entry, Snapshot& snapshot) {
  const Resource resource{text_at(entry, {"group"}), text_at(entry, {"resource"})};
  const Json& items = member(entry, "items");
  if (resource.plural.empty() || !items.is_array()) return invalid("a collection needs a resource and its items");
  std::set<ObjectName> names;
  for (const Json& item : items) {
    if (const std::string fault = fault_of(item, snapshot.revision); !fault.empty()) return invalid(fault);
    if (!names.insert(name_of(item)).second) return invalid("\"" + name_of(item).name + "\" is there twice");
    snapshot.objects.emplace_back(resource, item);
  }
  return {};
}

}  // namespace

std::string write_snapshot(const ObjectStore& store, base::Time now) {
  Json collections = Json::array();
  for (const Resource& resource : store.resources()) {
    Json items = Json::array();
    for (const ObjectPtr& object : store.list(resource)) items.push_back(*object);
    collections.push_back({{"group", resource.group}, {"resource", resource.plural}, {"items", std::move(items)}});
  }
  const Json document = {{"format", kFormat},
                         {"version", kVersion},
                         {"time", base::format_rfc3339_nano(now)},
                         {"revision", store.revision()},
                         {"collections", std::move(collections)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<Snapshot> parse_snapshot(const std::string& text) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return invalid("this is no JSON, or cut short");
  if (!document.is_object() || text_at(document, {"format"}) != kFormat) return invalid("this is none");
  if (integer_at(document, {"version"}) != kVersion) return invalid("of another version than 1");
  const auto time = base::parse_rfc3339(text_at(document, {"time"}));
  const auto revision = integer_at(document, {"revision"});
  if (!time || !revision || *revision < 1) return invalid("time or revision is missing");
  Snapshot snapshot{*time, static_cast<Revision>(*revision), {}};
  const Json& collections = member(document, "collections");
  if (!collections.is_array()) return invalid("collections is missing");
  for (const Json& entry : collections) {
    if (auto read = read_collection(entry, snapshot); !read) return read.error();
  }
  std::stable_sort(snapshot.objects.begin(), snapshot.objects.end(),
                   [](const auto& a, const auto& b) { return rank(a.first) < rank(b.first); });
  return snapshot;
}

}  // namespace fakeapi
