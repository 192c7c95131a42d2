#include "fake-apiserver/schema/protobuf_reader.h"

#include <bit>
#include <cmath>

#include "common/base/time_format.h"
#include "fake-apiserver/api/base64.h"
#include "fake-apiserver/schema/protobuf_wire.h"
#include "fake-apiserver/schema/utf8.h"

namespace fakeapi {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);
constexpr int kDeepest = 100;
// A message of no fields takes two bytes of the body and a hundred of memory.
constexpr int kMostValues = 500'000;

// The bytes are not what the schema says, on their way out of the recursion.
struct Malformed {
  std::string what;
};

std::string_view bytes_of(const WireField& field) {
  if (field.type != WireType::kBytes) throw Malformed{"wrong wire type for a string or message"};
  return field.bytes;
}

std::uint64_t number_of(const WireField& field) {
  if (field.type != WireType::kVarint) throw Malformed{"wrong wire type for a number"};
  return field.value;
}

std::string text_of_bytes(std::string_view bytes) {
  if (!is_utf8(bytes)) throw Malformed{"a string is not UTF-8"};
  return std::string(bytes);
}

// Calls `visit` with each field of `message`.
template <class Visit>
void each_field(std::string_view message, Visit visit) {
  WireReader reader(message);
  while (const auto field = reader.next()) visit(*field);
  if (reader.broken()) throw Malformed{"unexpected end or invalid tag"};
}

Json time_value(std::string_view message, bool micro) {
  if (message.empty()) return nullptr;  // the zero time
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  each_field(message, [&](const WireField& field) {
    if (field.number == 1) seconds = static_cast<std::int64_t>(number_of(field));
    if (field.number == 2) nanos = static_cast<std::int32_t>(number_of(field));
  });
  // Years 1 to 9999; base::Time ends at nanoseconds in 64 bits.
  constexpr std::int64_t kFarthest = 9'000'000'000;
  if (seconds < -kFarthest || seconds > kFarthest || nanos < 0 || nanos > 999'999'999) {
    throw Malformed{"a time is out of range"};
  }
  const base::Time time{std::chrono::duration_cast<base::Duration>(std::chrono::seconds(seconds) +
                                                                   std::chrono::nanoseconds(micro ? nanos : 0))};
  return micro ? base::format_rfc3339_micro(time) : base::format_rfc3339(time);
}

std::string inner_bytes(std::string_view message) {
  std::string content;
  each_field(message, [&](const WireField& field) {
    if (field.number == 1) content = bytes_of(field);
  });
  return content;
}

Json int_or_string(std::string_view message) {
  std::uint64_t type = 0;
  std::int32_t number = 0;
  std::string text;
  each_field(message, [&](const WireField& field) {
    if (field.number == 1) type = number_of(field);
    if (field.number == 2) number = static_cast<std::int32_t>(number_of(field));
    if (field.number == 3) text = text_of_bytes(bytes_of(field));
  });
  return type == 0 ? Json(number) : Json(text);
}

// What RawExtension, JSON and FieldsV1 carry is JSON text.
Json embedded_json(std::string_view message) {
  const std::string content = inner_bytes(message);
  if (content.empty()) return nullptr;
  auto parsed = Json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) throw Malformed{"embedded JSON does not parse"};
  return parsed;
}

Json string_list(std::string_view message) {
  Json list = Json::array();
  each_field(message, [&](const WireField& field) {
    if (field.number == 1) list.push_back(text_of_bytes(bytes_of(field)));
  });
  return list;
}

double double_of(const WireField& field) {
  if (field.type != WireType::kFixed64) throw Malformed{"wrong wire type for a number"};
  const auto value = std::bit_cast<double>(field.value);
  if (!std::isfinite(value)) throw Malformed{"a number is not finite"};
  return value;
}

bool is_zero(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null: return true;
    case Json::value_t::boolean: return !value.get<bool>();
    case Json::value_t::number_integer: return value.get<std::int64_t>() == 0;
    case Json::value_t::number_unsigned: return value.get<std::uint64_t>() == 0;
    case Json::value_t::number_float: return value.get<double>() == 0;
    case Json::value_t::string: return value.get_ref<const std::string&>().empty();
    default: return value.empty();
  }
}

class MessageReader {
 public:
  // `object` is one already, also where a message is sent in pieces.
  void read(const SchemaType& type, std::string_view message, Json& object, int depth) {
    if (depth > kDeepest) throw Malformed{"nested too deeply"};
    each_field(message, [&](const WireField& wire) {
      const SchemaField* field = type.field(wire.number);
      if (field) read_field(*field, wire, object, depth);
    });
    drop_zeros(type, object);
    if (type.variant) take_variant(type, object);
  }

 private:
  void count() {
    if (++values_ > kMostValues) throw Malformed{"too many values"};
  }

  void read_field(const SchemaField& field, const WireField& wire, Json& object, int depth) {
    count();
    if (field.inlined) {
      read(*field.message, bytes_of(wire), object, depth + 1);
    } else if (field.shape == Shape::kMap) {
      read_entry(field, bytes_of(wire), object[field.name], depth);
    } else if (field.shape == Shape::kList) {
      Json& list = object[field.name];
      if (!list.is_array()) list = Json::array();
      append(field, wire, list, depth);
    } else if (field.type == FieldType::kMessage) {
      Json& inner = object[field.name];
      if (!inner.is_object()) inner = Json::object();
      read(*field.message, bytes_of(wire), inner, depth + 1);
    } else {
      object[field.name] = value(field, wire, depth);
    }
  }

  void append(const SchemaField& field, const WireField& wire, Json& list, int depth) {
    const bool number =
        field.type == FieldType::kInt32 || field.type == FieldType::kInt64 || field.type == FieldType::kBool;
    if (!number || wire.type != WireType::kBytes) {
      list.push_back(value(field, wire, depth));
      return;
    }
    WireReader packed(wire.bytes);
    while (const auto element = packed.next_varint()) {
      count();
      WireField single;
      single.value = *element;
      list.push_back(value(field, single, depth));
    }
    if (packed.broken()) throw Malformed{"a packed list ends early"};
  }

  void read_entry(const SchemaField& field, std::string_view message, Json& map, int depth) {
    if (!map.is_object()) map = Json::object();
    std::string key;
    WireField content;
    content.type =
        field.type == FieldType::kInt32 || field.type == FieldType::kInt64 ? WireType::kVarint : WireType::kBytes;
    each_field(message, [&](const WireField& part) {
      if (part.number == 1) key = text_of_bytes(bytes_of(part));
      if (part.number == 2) content = part;
    });
    map[key] = value(field, content, depth);
  }

  Json value(const SchemaField& field, const WireField& wire, int depth) {
    switch (field.type) {
      case FieldType::kString: return text_of_bytes(bytes_of(wire));
      case FieldType::kBool: return number_of(wire) != 0;
      case FieldType::kInt32: return static_cast<std::int32_t>(number_of(wire));
      case FieldType::kInt64: return static_cast<std::int64_t>(number_of(wire));
      case FieldType::kDouble: return double_of(wire);
      case FieldType::kBytes: return base64_encode(bytes_of(wire));
      case FieldType::kQuantity: {
        const std::string text = text_of_bytes(inner_bytes(bytes_of(wire)));
        return text.empty() && field.shape == Shape::kSingle && !field.optional ? Json()
                                                                                : Json(text.empty() ? "0" : text);
      }
      case FieldType::kIntOrString: return int_or_string(bytes_of(wire));
      case FieldType::kTime: return time_value(bytes_of(wire), false);
      case FieldType::kMicroTime: return time_value(bytes_of(wire), true);
      case FieldType::kFieldsV1:
      case FieldType::kRaw: return embedded_json(bytes_of(wire));
      case FieldType::kStringList: return string_list(bytes_of(wire));
      case FieldType::kMessage: {
        Json inner = Json::object();
        read(*field.message, bytes_of(wire), inner, depth + 1);
        return inner;
      }
    }
    return nullptr;
  }

  // The wire cannot tell zero from absent unless presence is marked; a null says nothing in any case.
  static void drop_zeros(const SchemaType& type, Json& object) {
    for (const SchemaField& field : type.fields) {
      const auto found = object.find(field.name);
      if (found == object.end() || field.inlined) continue;
      const bool empty_message = field.type == FieldType::kMessage && field.shape == Shape::kSingle;
      const bool said = field.optional || (field.required && (empty_message || field.shape == Shape::kSingle));
      const bool nothing = found->is_null() || (!said && is_zero(*found));
      if (nothing) object.erase(found);
    }
  }

  static void take_variant(const SchemaType& type, Json& object) {
    Json chosen;
    for (const SchemaField& field : type.fields) {
      const auto found = object.find(field.name);
      if (found != object.end()) {
        chosen = *found;
        if (field.type == FieldType::kMessage) break;
      } else if (field.type == FieldType::kBool && chosen.is_null()) {
        chosen = false;
      }
    }
    object = std::move(chosen);
  }

  int values_ = 0;
};

// What is in an Unknown.
struct Envelope {
  std::string api_version;
  std::string kind;
  std::string_view content;
  std::string encoding;
  std::string content_type;
};

Envelope open_envelope(std::string_view message) {
  Envelope envelope;
  each_field(message, [&](const WireField& field) {
    if (field.number == 1) {
      each_field(bytes_of(field), [&](const WireField& part) {
        if (part.number == 1) envelope.api_version = text_of_bytes(bytes_of(part));
        if (part.number == 2) envelope.kind = text_of_bytes(bytes_of(part));
      });
    }
    if (field.number == 2) envelope.content = bytes_of(field);
    if (field.number == 3) envelope.encoding = text_of_bytes(bytes_of(field));
    if (field.number == 4) envelope.content_type = text_of_bytes(bytes_of(field));
  });
  return envelope;
}

ApiResult<Json> read_envelope(std::string_view message) {
  const Envelope envelope = open_envelope(message);
  if (!envelope.encoding.empty()) throw Malformed{"content encoding " + envelope.encoding + " is not supported"};
  const std::size_t slash = envelope.api_version.find('/');
  const bool core = slash == std::string::npos;
  const std::string group = core ? "" : envelope.api_version.substr(0, slash);
  const std::string version = core ? envelope.api_version : envelope.api_version.substr(slash + 1);
  const SchemaType* type = Schema::builtin().of_kind(group, version, envelope.kind);
  if (!type) return unsupported_media_type({"application/json", "application/yaml"});
  Json object = Json::object();
  MessageReader().read(*type, envelope.content, object, 0);
  object["apiVersion"] = envelope.api_version;
  object["kind"] = envelope.kind;
  return object;
}

StatusError refusal(const Malformed& malformed) {
  return bad_request("the object provided is unrecognized: protobuf: " + malformed.what);
}

}  // namespace

ApiResult<Json> read_protobuf(std::string_view body) {
  if (!body.starts_with(kMagic)) {
    return bad_request("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  try {
    return read_envelope(body.substr(kMagic.size()));
  } catch (const Malformed& malformed) {
    return refusal(malformed);
  }
}

ApiResult<Json> read_protobuf_message(const SchemaType& type, std::string_view message) {
  try {
    Json object = Json::object();
    MessageReader().read(type, message, object, 0);
    return object;
  } catch (const Malformed& malformed) {
    return refusal(malformed);
  }
}

}  // namespace fakeapi
