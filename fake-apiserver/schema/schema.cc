#include "fake-apiserver/schema/schema.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

#include "fake-apiserver/schema/notation.h"

namespace fakeapi {
namespace {

bool name_less(const SchemaField* field, std::string_view name) { return field->name < name; }

void collect(const SchemaType& type, std::vector<const SchemaField*>& fields) {
  for (const SchemaField& field : type.fields) {
    if (field.inlined) {
      collect(*field.message, fields);
    } else {
      fields.push_back(&field);
    }
  }
}

}  // namespace

const SchemaField* SchemaType::field(std::string_view json_name) const {
  if (!by_name.empty()) {
    const auto found = std::lower_bound(by_name.begin(), by_name.end(), json_name, name_less);
    return found != by_name.end() && (*found)->name == json_name ? *found : nullptr;
  }
  for (const SchemaField& candidate : fields) {
    if (!candidate.inlined && candidate.name == json_name) return &candidate;
    const SchemaField* inner = candidate.inlined ? candidate.message->field(json_name) : nullptr;
    if (inner) return inner;
  }
  return nullptr;
}

const SchemaField* SchemaType::field(int number) const {
  for (const SchemaField& candidate : fields) {
    if (candidate.number == number && number > 0) return &candidate;
  }
  return nullptr;
}

void SchemaType::build_index() {
  by_name.clear();
  collect(*this, by_name);
  std::sort(by_name.begin(), by_name.end(),
            [](const SchemaField* a, const SchemaField* b) { return a->name < b->name; });
}

struct Schema::Tables {
  std::deque<SchemaType> types;
  std::vector<const SchemaType*> sorted;
  std::map<std::tuple<std::string, std::string, std::string>, const SchemaType*, std::less<>> kinds;
};

Schema::Schema() {
  auto tables = std::make_unique<Tables>();
  tables->types = read_notation({kMetaTypes, kCorePodsTypes, kCoreVolumesTypes, kCoreClusterTypes, kAppsTypes,
                                 kAutoscalingTypes, kClusterTypes, kExtensionsTypes, kNetworkingTypes, kSecurityTypes});
  for (const SchemaType& type : tables->types) {
    tables->sorted.push_back(&type);
    for (const SchemaKind& kind : type.kinds) tables->kinds[{kind.group, kind.version, kind.kind}] = &type;
  }
  std::sort(tables->sorted.begin(), tables->sorted.end(),
            [](const SchemaType* a, const SchemaType* b) { return a->name < b->name; });
  tables_ = std::move(tables);
}

Schema::~Schema() = default;

const Schema& Schema::builtin() {
  static const Schema schema;
  return schema;
}

const SchemaType* Schema::of_kind(std::string_view group, std::string_view version, std::string_view kind) const {
  // Options travel under the name of the group that they are meant for.
  if (kind == "DeleteOptions") {
    group = "";
    version = "v1";
  }
  const auto found = tables_->kinds.find(std::tuple(group, version, kind));
  return found == tables_->kinds.end() ? nullptr : found->second;
}

const SchemaType* Schema::type(std::string_view name) const {
  const auto found = std::lower_bound(tables_->sorted.begin(), tables_->sorted.end(), name,
                                      [](const SchemaType* type, std::string_view n) { return type->name < n; });
  return found != tables_->sorted.end() && (*found)->name == name ? *found : nullptr;
}

const std::vector<const SchemaType*>& Schema::types() const { return tables_->sorted; }

}  // namespace fakeapi
