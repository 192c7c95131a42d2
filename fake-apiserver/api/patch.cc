#include "fake-apiserver/api/patch.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/number_format.h"
#include "fake-apiserver/api/body.h"
#include "fake-apiserver/api/strategic_merge.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kJsonPatch = "application/json-patch+json";
constexpr const char* kMergePatch = "application/merge-patch+json";
constexpr const char* kStrategicPatch = "application/strategic-merge-patch+json";
constexpr const char* kApplyPatch = "application/apply-patch+yaml";

constexpr std::size_t kMostOperations = 10'000;
// Copies can double a document with each operation.
constexpr std::size_t kMostCopiedBytes = 3u << 20;
// As deep as documents may come in: whatever reads them recurses.
constexpr std::size_t kDeepest = 200;
constexpr std::size_t kMostMeasuredValues = 10'000'000;

// Whether `value` has more than `levels` levels of lists and objects. Counts the values that it sees.
bool is_deeper(const Json& value, std::size_t levels, std::size_t& seen) {
  ++seen;
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(), [&](const Json& item) { return is_deeper(item, levels - 1, seen); });
}

// The reference tokens of an RFC 6901 pointer; nullopt if it is none.
std::optional<std::vector<std::string>> parse_pointer(const std::string& pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return tokens;
}

// An index of at most `last`; no sign, no leading zero.
std::optional<std::size_t> parse_index(const std::string& token, std::size_t last) {
  if (token.empty() || token[0] < '0' || token[0] > '9' || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  const auto index = base::parse_int64(token);
  if (!index || static_cast<std::uint64_t>(*index) > last) return std::nullopt;
  return static_cast<std::size_t>(*index);
}

// One JSON patch on one document. Functions return false where the patch does not apply.
class JsonPatch {
 public:
  explicit JsonPatch(Json& target) : target_(target) {}

  bool apply(const Json& operation) {
    const std::string op = text_at(operation, {"op"});
    const auto path = pointer(operation, "path");
    if (!path) return false;
    if (op == "remove") return take(*path).has_value();
    if (op == "move") {
      const auto from = pointer(operation, "from");
      auto value = from && !is_inside(*path, *from) ? take(*from) : std::nullopt;
      return value && add(*path, std::move(*value));
    }
    if (op == "copy") {
      const auto from = pointer(operation, "from");
      const Json* value = from ? find(*from) : nullptr;
      if (!value) return false;
      Json copy = *value;
      copied_ += to_text(copy).size();
      return copied_ <= kMostCopiedBytes && add(*path, std::move(copy));
    }
    if (!operation.contains("value")) return false;
    const Json& value = operation["value"];
    if (op == "add") return add(*path, value);
    Json* current = find(*path);
    if (!current) return false;
    if (op == "test") return *current == value;
    if (op != "replace" || !fits(*path, value)) return false;
    *current = value;
    return true;
  }

 private:
  using Tokens = std::vector<std::string>;

  static std::optional<Tokens> pointer(const Json& operation, const char* key) {
    const Json& text = member(operation, key);
    if (!text.is_string()) return std::nullopt;
    return parse_pointer(text.get_ref<const std::string&>());
  }

  // `path` is a proper child of `from`.
  static bool is_inside(const Tokens& path, const Tokens& from) {
    return path.size() > from.size() && std::equal(from.begin(), from.end(), path.begin());
  }

  Json* find(const Tokens& path, std::size_t levels_up = 0) {
    Json* value = &target_;
    for (std::size_t i = 0; i + levels_up < path.size(); ++i) {
      if (value->is_object()) {
        const auto found = value->find(path[i]);
        if (found == value->end()) return nullptr;
        value = &*found;
      } else if (value->is_array() && !value->empty()) {
        const auto index = parse_index(path[i], value->size() - 1);
        if (!index) return nullptr;
        value = &(*value)[*index];
      } else {
        return nullptr;
      }
    }
    return value;
  }

  // Operations build on each other, so each of them alone must leave the document readable.
  bool fits(const Tokens& path, const Json& value) {
    return path.size() <= kDeepest && !is_deeper(value, kDeepest - path.size(), measured_) &&
           measured_ <= kMostMeasuredValues;
  }

  bool add(const Tokens& path, Json value) {
    if (!fits(path, value)) return false;
    if (path.empty()) {
      target_ = std::move(value);
      return true;
    }
    Json* parent = find(path, 1);
    if (!parent) return false;
    if (parent->is_object()) {
      (*parent)[path.back()] = std::move(value);
      return true;
    }
    if (!parent->is_array()) return false;
    const auto index = path.back() == "-" ? parent->size() : parse_index(path.back(), parent->size());
    if (!index) return false;
    parent->insert(parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
  }

  std::optional<Json> take(const Tokens& path) {
    Json* value = find(path);
    if (!value || path.empty()) return std::nullopt;
    Json taken = std::move(*value);
    Json* parent = find(path, 1);
    if (parent->is_object()) {
      parent->erase(path.back());
    } else {
      parent->erase(*parse_index(path.back(), parent->size() - 1));
    }
    return taken;
  }

  Json& target_;
  std::size_t copied_ = 0;
  std::size_t measured_ = 0;  // values that fits() looked at
};

}  // namespace

ApiResult<Patch> parse_patch(const std::string& body, std::string_view content_type, bool custom_resource) {
  const std::string type = media_type(content_type);
  Patch patch;
  if (type == kJsonPatch) {
    patch.type = PatchType::kJson;
  } else if (type == kMergePatch) {
    patch.type = PatchType::kMerge;
  } else if (type == kApplyPatch) {
    patch.type = PatchType::kApply;
  } else if (type == kStrategicPatch && !custom_resource) {
    patch.type = PatchType::kStrategic;
  } else {
    std::vector<std::string> accepted{kJsonPatch, kMergePatch};
    if (!custom_resource) accepted.emplace_back(kStrategicPatch);
    accepted.emplace_back(kApplyPatch);
    return unsupported_media_type(accepted);
  }
  // A JSON document is one of YAML too, but is sooner read as what it is.
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool yaml = patch.type == PatchType::kApply && (first == std::string::npos || body[first] != '{');
  auto document = yaml ? read_yaml(body) : read_json(body);
  if (!document) return document.error();
  const bool fits = patch.type == PatchType::kJson ? document->value.is_array() : document->value.is_object();
  if (!fits) return bad_request("error decoding patch: it has the wrong shape for its type");
  patch.document = std::move(document->value);
  patch.complaints = std::move(document->complaints);
  return patch;
}

ApiResult<> apply_patch(Json& target, const Patch& patch, const SchemaType* type) {
  switch (patch.type) {
    case PatchType::kJson:
      if (auto patched = apply_json_patch(target, patch.document); !patched) return patched;
      break;
    case PatchType::kStrategic:
      if (auto patched = apply_strategic_merge(target, patch.document, type); !patched) return patched;
      break;
    case PatchType::kApply: CHECK(false, "server-side apply is no patch of this kind");
    case PatchType::kMerge: apply_merge_patch(target, patch.document); break;
  }
  std::size_t seen = 0;
  if (!target.is_object() || is_deeper(target, kDeepest, seen)) return rejected_patch();
  return {};
}

ApiResult<> apply_json_patch(Json& target, const Json& operations) {
  if (operations.size() > kMostOperations) {
    StatusError error = too_large();
    error.message = "Request entity too large: The allowed maximum operations in a JSON patch is " +
                    std::to_string(kMostOperations) + ", got " + std::to_string(operations.size());
    return error;
  }
  JsonPatch patch(target);
  for (const Json& operation : operations) {
    if (!patch.apply(operation)) return rejected_patch();
  }
  return {};
}

void apply_merge_patch(Json& target, const Json& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Json::object();
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null()) {
      target.erase(key);
    } else {
      apply_merge_patch(target[key], value);
    }
  }
}

}  // namespace fakeapi
