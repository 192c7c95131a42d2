#include "fake-apiserver/api/renderer.h"

#include "fake-apiserver/api/conversion.h"
#include "fake-apiserver/api/table.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

std::string table_text(const View& view, const std::vector<ObjectState>& objects, const Json& metadata,
                       bool with_columns, base::Time now) {
  Json rows = Json::array();
  for (const ObjectState& state : objects) {
    const ObjectPtr object = state.document();
    rows.push_back(table_row(*view.info, *object, *to_version(object, *view.info, view.version), view.format, now));
  }
  return to_text({{"kind", "Table"},
                  {"apiVersion", "meta.k8s.io/" + view.format.meta_version},
                  {"metadata", metadata},
                  {"columnDefinitions", with_columns ? table_columns(*view.info, view.version) : Json()},
                  {"rows", rows}});
}

Json metadata_of(const ListMetadata& list) {
  Json metadata = {{"resourceVersion", std::to_string(list.revision)}};
  if (!list.continue_token.empty()) metadata["continue"] = list.continue_token;
  if (list.remaining) metadata["remainingItemCount"] = *list.remaining;
  return metadata;
}

// Nearly all documents begin with what they are: then the text at hand will do.
std::string object_text(const View& view, const ObjectState& object) {
  const std::string begin =
      "{\"apiVersion\":\"" + view.info->api_version(view.version) + "\",\"kind\":\"" + view.info->kind + "\",";
  const std::string& text = object.text();
  if (text.starts_with(begin)) return text;
  const ObjectPtr stored = object.document();
  const ObjectPtr served = to_version(stored, *view.info, view.version);
  return served == stored ? text : to_text(*served);
}

std::string single_text(const View& view, const ObjectState& object, bool with_columns, base::Time now) {
  switch (view.format.form) {
    case Form::kTable:
      return table_text(view, {object},
                        {{"resourceVersion", text_at(*object.document(), {"metadata", "resourceVersion"})}},
                        with_columns, now);
    case Form::kPartialMetadata: return to_text(partial_metadata(*object.document(), view.format.meta_version));
    case Form::kObject: break;
  }
  return object_text(view, object);
}

const char* name_of_type(EventType type) {
  switch (type) {
    case EventType::kAdded: return "ADDED";
    case EventType::kModified: return "MODIFIED";
    case EventType::kDeleted: return "DELETED";
  }
  return "MODIFIED";
}

std::string event_line(std::string_view type, const std::string& object) {
  std::string line;
  line.reserve(object.size() + 40);
  line.append("{\"type\":\"").append(type).append("\",\"object\":").append(object).append("}\n");
  return line;
}

}  // namespace

std::string render_object(const View& view, const ObjectState& object, base::Time now) {
  return single_text(view, object, true, now);
}

std::string render_list(const View& view, const std::vector<ObjectState>& objects, const ListMetadata& metadata,
                        base::Time now) {
  if (view.format.form == Form::kTable) return table_text(view, objects, metadata_of(metadata), true, now);
  const bool partial = view.format.form == Form::kPartialMetadata;
  const std::string kind = partial ? "PartialObjectMetadataList" : view.info->kind + "List";
  const std::string api_version =
      partial ? "meta.k8s.io/" + view.format.meta_version : view.info->api_version(view.version);
  std::string text = "{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + api_version +
                     "\",\"metadata\":" + to_text(metadata_of(metadata)) + ",\"items\":[";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (i > 0) text += ',';
    text += single_text(view, objects[i], false, now);
  }
  return text + "]}";
}

std::string render_event(const View& view, EventType type, const ObjectState& object, bool with_columns,
                         base::Time now) {
  return event_line(name_of_type(type), single_text(view, object, with_columns, now));
}

std::string render_bookmark(const View& view, Revision revision, bool end_of_initial_events) {
  Json metadata = {{"resourceVersion", std::to_string(revision)}};
  if (end_of_initial_events) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  Json object = {{"metadata", metadata}};
  switch (view.format.form) {
    case Form::kTable:
      object["kind"] = "Table";
      object["columnDefinitions"] = nullptr;
      object["rows"] = Json::array();
      break;
    case Form::kPartialMetadata: object["kind"] = "PartialObjectMetadata"; break;
    case Form::kObject: object["kind"] = view.info->kind; break;
  }
  if (view.format.form == Form::kObject) {
    object["apiVersion"] = view.info->api_version(view.version);
    object["metadata"]["creationTimestamp"] = nullptr;
  } else {
    object["apiVersion"] = "meta.k8s.io/" + view.format.meta_version;
  }
  return event_line("BOOKMARK", to_text(object));
}

std::string render_error_event(const Json& status) { return event_line("ERROR", to_text(status)); }

}  // namespace fakeapi
