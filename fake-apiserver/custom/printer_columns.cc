#include "fake-apiserver/custom/printer_columns.h"

#include <cmath>

#include "common/base/time_format.h"
#include "fake-apiserver/api/human_duration.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

constexpr const char* kCreation =
    "CreationTimestamp is a timestamp representing the server time when this object was created.";

Json column(const std::string& name, const std::string& type, const std::string& format, const std::string& description,
            std::int64_t priority) {
  return {{"name", name}, {"type", type}, {"format", format}, {"description", description}, {"priority", priority}};
}

Json integer_cell(const Json& value) {
  if (value.is_number_integer()) return value;
  if (!value.is_number_float() || std::abs(value.get<double>()) > 9e15) return nullptr;
  return static_cast<std::int64_t>(value.get<double>());
}

Json date_cell(const Json& value, base::Time now) {
  if (!value.is_string()) return nullptr;
  if (!base::parse_rfc3339(value.get_ref<const std::string&>())) return "<invalid>";
  return age_cell(value, now);
}

Json cell_of(const PrinterColumn& column, const Json& object, base::Time now) {
  const Json* value = column.path.first(object);
  if (!value || value->is_null()) return nullptr;
  if (column.type == "integer") return integer_cell(*value);
  if (column.type == "number") return value->is_number() ? *value : Json();
  if (column.type == "boolean") return value->is_boolean() ? *value : Json();
  if (column.type == "date") return date_cell(*value, now);
  return value->is_string() ? *value : Json(to_text(*value));
}

}  // namespace

Json column_definitions(const std::vector<PrinterColumn>& columns) {
  Json definitions = Json::array({column("Name", "string", "name", "Name must be unique within a namespace.", 0)});
  for (const PrinterColumn& c : columns) {
    definitions.push_back(column(c.name, c.type, c.format, c.description, c.priority));
  }
  if (columns.empty()) definitions.push_back(column("Age", "date", "", kCreation, 0));
  return definitions;
}

Json column_cells(const std::vector<PrinterColumn>& columns, const Json& object, base::Time now) {
  Json cells = Json::array({text_at(object, {"metadata", "name"})});
  for (const PrinterColumn& c : columns) cells.push_back(cell_of(c, object, now));
  if (columns.empty()) cells.push_back(date_cell(at_path(object, {"metadata", "creationTimestamp"}), now));
  return cells;
}

}  // namespace fakeapi
