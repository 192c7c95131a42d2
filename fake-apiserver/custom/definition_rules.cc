// What a CustomResourceDefinition must be like, in the words of a real server.
#include <algorithm>
#include <set>

#include "fake-apiserver/api/validation.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// RFC 1035, as the names of versions and resources must be.
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() >= 'a' && text.front() <= 'z' && is_dns_subdomain(text) &&
         text.find('.') == std::string_view::npos;
}

const Json& list_at(const Json& object, std::initializer_list<std::string_view> path) {
  static const Json kNone = Json::array();
  const Json& list = at_path(object, path);
  return list.is_array() ? list : kNone;
}

class Checker {
 public:
  Checker(const Json& object, const Json* before) : object_(object), spec_(member(object, "spec")), before_(before) {}

  DefinitionProblems check() {
    check_group();
    check_names();
    check_scope();
    check_versions();
    if (member(spec_, "preserveUnknownFields") == Json(true)) {
      wrong("spec.preserveUnknownFields", true,
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
    }
    check_conversion();
    if (before_) check_changes();
    return std::move(problems_);
  }

 private:
  void wrong(const std::string& field, const Json& value, const std::string& why) {
    problems_.errors.push_back({field, "FieldValueInvalid", "Invalid value: " + to_text(value) + ": " + why});
  }
  void required(const std::string& field, const std::string& why = "") {
    problems_.errors.push_back({field, "FieldValueRequired", "Required value" + (why.empty() ? "" : ": " + why)});
  }
  void unsupported(const std::string& field, const std::string& value, const std::string& supported) {
    problems_.errors.push_back(
        {field, "FieldValueNotSupported", "Unsupported value: " + to_text(value) + ": supported values: " + supported});
  }

  void check_group() {
    const std::string group = text_at(spec_, {"group"});
    const std::string name = text_at(object_, {"metadata", "name"});
    if (group.empty()) {
      required("spec.group");
    } else if (!is_dns_subdomain(group)) {
      wrong("spec.group", group, "a lowercase RFC 1123 subdomain is expected");
    } else if (group.find('.') == std::string::npos) {
      wrong("spec.group", group, "should be a domain with at least one dot");
    }
    if (name != text_at(spec_, {"names", "plural"}) + "." + group) {
      wrong("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
    }
  }

  void check_label(const std::string& field, const std::string& text) {
    if (is_label(text)) return;
    wrong(field, text,
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
          "character, and end with an alphanumeric character");
  }

  void check_names() {
    const Json& names = member(spec_, "names");
    const std::string kind = text_at(names, {"kind"});
    const std::string list_kind = text_at(names, {"listKind"});
    for (const char* key : {"plural", "singular"}) {
      const std::string text = text_at(names, {key});
      if (text.empty()) {
        required(std::string("spec.names.") + key);
      } else {
        check_label(std::string("spec.names.") + key, text);
      }
    }
    if (kind.empty()) {
      required("spec.names.kind");
    } else {
      check_label("spec.names.kind", lower(kind));
    }
    if (!kind.empty() && kind == list_kind)
      wrong("spec.names.listKind", list_kind, "kind and listKind may not be the same");
    for (const char* key : {"shortNames", "categories"}) {
      std::size_t i = 0;
      for (const Json& item : list_at(names, {key})) {
        check_label(std::string("spec.names.") + key + "[" + std::to_string(i++) + "]", text_of(item));
      }
    }
  }

  void check_scope() {
    const std::string scope = text_at(spec_, {"scope"});
    if (scope.empty()) {
      required("spec.scope");
    } else if (scope != "Cluster" && scope != "Namespaced") {
      unsupported("spec.scope", scope, "\"Cluster\", \"Namespaced\"");
    }
  }

  void check_versions() {
    const Json& versions = list_at(spec_, {"versions"});
    std::set<std::string> names;
    std::size_t stored = 0;
    std::size_t served = 0;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const std::string field = "spec.versions[" + std::to_string(i) + "]";
      const std::string name = text_at(versions[i], {"name"});
      if (!names.insert(name).second) wrong("spec.versions", name, "must contain unique version names");
      if (name.empty()) {
        required(field + ".name");
      } else {
        check_label(field + ".name", name);
      }
      if (member(versions[i], "storage") == Json(true)) ++stored;
      if (member(versions[i], "served") == Json(true)) ++served;
      check_version(versions[i], field);
    }
    if (stored != 1) wrong("spec.versions", Json(names), "must have exactly one version marked as storage version");
    if (served == 0) wrong("spec.versions", Json(names), "must have at least one version that is served");
  }

  void check_version(const Json& version, const std::string& field) {
    const Json& schema = at_path(version, {"schema", "openAPIV3Schema"});
    const std::string at = field + ".schema.openAPIV3Schema";
    if (!schema.is_object()) {
      required(at, "schemas are required");
    } else {
      ParsedSchema parsed = parse_schema(schema, at);
      problems_.errors.insert(problems_.errors.end(), parsed.errors.begin(), parsed.errors.end());
      if (parsed.has_expressions) {
        problems_.warnings.push_back(at + " has x-kubernetes-validations: this server does not evaluate them");
      }
    }
    check_scale(at_path(version, {"subresources", "scale"}), field + ".subresources.scale");
    const Json& columns = list_at(version, {"additionalPrinterColumns"});
    for (std::size_t i = 0; i < columns.size(); ++i) {
      check_column(columns[i], field + ".additionalPrinterColumns[" + std::to_string(i) + "]");
    }
  }

  // Whether `text` is a path of fields that begins with one of `roots`.
  static bool is_path_under(const std::string& text, std::initializer_list<std::string_view> roots) {
    const auto path = JsonPath::parse(text);
    const auto names = path ? path->field_names() : std::nullopt;
    return names && names->size() > 1 && std::find(roots.begin(), roots.end(), names->front()) != roots.end();
  }

  void check_scale(const Json& scale, const std::string& field) {
    if (scale.is_null()) return;
    const std::string spec_path = text_at(scale, {"specReplicasPath"});
    const std::string status_path = text_at(scale, {"statusReplicasPath"});
    const std::string selector_path = text_at(scale, {"labelSelectorPath"});
    if (spec_path.empty()) {
      required(field + ".specReplicasPath");
    } else if (!is_path_under(spec_path, {"spec"})) {
      wrong(field + ".specReplicasPath", spec_path, "should be a json path under .spec");
    }
    if (status_path.empty()) {
      required(field + ".statusReplicasPath");
    } else if (!is_path_under(status_path, {"status"})) {
      wrong(field + ".statusReplicasPath", status_path, "should be a json path under .status");
    }
    if (!selector_path.empty() && !is_path_under(selector_path, {"spec", "status"})) {
      wrong(field + ".labelSelectorPath", selector_path, "should be a json path under either .spec or .status");
    }
  }

  void check_column(const Json& column, const std::string& field) {
    const std::string type = text_at(column, {"type"});
    const std::string path = text_at(column, {"jsonPath"});
    constexpr std::string_view kTypes[] = {"boolean", "date", "integer", "number", "string"};
    if (text_at(column, {"name"}).empty()) required(field + ".name");
    if (type.empty()) {
      required(field + ".type", "must be one of boolean,date,integer,number,string");
    } else if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
      wrong(field + ".type", type, "must be one of boolean,date,integer,number,string");
    }
    if (path.empty()) {
      required(field + ".jsonPath");
    } else if (!JsonPath::parse(path)) {
      wrong(field + ".jsonPath", path, "must be a simple json path starting with .");
    }
  }

  void check_conversion() {
    const std::string strategy = text_at(spec_, {"conversion", "strategy"});
    if (strategy == "Webhook") {
      problems_.warnings.push_back(
          "spec.conversion.strategy Webhook: this server calls no webhooks, and rewrites apiVersion alone");
    } else if (!strategy.empty() && strategy != "None") {
      unsupported("spec.conversion.strategy", strategy, "\"None\", \"Webhook\"");
    }
  }

  void check_changes() {
    bool established = false;
    for (const Json& condition : list_at(*before_, {"status", "conditions"})) {
      established =
          established || (text_at(condition, {"type"}) == "Established" && text_at(condition, {"status"}) == "True");
    }
    const Json& old_spec = member(*before_, "spec");
    const auto fixed = [&](std::initializer_list<std::string_view> path, const std::string& field) {
      const Json& value = at_path(spec_, path);
      if (value != at_path(old_spec, path)) wrong(field, value, "field is immutable");
    };
    fixed({"group"}, "spec.group");
    fixed({"names", "plural"}, "spec.names.plural");
    if (established) {
      fixed({"scope"}, "spec.scope");
      fixed({"names", "kind"}, "spec.names.kind");
    }
    std::size_t i = 0;
    for (const Json& stored : list_at(*before_, {"status", "storedVersions"})) {
      const std::string field = "status.storedVersions[" + std::to_string(i++) + "]";
      const Json& versions = list_at(spec_, {"versions"});
      const bool known = std::any_of(versions.begin(), versions.end(),
                                     [&](const Json& version) { return member(version, "name") == stored; });
      if (!known) wrong(field, stored, "must appear in spec.versions");
    }
  }

  const Json& object_;
  const Json& spec_;
  const Json* before_;
  DefinitionProblems problems_;
};

}  // namespace

void default_definition(Json& object) {
  Json& spec = object["spec"];
  if (!spec.is_object()) return;
  if (Json& names = spec["names"]; names.is_object()) {
    const std::string kind = text_at(names, {"kind"});
    if (text_at(names, {"singular"}).empty()) names["singular"] = lower(kind);
    if (text_at(names, {"listKind"}).empty() && !kind.empty()) names["listKind"] = kind + "List";
  }
  Json& conversion = spec["conversion"];
  if (conversion.is_null()) conversion = Json::object();
  if (conversion.is_object() && text_at(conversion, {"strategy"}).empty()) conversion["strategy"] = "None";
}

DefinitionProblems check_definition(const Json& object, const Json* before) { return Checker(object, before).check(); }

}  // namespace fakeapi
