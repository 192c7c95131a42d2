// Pruning and defaulting by a structural schema.
#include "fake-apiserver/custom/structural_schema.h"

namespace fakeapi {
namespace {

bool is_everybodys(const std::string& key) { return key == "apiVersion" || key == "kind" || key == "metadata"; }

constexpr std::size_t kMostPaths = 100;

std::string join(const std::string& path, const std::string& key) {
  return bounded_path(path, path.empty() ? key : "." + key);
}

class Pruner {
 public:
  void visit(const SchemaNode& node, Json& value, const std::string& path, bool resource) {
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size() && node.items; ++i) {
        visit(*node.items, value[i], bounded_path(path, "[" + std::to_string(i) + "]"), node.items->embedded_resource);
      }
      return;
    }
    if (!value.is_object()) return;
    for (auto at = value.begin(); at != value.end();) {
      const std::string here = join(path, at.key());
      if (resource && is_everybodys(at.key())) {
        ++at;
      } else if (const auto known = node.properties.find(at.key()); known != node.properties.end()) {
        visit(*known->second, *at, here, known->second->embedded_resource);
        ++at;
      } else if (node.additional) {
        visit(*node.additional, *at, here, node.additional->embedded_resource);
        ++at;
      } else if (node.additional_any || node.preserve_unknown) {
        ++at;
      } else {
        if (gone_.size() < kMostPaths) gone_.push_back(here);
        at = value.erase(at);
      }
    }
  }

  std::vector<std::string> take() { return std::move(gone_); }

 private:
  std::vector<std::string> gone_;
};

void fill_in(const SchemaNode& node, Json& value, bool root) {
  if (value.is_array() && node.items) {
    for (Json& item : value) fill_in(*node.items, item, false);
  }
  if (!value.is_object()) return;
  for (const auto& [name, property] : node.properties) {
    if (root && is_everybodys(name)) continue;
    auto found = value.find(name);
    if (found != value.end() && found->is_null() && !property->nullable) {
      value.erase(found);
      found = value.end();
    }
    if (found == value.end()) {
      if (!property->default_value) continue;
      found = value.emplace(name, *property->default_value).first;
    }
    fill_in(*property, *found, false);
  }
  if (!node.additional) return;
  for (auto& [name, item] : value.items()) {
    if (item.is_null() && !node.additional->nullable && node.additional->default_value) {
      item = *node.additional->default_value;
    }
    fill_in(*node.additional, item, false);
  }
}

}  // namespace

std::vector<std::string> prune(const SchemaNode& root, Json& object) {
  Pruner pruner;
  pruner.visit(root, object, "", true);
  return pruner.take();
}

void apply_schema_defaults(const SchemaNode& root, Json& object) { fill_in(root, object, true); }

}  // namespace fakeapi
