#include "fake-apiserver/schema/notation.h"

#include <charconv>
#include <map>
#include <utility>

#include "common/base/check.h"

namespace fakeapi {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// Takes what stands before `separator` off the front of `rest`, and the separator.
std::string_view take(std::string_view& rest, std::string_view separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view head = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + separator.size());
  return head;
}

bool strip_last(std::string_view& text, char last) {
  if (text.empty() || text.back() != last) return false;
  text.remove_suffix(1);
  return true;
}

FieldType type_named(std::string_view name) {
  constexpr std::pair<std::string_view, FieldType> kNames[] = {
      {"string", FieldType::kString},       {"bool", FieldType::kBool},          {"int32", FieldType::kInt32},
      {"int64", FieldType::kInt64},         {"double", FieldType::kDouble},      {"bytes", FieldType::kBytes},
      {"quantity", FieldType::kQuantity},   {"intstr", FieldType::kIntOrString}, {"time", FieldType::kTime},
      {"microtime", FieldType::kMicroTime}, {"fieldsv1", FieldType::kFieldsV1},  {"raw", FieldType::kRaw},
      {"strings", FieldType::kStringList}};
  for (const auto& [text, type] : kNames) {
    if (text == name) return type;
  }
  return FieldType::kMessage;
}

class NotationReader {
 public:
  std::deque<SchemaType> read(const std::vector<const char*>& texts) {
    for (const char* text : texts) {
      for (std::string_view rest = text; !rest.empty();) read_line(take(rest, "\n"));
    }
    for (const Reference& reference : references_) link(reference);
    for (SchemaType& type : types_) type.build_index();
    return std::move(types_);
  }

 private:
  struct Reference {
    SchemaType* type;
    std::size_t field;
    std::string_view package;  // the short name
    std::string_view name;
    bool granular;
  };

  void read_line(std::string_view line) {
    if (line.empty()) return;
    if (line[0] == ' ') {
      const std::string_view fields = take(line, "  # ");
      for (std::string_view rest = fields; !rest.empty();) read_field(trimmed(take(rest, ";")), line);
      return;
    }
    const std::string_view word = take(line, " ");
    if (word == "package") {
      short_name_ = take(line, " = ");
      full_name_ = take(line, " serves ");
      serves_ = line;
      packages_[short_name_] = full_name_;
    } else {
      CHECK(word == "kind" || word == "type", "the notation knows packages, kinds, types and fields");
      read_type(take(line, ": "), line, word == "kind");
    }
  }

  void read_type(std::string_view head, std::string_view description, bool kind) {
    SchemaType& type = types_.emplace_back();
    const std::string_view name = take(head, " ");
    type.name = std::string(full_name_) + "." + std::string(name);
    type.description = description;
    while (!head.empty()) {
      const std::string_view word = take(head, " ");
      CHECK(word == "atomic" || word == "variant", "a type is atomic, variant or neither");
      (word == "atomic" ? type.atomic : type.variant) = true;
    }
    by_name_[type.name] = &type;
    if (kind) make_kind(type, name);
  }

  void make_kind(SchemaType& type, std::string_view name) const {
    constexpr std::pair<const char*, const char*> kOwn[] = {
        {"apiVersion", "The group and version in which the object is written."}, {"kind", "What the object is."}};
    for (const auto& [json_name, description] : kOwn) {
      SchemaField& field = type.fields.emplace_back();
      field.name = json_name;
      field.merge = MergeRule::kAtomic;
      field.description = description;
    }
    for (std::string_view rest = serves_; !rest.empty();) {
      std::string_view version = take(rest, " ");
      const std::string_view group = version.find('/') == std::string_view::npos ? "" : take(version, "/");
      type.kinds.push_back({std::string(group), std::string(version), std::string(name)});
    }
    if (serves_.empty()) type.kinds.push_back({"", "v1", std::string(name)});
  }

  void read_field(std::string_view text, std::string_view description) {
    SchemaType& type = types_.back();
    SchemaField& field = type.fields.emplace_back();
    const std::string_view number = take(text, " ");
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), field.number);
    CHECK(parsed.ec == std::errc() && field.number > 0, "a field begins with its number");
    field.name = take(text, " ");
    field.description = description;
    std::string_view of = take(text, " ");
    if (of == "inline") {
      field.inlined = true;
      of = take(text, " ");
    }
    field.optional = strip_last(of, '?');
    field.required = strip_last(of, '!');
    if (of.starts_with("[]") || of.starts_with("{}")) {
      field.shape = of[0] == '[' ? Shape::kList : Shape::kMap;
      of.remove_prefix(2);
    }
    field.type = type_named(of);
    const bool atomic_by_nature = field.shape == Shape::kSingle && field.type != FieldType::kMessage;
    if (atomic_by_nature || field.shape == Shape::kList) field.merge = MergeRule::kAtomic;
    bool granular = false;
    while (!text.empty()) read_flag(take(text, " "), field, granular);
    if (field.type != FieldType::kMessage) return;
    const bool foreign = of.find('.') != std::string_view::npos;
    const std::string_view package = foreign ? take(of, ".") : short_name_;
    references_.push_back({&type, type.fields.size() - 1, package, of, granular});
  }

  static void read_flag(std::string_view flag, SchemaField& field, bool& granular) {
    const std::string_view value = flag.substr(1);
    switch (flag[0]) {
      case '+': field.patch_merge_key = value; break;
      case '~': field.retain_keys = true; break;
      case '-': field.patch_replace = true; break;
      case '=': field.default_json = value; break;
      case '@':
        if (value == "atomic") {
          field.merge = MergeRule::kAtomic;
        } else if (value == "set") {
          field.merge = MergeRule::kSet;
        } else if (value == "granular") {
          granular = true;
        } else {
          field.merge = MergeRule::kListByKey;
          for (std::string_view rest = value; !rest.empty();) field.keys.emplace_back(take(rest, ","));
        }
        break;
      default: CHECK(false, "unknown flag of a field");
    }
  }

  void link(const Reference& reference) {
    const auto package = packages_.find(reference.package);
    CHECK(package != packages_.end(), "a field's type names a package that is not there");
    const auto target = by_name_.find(std::string(package->second) + "." + std::string(reference.name));
    CHECK(target != by_name_.end(), "a field's type is not there");
    SchemaField& field = reference.type->fields[reference.field];
    field.message = target->second;
    const bool whole = field.message->atomic && !reference.granular && field.shape == Shape::kSingle;
    if (whole) field.merge = MergeRule::kAtomic;
  }

  std::deque<SchemaType> types_;
  std::map<std::string, const SchemaType*> by_name_;
  std::map<std::string_view, std::string_view> packages_;  // short names to full ones
  std::vector<Reference> references_;
  std::string_view short_name_;
  std::string_view full_name_;
  std::string_view serves_;
};

}  // namespace

std::deque<SchemaType> read_notation(const std::vector<const char*>& texts) { return NotationReader().read(texts); }

}  // namespace fakeapi
