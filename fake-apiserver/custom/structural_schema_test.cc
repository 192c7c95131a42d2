#include "fake-apiserver/custom/structural_schema.h"

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "fake-apiserver/custom/custom_definition.h"

namespace fakeapi {
namespace {

Json object_schema(const Json& properties) { return {{"type", "object"}, {"properties", properties}}; }

ParsedSchema parsed(const Json& schema) { return parse_schema(schema, "schema"); }

std::vector<std::string> problems(const Json& properties, const Json& object) {
  const ParsedSchema schema = parsed(object_schema(properties));
  EXPECT_TRUE(schema.errors.empty()) << schema.errors.front().field << schema.errors.front().message;
  std::vector<std::string> texts;
  for (const FieldError& error : validate(*schema.root, object)) texts.push_back(error.field + ": " + error.message);
  return texts;
}

std::vector<std::string> one(const std::string& text) { return {text}; }

TEST(StructuralSchemaTest, PruningTakesWhatTheSchemaDoesNotKnowAndTellsItsPath) {
  const Json properties = Json::parse(R"({
    "spec": {"type": "object", "properties": {
      "known": {"type": "string"},
      "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
      "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"b": {"type": "string"}}}},
      "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
              "properties": {"inner": {"type": "object", "properties": {"c": {"type": "string"}}}}},
      "pod": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"spec": {"type": "object"}}}}}})");
  const ParsedSchema schema = parsed(object_schema(properties));
  ASSERT_TRUE(schema.errors.empty());
  Json object = Json::parse(R"({
    "apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "top": 1,
    "spec": {"known": "k", "unknown": 1, "list": [{"a": 1}, {"a": 2, "x": 3}], "map": {"one": {"b": "", "y": 1}},
             "any": {"free": {"deep": 1}, "inner": {"c": "", "z": 1}},
             "pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}, "status": {}}}})");
  EXPECT_EQ(prune(*schema.root, object),
            (std::vector<std::string>{"spec.any.inner.z", "spec.list[1].x", "spec.map.one.y", "spec.pod.status",
                                      "spec.unknown", "top"}));
  EXPECT_EQ(object, Json::parse(R"({
    "apiVersion": "v1", "kind": "X", "metadata": {"name": "x"},
    "spec": {"known": "k", "list": [{"a": 1}, {"a": 2}], "map": {"one": {"b": ""}},
             "any": {"free": {"deep": 1}, "inner": {"c": ""}},
             "pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}}})"));
}

TEST(StructuralSchemaTest, DefaultsFillWhatIsAbsentOrNullWhereNullIsNoValue) {
  const Json properties = Json::parse(R"({
    "spec": {"type": "object", "default": {}, "properties": {
      "replicas": {"type": "integer", "default": 2},
      "plain": {"type": "string"},
      "maybe": {"type": "string", "nullable": true, "default": "d"},
      "list": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer", "default": 7}}}}}}})");
  const ParsedSchema schema = parsed(object_schema(properties));
  ASSERT_TRUE(schema.errors.empty());
  Json empty = {{"kind", "X"}};
  apply_schema_defaults(*schema.root, empty);
  EXPECT_EQ(empty, (Json{{"kind", "X"}, {"spec", {{"replicas", 2}, {"maybe", "d"}}}}));

  Json nulls = Json::parse(R"({"spec": {"replicas": null, "plain": null, "maybe": null, "list": [{}, {"n": 1}]}})");
  apply_schema_defaults(*schema.root, nulls);
  EXPECT_EQ(nulls, Json::parse(R"({"spec": {"replicas": 2, "maybe": null, "list": [{"n": 7}, {"n": 1}]}})"));
}

TEST(StructuralSchemaTest, WrongTypesAreNamedAsARealServerNamesThem) {
  const Json properties = Json::parse(R"({"spec": {"type": "object", "properties": {
      "n": {"type": "integer"}, "x": {"x-kubernetes-int-or-string": true}, "l": {"type": "array", "items": {"type": "boolean"}}}}})");
  EXPECT_EQ(problems(properties, {{"spec", {{"n", "three"}}}}),
            one("spec.n: Invalid value: \"string\": spec.n in body must be of type integer: \"string\""
                ""))
      << "the value is not repeated";
  EXPECT_TRUE(problems(properties, {{"spec", {{"n", 3.0}}}}).empty()) << "3.0 is whole";
  EXPECT_EQ(problems(properties, {{"spec", {{"n", 3.5}}}}),
            one("spec.n: Invalid value: \"number\": spec.n in body must be of type integer: \"number\""));
  EXPECT_TRUE(problems(properties, {{"spec", {{"x", "50%"}}}}).empty());
  EXPECT_TRUE(problems(properties, {{"spec", {{"x", 5}}}}).empty());
  EXPECT_EQ(problems(properties, {{"spec", {{"x", true}}}}).size(), 1u);
  EXPECT_EQ(problems(properties, {{"spec", {{"l", {true, 1}}}}}),
            one("spec.l[1]: Invalid value: \"integer\": spec.l[1] in body must be of type boolean: \"integer\""));
  EXPECT_EQ(problems(properties, {{"spec", nullptr}}),
            one("spec: Invalid value: \"null\": spec in body must be of type object: \"null\""));
}

TEST(StructuralSchemaTest, EachLimitHasItsSentence) {
  const auto check = [](const char* schema, const Json& value) {
    const auto texts = problems({{"f", Json::parse(schema)}}, {{"f", value}});
    return texts.empty() ? std::string() : texts.front();
  };
  EXPECT_EQ(check(R"({"type":"integer","minimum":1})", 1), "");
  EXPECT_EQ(check(R"({"type":"integer","minimum":1})", 0),
            "f: Invalid value: 0: f in body should be greater than or equal to 1");
  EXPECT_EQ(check(R"({"type":"integer","maximum":3,"exclusiveMaximum":true})", 3),
            "f: Invalid value: 3: f in body should be less than 3");
  EXPECT_EQ(check(R"({"type":"integer","multipleOf":5})", 7),
            "f: Invalid value: 7: f in body should be a multiple of 5");
  EXPECT_EQ(check(R"({"type":"integer","format":"int32"})", 3'000'000'000LL).substr(0, 3), "f: ");
  EXPECT_EQ(check(R"({"type":"string","minLength":2})", "\xC3\xA9"),
            "f: Invalid value: \"\xC3\xA9\": f in body should be at least 2 chars long");
  EXPECT_EQ(check(R"({"type":"string","maxLength":2})", "\xC3\xA9\xC3\xA9"), "") << "characters, not bytes";
  EXPECT_EQ(check(R"({"type":"string","maxLength":2})", "abc"), "f: Too long: may not be more than 2 bytes");
  EXPECT_EQ(check(R"({"type":"string","pattern":"^a+$"})", "b\na"),
            "f: Invalid value: \"b\\na\": f in body should match '^a+$'");
  EXPECT_EQ(check(R"({"type":"string","enum":["a","b"]})", "c"),
            "f: Unsupported value: \"c\": supported values: \"a\", \"b\"");
  EXPECT_EQ(check(R"({"type":"array","minItems":1,"items":{"type":"string"}})", Json::array()),
            "f: Invalid value: 0: f in body should have at least 1 items");
  EXPECT_EQ(check(R"({"type":"array","maxItems":1,"items":{"type":"string"}})", {"a", "b"}),
            "f: Too many: 2: must have at most 1 items");
  EXPECT_EQ(check(R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}})", {"a", "b", "a"}),
            "f[2]: Duplicate value: \"a\"");
  EXPECT_EQ(check(R"({"type":"object","minProperties":1})", Json::object()),
            "f: Invalid value: 0: f in body should have at least 1 properties");
  EXPECT_EQ(check(R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}}})", Json::object()),
            "f.a: Required value");
  EXPECT_EQ(check(R"({"type":"string","format":"date-time"})", "yesterday").substr(0, 16), "f: Invalid value");
  EXPECT_EQ(check(R"({"type":"string","format":"nobody-knows"})", "yesterday"), "");
}

TEST(StructuralSchemaTest, AlternativesAreCounted) {
  const Json properties = Json::parse(R"({"f": {"type": "object", "properties": {
      "a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "g": {"type": "integer", "anyOf": [{"minimum": 10}, {"maximum": 1}], "not": {"enum": [20]}}})");
  EXPECT_TRUE(problems(properties, {{"f", {{"a", ""}}}, {"g", 10}}).empty());
  EXPECT_EQ(problems(properties, {{"f", Json::object()}}),
            one("f: Invalid value: \"\": \"f\" must validate one and only one schema (oneOf). Found none valid"));
  EXPECT_EQ(problems(properties, {{"f", {{"a", ""}, {"b", ""}}}}),
            one("f: Invalid value: \"\": \"f\" must validate one and only one schema (oneOf). Found 2 valid "
                "alternatives"));
  EXPECT_EQ(problems(properties, {{"g", 5}}).front(),
            "g: Invalid value: \"\": \"g\" must validate at least one schema (anyOf)");
  EXPECT_EQ(problems(properties, {{"g", 20}}), one("g: Invalid value: \"\": \"g\" must not validate the schema (not)"));
}

TEST(StructuralSchemaTest, ASchemaThatIsNotStructuralIsRefusedWithItsPlace) {
  const auto errors = [](const char* text) {
    std::vector<std::string> texts;
    for (const FieldError& e : parsed(Json::parse(text)).errors) texts.push_back(e.field + ": " + e.message);
    return texts;
  };
  EXPECT_EQ(errors(R"({"properties": {}})"), one("schema.type: Required value: must not be empty at the root"));
  EXPECT_EQ(errors(R"({"type": "array", "items": {"type": "string"}})"),
            one("schema.type: Invalid value: \"array\": must be object at the root"));
  EXPECT_EQ(errors(R"({"type": "object", "properties": {"a": {}}})"),
            one("schema.properties[a].type: Required value: must not be empty for specified object fields"));
  EXPECT_EQ(errors(R"({"type": "object", "properties": {"a": {"type": "array"}}})"),
            one("schema.properties[a].items: Required value: must be specified"));
  EXPECT_EQ(errors(R"({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}})").size(), 1u);
  EXPECT_EQ(errors(R"({"type": "object", "additionalProperties": false})"),
            one("schema.additionalProperties: Forbidden: additionalProperties cannot be set to false"));
  EXPECT_EQ(errors(R"({"type": "object", "anyOf": [{"default": 1}]})"),
            one("schema.anyOf[0].default: Forbidden: must be empty to be structural"));
  EXPECT_EQ(errors(R"({"type": "object", "properties": {"a": {"type": "integer", "default": "x"}}})").size(), 1u);
  EXPECT_EQ(errors(R"({"type": "object", "properties": {"a": 5, "b": {"type": 7}, "c": {"type": "map"}}})").size(), 4u);
  EXPECT_EQ(errors(R"("text")").size(), 1u);
}

TEST(StructuralSchemaTest, ListsAndMapsMergeAsTheSchemaSays) {
  const Json properties = Json::parse(R"({"spec": {"type": "object", "properties": {
      "steps": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
      "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
      "plain": {"type": "array", "items": {"type": "string"}},
      "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": {"type": "string"}},
      "either": {"x-kubernetes-int-or-string": true}}}})");
  const ParsedSchema schema = parsed(object_schema(properties));
  const auto types = build_types(*schema.root, "com.example.v1.X", SchemaKind{"example.com", "v1", "X"});
  const SchemaField* spec = types->root->field("spec");
  ASSERT_TRUE(spec && spec->message);
  const SchemaField* steps = spec->message->field("steps");
  EXPECT_EQ(steps->merge, MergeRule::kListByKey);
  EXPECT_EQ(steps->keys, std::vector<std::string>{"name"});
  EXPECT_EQ(steps->message->field("name")->type, FieldType::kString);
  EXPECT_EQ(spec->message->field("set")->merge, MergeRule::kSet);
  EXPECT_EQ(spec->message->field("plain")->merge, MergeRule::kAtomic);
  EXPECT_EQ(spec->message->field("whole")->merge, MergeRule::kAtomic);
  EXPECT_EQ(spec->message->field("whole")->shape, Shape::kMap);
  EXPECT_EQ(spec->message->field("either")->type, FieldType::kIntOrString);
  ASSERT_TRUE(types->root->field("metadata"));
  EXPECT_EQ(types->root->field("metadata")->type, FieldType::kMessage);
}

// Any document at all, with names that schemas know among others.
Json random_document(base::Random& random, int depth) {
  static const std::vector<std::string> kWords{"type",       "object",
                                               "string",     "array",
                                               "properties", "items",
                                               "required",   "a",
                                               "b",          "integer",
                                               "default",    "anyOf",
                                               "enum",       "pattern",
                                               "not",        "nullable",
                                               "minimum",    "x-kubernetes-list-type",
                                               "map",        "additionalProperties"};
  const auto word = [&] { return kWords[random.below(kWords.size())]; };
  switch (random.below(depth <= 0 ? 5 : 8)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return static_cast<std::int64_t>(random.below(20)) - 10;
    case 3: return random.uniform() * 10;
    case 4: return word();
    case 5: {
      Json list = Json::array();
      for (std::uint64_t i = random.below(4); i > 0; --i) list.push_back(random_document(random, depth - 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (std::uint64_t i = random.below(5); i > 0; --i) object[word()] = random_document(random, depth - 1);
      return object;
    }
  }
}

TEST(StructuralSchemaTest, AnySchemaAndAnyDocumentEndInAVerdict) {
  base::Random random(7);
  std::size_t structural = 0;
  for (int round = 0; round < 20'000; ++round) {
    Json schema = random_document(random, 4);
    if (schema.is_object()) schema["type"] = "object";
    const ParsedSchema result = parse_schema(schema, "s");
    ASSERT_NE(result.root, nullptr);
    if (result.errors.empty()) ++structural;
    Json object = random_document(random, 4);
    (void)prune(*result.root, object);
    EXPECT_TRUE(prune(*result.root, object).empty()) << "pruned once is pruned for good: " << object.dump();
    apply_schema_defaults(*result.root, object);
    const Json defaulted = object;
    apply_schema_defaults(*result.root, object);
    EXPECT_EQ(object, defaulted);
    (void)validate(*result.root, object);
  }
  EXPECT_GT(structural, 100u);
}

TEST(PatternTest, MatchesAnywhereAndGivesUpOnWhatTakesTooLong) {
  EXPECT_EQ(Pattern::compile("(a"), nullptr);
  const auto pattern = Pattern::compile("b+");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->matches("abbc"));
  EXPECT_FALSE(pattern->matches("ac"));
  const auto slow = Pattern::compile("^(a+)+$");
  ASSERT_TRUE(slow);
  EXPECT_FALSE(slow->matches(std::string(5'000, 'a') + "b"));
}

TEST(FormatTest, CommonFormatsAreChecked) {
  const auto ok = [](const char* format, const char* text) { return has_format(format, text); };
  EXPECT_TRUE(ok("date-time", "2026-01-01T00:00:00Z") && !ok("date-time", "2026-01-01"));
  EXPECT_TRUE(ok("date", "2026-01-01") && !ok("date", "2026-13-01"));
  EXPECT_TRUE(ok("duration", "1h30m") && ok("duration", "1.5s") && !ok("duration", "soon") && !ok("duration", ""));
  EXPECT_TRUE(ok("ipv4", "10.0.0.1") && !ok("ipv4", "::1") && !ok("ipv4", "10.0.0.256"));
  EXPECT_TRUE(ok("ipv6", "::1") && !ok("ipv6", "10.0.0.1"));
  EXPECT_TRUE(ok("cidr", "10.0.0.0/8") && !ok("cidr", "10.0.0.0"));
  EXPECT_TRUE(ok("uuid", "123e4567-e89b-12d3-a456-426614174000") && !ok("uuid", "123"));
  EXPECT_TRUE(ok("email", "a@example.com") && !ok("email", "example.com"));
  EXPECT_TRUE(ok("hostname", "example.com") && !ok("hostname", "-x"));
  EXPECT_TRUE(ok("uri", "https://example.com/x") && !ok("uri", "no uri"));
  EXPECT_TRUE(ok("byte", "aGk=") && !ok("byte", "a"));
  EXPECT_TRUE(ok("mac", "00:1b:63:84:45:e6") && !ok("mac", "00:1b"));
}

// Each finding repeats where it is: a long path, many times, is what a small document could make a huge reply of.
TEST(StructuralSchemaTest, FindingsAreBoundedInNumberAndLength) {
  const Json schema = Json::parse(R"({"type": "object", "additionalProperties": {"type": "object", "properties": {
      "list": {"type": "array", "items": {"type": "integer"}}}}})");
  const ParsedSchema result = parsed(schema);
  ASSERT_TRUE(result.errors.empty());
  Json object = Json::object();
  const std::string name(20'000, 'k');
  for (int i = 0; i < 10'000; ++i) object[name]["list"].push_back("x");
  const auto errors = validate(*result.root, object);
  EXPECT_EQ(errors.size(), 100U);
  std::size_t bytes = 0;
  for (const FieldError& error : errors) bytes += error.field.size() + error.message.size();
  EXPECT_LT(bytes, std::size_t{2} << 20);
}

TEST(StructuralSchemaTest, ThePathsOfPrunedFieldsAreBounded) {
  const Json schema = Json::parse(R"({"type": "object", "additionalProperties": {"type": "object"}})");
  const ParsedSchema result = parsed(schema);
  Json object = Json::object();
  for (int i = 0; i < 5000; ++i) object[std::string(20'000, 'k')]["x" + std::to_string(i)] = 1;
  const auto gone = prune(*result.root, object);
  EXPECT_EQ(gone.size(), 100U);
  for (const std::string& path : gone) EXPECT_LT(path.size(), 8192U);
  EXPECT_TRUE(object.begin()->empty()) << "what is not told is pruned all the same";
}

}  // namespace
}  // namespace fakeapi
