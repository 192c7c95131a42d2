#include "fake-apiserver/api/selector.h"

#include <algorithm>

#include "common/base/number_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_special(char c) { return c == ',' || c == '(' || c == ')' || c == '=' || c == '!' || c == '<' || c == '>'; }

bool is_label_text(std::string_view text, bool slash_allowed) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || (slash_allowed && c == '/');
  });
}

constexpr std::size_t kLongestKey = 253 + 1 + 63;
constexpr std::size_t kLongestValue = 63;

}  // namespace

class LabelSelector::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Empty if all went well, else what is wrong.
  std::string parse(std::vector<Requirement>& out) {
    if (next().empty()) return "";
    for (;;) {
      Requirement requirement;
      if (std::string wrong = take_requirement(requirement); !wrong.empty()) return wrong;
      out.push_back(std::move(requirement));
      if (next().empty()) return "";
      if (take() != ",") return "expected ','";
    }
  }

 private:
  // The token at the position, without moving on.
  std::string_view next() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size()) return {};
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("==") || rest.starts_with("!=")) return rest.substr(0, 2);
    if (is_special(rest[0])) return rest.substr(0, 1);
    const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return is_blank(c) || is_special(c); });
    return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  }

  std::string_view take() {
    const std::string_view token = next();
    at_ += token.size();
    return token;
  }

  bool at_word() {
    const std::string_view token = next();
    return !token.empty() && !is_special(token[0]);
  }

  std::string take_requirement(Requirement& out) {
    const bool negated = next() == "!";
    if (negated) take();
    if (!at_word()) return "expected a label key";
    out.key = take();
    if (out.key.size() > kLongestKey || !is_label_text(out.key, true)) return "invalid label key \"" + out.key + "\"";
    const std::string_view op = next();
    if (negated || op.empty() || op == ",") {
      out.op = negated ? Operator::kAbsent : Operator::kExists;
      return "";
    }
    take();
    if (op == "in" || op == "notin") {
      out.op = op == "in" ? Operator::kIn : Operator::kNotIn;
      return take_set(out.values);
    }
    if (op == "=" || op == "==" || op == "!=") {
      out.op = op == "!=" ? Operator::kNotIn : Operator::kIn;
      return take_value(out.values);
    }
    if (op != ">" && op != "<") return "unknown operator \"" + std::string(op) + "\"";
    out.op = op == ">" ? Operator::kGreater : Operator::kLess;
    const std::string wrong = take_value(out.values);
    if (wrong.empty() && !base::parse_int64(out.values.front())) return "for '>' and '<' the value must be an integer";
    return wrong;
  }

  // An absent value is the empty one.
  std::string take_value(std::vector<std::string>& out) {
    out.emplace_back(at_word() ? take() : std::string_view());
    if (out.back().size() > kLongestValue || !is_label_text(out.back(), false)) {
      return "invalid label value \"" + out.back() + "\"";
    }
    return "";
  }

  std::string take_set(std::vector<std::string>& out) {
    if (take() != "(") return "expected '('";
    for (;;) {
      if (std::string wrong = take_value(out); !wrong.empty()) return wrong;
      const std::string_view token = take();
      if (token == ")") return "";
      if (token != ",") return "expected ',' or ')'";
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

ApiResult<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  const std::string wrong = Parser(text).parse(selector.requirements_);
  if (!wrong.empty()) {
    return bad_request("unable to parse requirement: " + wrong + " in \"" + std::string(text) + "\"");
  }
  return selector;
}

bool LabelSelector::matches(const Json& object) const {
  return requirements_.empty() || matches_labels(at_path(object, {"metadata", "labels"}));
}

bool LabelSelector::matches_labels(const Json& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& requirement) { return meets(requirement, labels); });
}

bool LabelSelector::meets(const Requirement& requirement, const Json& labels) {
  const Json& label = member(labels, requirement.key);
  if (requirement.op == Operator::kExists) return label.is_string();
  if (requirement.op == Operator::kAbsent) return !label.is_string();
  if (!label.is_string()) return requirement.op == Operator::kNotIn;
  const auto& value = label.get_ref<const std::string&>();
  const bool listed =
      std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
  switch (requirement.op) {
    case Operator::kIn: return listed;
    case Operator::kNotIn: return !listed;
    default: break;
  }
  const auto number = base::parse_int64(value);
  const auto bound = base::parse_int64(requirement.values.front());
  if (!number || !bound) return false;
  return requirement.op == Operator::kGreater ? *number > *bound : *number < *bound;
}

namespace {

struct SelectableField {
  const char* group;
  const char* plural;  // "" is every resource
  const char* field;   // as selectors name it
  const char* path;    // where it stands, if that differs
  const char* absent;
};

constexpr SelectableField kSelectable[] = {
    {"", "", "metadata.name", nullptr, ""},
    {"", "", "metadata.namespace", nullptr, ""},
    {"", "pods", "spec.nodeName", nullptr, ""},
    {"", "pods", "spec.restartPolicy", nullptr, ""},
    {"", "pods", "spec.schedulerName", nullptr, ""},
    {"", "pods", "spec.serviceAccountName", nullptr, ""},
    {"", "pods", "status.phase", nullptr, ""},
    {"", "pods", "status.podIP", nullptr, ""},
    {"", "pods", "status.nominatedNodeName", nullptr, ""},
    {"", "events", "involvedObject.kind", nullptr, ""},
    {"", "events", "involvedObject.namespace", nullptr, ""},
    {"", "events", "involvedObject.name", nullptr, ""},
    {"", "events", "involvedObject.uid", nullptr, ""},
    {"", "events", "involvedObject.apiVersion", nullptr, ""},
    {"", "events", "involvedObject.resourceVersion", nullptr, ""},
    {"", "events", "involvedObject.fieldPath", nullptr, ""},
    {"", "events", "reason", nullptr, ""},
    {"", "events", "reportingComponent", nullptr, ""},
    {"", "events", "source", "source.component", ""},
    {"", "events", "type", nullptr, ""},
    {"events.k8s.io", "events", "regarding.kind", "involvedObject.kind", ""},
    {"events.k8s.io", "events", "regarding.namespace", "involvedObject.namespace", ""},
    {"events.k8s.io", "events", "regarding.name", "involvedObject.name", ""},
    {"events.k8s.io", "events", "regarding.uid", "involvedObject.uid", ""},
    {"events.k8s.io", "events", "regarding.apiVersion", "involvedObject.apiVersion", ""},
    {"events.k8s.io", "events", "regarding.resourceVersion", "involvedObject.resourceVersion", ""},
    {"events.k8s.io", "events", "regarding.fieldPath", "involvedObject.fieldPath", ""},
    {"events.k8s.io", "events", "reason", nullptr, ""},
    {"events.k8s.io", "events", "reportingController", "reportingComponent", ""},
    {"events.k8s.io", "events", "type", nullptr, ""},
    {"", "nodes", "spec.unschedulable", nullptr, "false"},
    {"", "namespaces", "status.phase", nullptr, ""},
    {"", "secrets", "type", nullptr, ""},
    {"", "replicationcontrollers", "status.replicas", nullptr, "0"},
    {"apps", "replicasets", "status.replicas", nullptr, "0"},
    {"batch", "jobs", "status.successful", "status.succeeded", "0"},
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

const SelectableField* selectable(const Resource& resource, std::string_view name) {
  for (const SelectableField& field : kSelectable) {
    const bool fits = *field.plural == '\0' || (resource.group == field.group && resource.plural == field.plural);
    if (fits && name == field.field) return &field;
  }
  return nullptr;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

ApiResult<FieldSelector> FieldSelector::parse(std::string_view text, const Resource& resource) {
  FieldSelector selector;
  for (const std::string& part : split(text, ',')) {
    const std::string_view term = trim(part);
    if (term.empty()) continue;
    const std::size_t equals = term.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return bad_request("invalid selector: '" + std::string(text) + "'; can't understand '" + std::string(term) + "'");
    }
    const bool differs = term[equals - 1] == '!';
    const std::string_view name = trim(term.substr(0, differs ? equals - 1 : equals));
    std::string_view value = term.substr(equals + 1);
    if (!differs && value.starts_with('=')) value.remove_prefix(1);
    const SelectableField* field = selectable(resource, name);
    if (!field) return bad_request("field label not supported: " + std::string(name));
    selector.requirements_.push_back(Requirement{split(field->path ? field->path : field->field, '.'), field->absent,
                                                 !differs, std::string(trim(value))});
  }
  return selector;
}

bool FieldSelector::matches(const Json& object) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const Json* value = &object;
    for (const std::string& key : requirement.path) value = &member(*value, key);
    const std::string text =
        value->is_null() ? requirement.absent : (value->is_string() ? value->get<std::string>() : to_text(*value));
    return (text == requirement.value) == requirement.equal;
  });
}

std::string selector_text(const Json& label_selector) {
  std::string text;
  const auto add = [&](const std::string& term) { text += (text.empty() ? "" : ",") + term; };
  const Json& labels = member(label_selector, "matchLabels");
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) add(key + "=" + text_of(value));
  }
  const Json& expressions = member(label_selector, "matchExpressions");
  if (!expressions.is_array()) return text;
  for (const Json& e : expressions) {
    const std::string key = text_at(e, {"key"});
    const std::string op = text_at(e, {"operator"});
    std::vector<std::string> values;
    if (member(e, "values").is_array()) {
      for (const Json& value : member(e, "values")) values.push_back(text_of(value));
    }
    std::sort(values.begin(), values.end());
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
    if (op == "In") add(key + " in (" + list + ")");
    if (op == "NotIn") add(key + " notin (" + list + ")");
    if (op == "Exists") add(key);
    if (op == "DoesNotExist") add("!" + key);
  }
  return text;
}

}  // namespace fakeapi
