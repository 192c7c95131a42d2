// YAML (and JSON, which is YAML) files as JSON values that remember where each of them stood, so that every complaint
// can say file:line:col.
//
// Scalars get their type from the YAML 1.2 core schema: 12 and 1.5 are numbers, true is a boolean, `yes`, `0x1F` and
// `1e3s` are texts, quotes make a text. Duplicate keys, aliases to nowhere and keys that are no text are errors.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace config {

using Json = nlohmann::json;

struct Position {
  int line = 1;  // both from 1
  int column = 1;
};

struct Document {
  Json value;
  std::string file;                           // as the user named it; empty for what came from an API
  std::map<std::string, Position> positions;  // by JSON pointer, of the value
  std::map<std::string, Position> keys;       // by JSON pointer, of the key that leads to it
  // Keys that came again, as far as YamlOptions allows it; the last one holds.
  std::vector<std::pair<std::string, Position>> repeated = {};

  // "spike.yaml:12:5", or the field path "spec.minReplicas" for a document without a file. The position of the
  // nearest parent if the value itself is absent.
  std::string locate(const std::string& pointer) const;
  // The same for the key.
  std::string locate_key(const std::string& pointer) const;
};

struct YamlOptions {
  bool octal = false;          // 0644 is 420, as in YAML 1.1 and so for kubectl; otherwise 644
  bool repeated_keys = false;  // a key that comes again is no error but noted, the first thousand times
  bool positions = true;       // Document::positions and keys; without them a document costs what it holds
};

// All documents of a file; empty ones are left out. The error reads "FILE:LINE:COL: what". Documents that are too deep
// or, through aliases, too large are refused.
base::Result<std::vector<Document>> parse_yaml(std::string_view text, const std::string& file,
                                               YamlOptions options = {});
base::Result<std::vector<Document>> load_yaml(const std::filesystem::path& path);

// The value at `pointer`, which must exist, as a document of its own; what is in it keeps its place in the file.
Document part_of(const Document& document, const std::string& pointer);

// A document that came as JSON from an API, without positions.
Document from_json(Json value);

// The candidate nearest to `word` by edit distance, or "" if none is near enough to be meant.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace config
