#include "fake-apiserver/api/table.h"

#include "fake-apiserver/api/table_layouts.h"
#include "fake-apiserver/custom/custom_definition.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

// Null for a resource without a definition.
const std::vector<PrinterColumn>* defined_columns(const ResourceInfo& info, const std::string& version) {
  if (!info.definition) return nullptr;
  const CustomVersion* found = info.definition->version(version);
  if (!found) found = info.definition->version(info.versions.front());
  return found ? &found->columns : nullptr;
}

Json column(std::string_view text) {
  Json definition = {{"type", "string"}, {"format", ""}, {"priority", 0}};
  for (;; text.remove_prefix(1)) {
    const char mark = text.front();
    if (mark == '*') {
      definition["priority"] = 1;
    } else if (mark == '#') {
      definition["type"] = "integer";
    } else if (mark == '?') {
      definition["type"] = "boolean";
    } else if (mark == '^') {
      definition["type"] = "date";
    } else if (mark == '@') {
      definition["format"] = "name";
    } else {
      break;
    }
  }
  definition["name"] = std::string(text);
  definition["description"] = std::string(text);
  return definition;
}

}  // namespace

Json table_columns(const ResourceInfo& info, const std::string& version) {
  if (const auto* defined = defined_columns(info, version)) return column_definitions(*defined);
  Json columns = Json::array();
  std::string_view rest = table_layout(info.resource).columns;
  for (;;) {
    const std::size_t end = rest.find('|');
    columns.push_back(column(rest.substr(0, end)));
    if (end == std::string_view::npos) return columns;
    rest.remove_prefix(end + 1);
  }
}

Json table_row(const ResourceInfo& info, const Json& object, const Json& shown, const OutputFormat& format,
               base::Time now) {
  const std::string api_version = text_at(shown, {"apiVersion"});
  const auto* defined = defined_columns(info, api_version.substr(api_version.find('/') + 1));
  Json row = {{"cells", defined ? column_cells(*defined, shown, now) : table_layout(info.resource).cells(object, now)}};
  switch (format.include_object) {
    case IncludeObject::kNone: row["object"] = nullptr; break;
    case IncludeObject::kMetadata: row["object"] = partial_metadata(object, format.meta_version); break;
    case IncludeObject::kObject: row["object"] = shown; break;
  }
  return row;
}

Json partial_metadata(const Json& object, const std::string& meta_version) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", "meta.k8s.io/" + meta_version},
          {"metadata", member(object, "metadata")}};
}

}  // namespace fakeapi
