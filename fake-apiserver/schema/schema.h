// The types of the built-in kinds: names, protobuf numbers and JSON forms of their fields, and how lists and maps
// merge.
//
// One table serves protobuf bodies, unknown-field checks, OpenAPI, strategic merge and server-side apply. Immutable;
// built once and shared by whoever holds it. Everything else of the server is schemaless.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fakeapi {

enum class FieldType {
  kString,
  kBool,
  kInt32,
  kInt64,
  kDouble,
  kBytes,        // JSON: base64
  kQuantity,     // JSON: a string; a number is taken too
  kIntOrString,  // JSON: a number or a string
  kTime,         // JSON: RFC 3339, whole seconds
  kMicroTime,    // JSON: RFC 3339 with six decimals
  kFieldsV1,     // JSON: any object, raw bytes in protobuf
  kRaw,          // RawExtension or JSON: any value, raw bytes in protobuf
  kStringList,   // a message that wraps repeated strings (ExtraValue, Verbs); JSON: an array
  kMessage,
};

enum class Shape { kSingle, kList, kMap /* keys are strings */ };

// How two writers' versions of a field are merged by server-side apply.
enum class MergeRule {
  kGranular,   // messages field by field, maps key by key
  kAtomic,     // replaced whole: scalars, most lists, messages marked so
  kListByKey,  // list of messages told apart by `keys`
  kSet,        // list of scalars without duplicates
};

struct SchemaType;

struct SchemaField {
  std::string name;  // JSON
  int number = 0;    // protobuf
  FieldType type = FieldType::kString;
  const SchemaType* message = nullptr;  // of kMessage
  Shape shape = Shape::kSingle;
  // A message of its own in protobuf whose fields stand among its parent's in JSON.
  bool inlined = false;
  // Protobuf marks presence: what is absent stays absent. Otherwise the zero value is written always and means nothing.
  bool optional = false;
  // JSON always has it, zero or not; OpenAPI calls it required.
  bool required = false;
  MergeRule merge = MergeRule::kGranular;
  std::vector<std::string> keys;  // of kListByKey
  // Strategic merge: the list merges by this key (empty: by replacement; of a list of scalars: "" with merge == kSet).
  std::string patch_merge_key;
  bool retain_keys = false;    // strategic merge honours $retainKeys here
  bool patch_replace = false;  // strategic merge replaces the message whole
  std::string default_json;    // as JSON text; empty if there is none in the type itself
  std::string description;
};

// A kind as a version of a group serves it.
struct SchemaKind {
  std::string group;
  std::string version;
  std::string kind;
};

// A kind has the fields apiVersion and kind too, with number 0: they are not part of its protobuf message.
struct SchemaType {
  std::string name;  // "io.k8s.api.apps.v1.Deployment", as OpenAPI names it
  std::string description;
  std::vector<SchemaField> fields;
  std::vector<SchemaKind> kinds;            // as which it is served; empty for what is only part of others
  bool atomic = false;                      // fields of this type are replaced whole, unless they say otherwise
  bool variant = false;                     // one field is set, and JSON holds just its value
  std::vector<const SchemaField*> by_name;  // sorted, inlined ones too; empty until build_index()

  // Null if there is none. By JSON name looks into inlined messages too.
  const SchemaField* field(std::string_view json_name) const;
  const SchemaField* field(int number) const;

  // Makes field() by name fast. To be called once `fields` is complete and will not move.
  void build_index();
};

class Schema {
 public:
  static const Schema& builtin();

  // The type of a kind as it is served in that version; null for a kind that is not built in. Also for DeleteOptions,
  // Eviction, Scale, Binding, TokenRequest and the reviews.
  const SchemaType* of_kind(std::string_view group, std::string_view version, std::string_view kind) const;
  // By OpenAPI name; null if there is none.
  const SchemaType* type(std::string_view name) const;
  const std::vector<const SchemaType*>& types() const;  // sorted by name

  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

 private:
  Schema();
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace fakeapi
