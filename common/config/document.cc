#include "common/config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "common/base/file.h"
#include "common/base/number_format.h"

namespace config {
namespace {

// A complaint about the input, on its way out of the recursion.
struct Rejected {
  YAML::Mark mark;
  std::string message;
};

Position position_of(const YAML::Mark& mark) { return Position{mark.line + 1, mark.column + 1}; }

std::string at(const std::string& file, Position position) {
  return file + ":" + base::format_number(std::int64_t{position.line}) + ":" +
         base::format_number(std::int64_t{position.column});
}

std::string escaped(const std::string& key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// Aliases can make a small text into a huge document, and what is deep is read by recursion.
constexpr std::size_t kMostNodes = 500'000;
constexpr int kDeepest = 200;
constexpr std::size_t kMostBytes = 32u << 20;  // of keys and scalars, each counted as often as it is referred to
constexpr std::size_t kMostRepeated = 1000;

std::optional<std::int64_t> octal_number(const std::string& text) {
  if (text.size() < 2 || text.size() > 12 || text[0] != '0') return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    number = number * 8 + (c - '0');
  }
  return number;
}

// A plain scalar by the YAML 1.2 core schema.
Json resolve(const std::string& text, YamlOptions options) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (options.octal) {
    if (const auto number = octal_number(text)) return *number;
  }
  const std::string_view unsigned_text = text.starts_with('+') ? std::string_view(text).substr(1) : text;
  if (const auto integer = base::parse_int64(unsigned_text)) return *integer;
  const bool numeric = unsigned_text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (numeric) {
    if (const auto number = base::parse_double(unsigned_text)) return *number;
  }
  return text;
}

class Converter {
 public:
  Converter(Document& document, YamlOptions options) : document_(document), options_(options) {}

  Json convert(const YAML::Node& node, const std::string& pointer, int depth = 0) {
    if (depth > kDeepest) throw Rejected{node.Mark(), "nested too deeply"};
    if (++nodes_ > kMostNodes) throw Rejected{node.Mark(), "the document is too large"};
    if (options_.positions) document_.positions.emplace(pointer, position_of(node.Mark()));
    switch (node.Type()) {
      case YAML::NodeType::Scalar: return scalar(node);
      case YAML::NodeType::Sequence: return sequence(node, pointer, depth);
      case YAML::NodeType::Map: return mapping(node, pointer, depth);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined: return nullptr;
    }
    return nullptr;
  }

 private:
  void count_bytes(const YAML::Node& node) {
    bytes_ += node.Scalar().size();
    if (bytes_ > kMostBytes) throw Rejected{node.Mark(), "the document is too large"};
  }

  // Empty where nobody asks for positions: pointers cost what they are long.
  std::string below(const std::string& pointer, const std::string& key) const {
    return options_.positions ? pointer + "/" + escaped(key) : std::string();
  }

  Json scalar(const YAML::Node& node) {
    count_bytes(node);
    const bool is_text = node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";  // "!" marks quotes
    return is_text ? Json(node.Scalar()) : resolve(node.Scalar(), options_);
  }

  Json sequence(const YAML::Node& node, const std::string& pointer, int depth) {
    Json list = Json::array();
    for (std::size_t i = 0; i < node.size(); ++i) {
      list.push_back(convert(node[i], below(pointer, base::format_number(std::uint64_t{i})), depth + 1));
    }
    return list;
  }

  Json mapping(const YAML::Node& node, const std::string& pointer, int depth) {
    Json object = Json::object();
    std::map<std::string, YAML::Mark> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw Rejected{entry.first.Mark(), "a key must be a text"};
      const std::string& key = entry.first.Scalar();
      count_bytes(entry.first);
      const std::string child = below(pointer, key);
      if (options_.positions) document_.keys.emplace(child, position_of(entry.first.Mark()));
      const auto [first, is_new] = seen.emplace(key, entry.first.Mark());
      if (!is_new && options_.repeated_keys) {
        if (document_.repeated.size() < kMostRepeated) {
          document_.repeated.emplace_back(key, position_of(entry.first.Mark()));
        }
      } else if (!is_new) {
        throw Rejected{entry.first.Mark(), "duplicate key \"" + key + "\", first given in line " +
                                               base::format_number(std::int64_t{position_of(first->second).line})};
      }
      object[key] = convert(entry.second, child, depth + 1);
    }
    return object;
  }

  Document& document_;
  const YamlOptions options_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

// The first byte that is not UTF-8, or is a NUL; npos if there is none.
std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : (lead & 0xf0) == 0xe0       ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (lead == 0 || length == 0 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return i;
    }
    // Overlong forms, surrogates and what lies beyond Unicode differ in the second byte.
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0x80;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
        (lead == 0xf4 && second > 0x8f)) {
      return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

Position position_in(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return Position{static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
                  static_cast<int>(offset - line_start) + 1};
}

// "/spec/metrics/0/type" as "spec.metrics[0].type".
std::string field_path(const std::string& pointer) {
  std::string path;
  const nlohmann::json_pointer<std::string> parsed(pointer);
  std::vector<std::string> parts;
  for (auto p = parsed; !p.empty(); p = p.parent_pointer()) parts.push_back(p.back());
  std::reverse(parts.begin(), parts.end());
  for (const std::string& part : parts) {
    if (base::parse_int64(part)) {
      path += "[" + part + "]";
    } else {
      path += (path.empty() ? "" : ".") + part;
    }
  }
  return path.empty() ? "document" : path;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// The places of `pointer` and of what is below it, `pointer` itself left out of the names.
std::map<std::string, Position> places_below(const std::map<std::string, Position>& places,
                                             const std::string& pointer) {
  std::map<std::string, Position> below;
  if (const auto self = places.find(pointer); self != places.end()) below.emplace("", self->second);
  const std::string prefix = pointer + "/";
  for (auto place = places.lower_bound(prefix); place != places.end() && place->first.starts_with(prefix); ++place) {
    below.emplace(place->first.substr(pointer.size()), place->second);
  }
  return below;
}

}  // namespace

std::string Document::locate(const std::string& pointer) const {
  if (file.empty()) return field_path(pointer);
  std::string candidate = pointer;
  for (;;) {
    if (const auto found = positions.find(candidate); found != positions.end()) return at(file, found->second);
    if (candidate.empty()) return at(file, Position{});
    candidate.erase(candidate.rfind('/'));
  }
}

std::string Document::locate_key(const std::string& pointer) const {
  if (file.empty()) return field_path(pointer);
  if (const auto found = keys.find(pointer); found != keys.end()) return at(file, found->second);
  return locate(pointer);
}

namespace {

// yaml-cpp 0.7 reads some broken texts ('"a","b":1') as documents without end, and never moves on. This one looks where
// documents begin.
class Progress final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (last_ && mark.pos <= *last_) throw YAML::ParserException(mark, "nothing can follow here");
    last_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::optional<int> last_;
};

// Throws a YAML::Exception.
void check_progress(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Progress progress;
  while (parser.HandleNextDocument(progress)) {
  }
}

}  // namespace

base::Result<std::vector<Document>> parse_yaml(std::string_view text, const std::string& file, YamlOptions options) {
  const auto invalid = [&](const YAML::Mark& mark, const std::string& message) {
    const Position position = mark.is_null() ? Position{} : position_of(mark);
    return base::Error{base::ErrorCode::kInvalid, at(file, position) + ": " + message};
  };
  if (const std::size_t bad = first_bad_byte(text); bad != std::string_view::npos) {
    return base::Error{base::ErrorCode::kInvalid, at(file, position_in(text, bad)) + ": not UTF-8 text"};
  }
  try {
    std::vector<Document> documents;
    const std::string whole(text);
    check_progress(whole);
    for (const YAML::Node& node : YAML::LoadAll(whole)) {
      if (node.IsNull()) continue;
      Document document;
      document.file = file;
      document.value = Converter(document, options).convert(node, "");
      documents.push_back(std::move(document));
    }
    return documents;
  } catch (const Rejected& rejected) {
    return invalid(rejected.mark, rejected.message);
  } catch (const YAML::Exception& e) {
    return invalid(e.mark, "not valid YAML: " + e.msg);
  }
}

base::Result<std::vector<Document>> load_yaml(const std::filesystem::path& path) {
  auto text = base::read_file(path);
  if (!text) return base::Error{base::ErrorCode::kInvalid, text.error().message};
  return parse_yaml(*text, path.string());
}

Document part_of(const Document& document, const std::string& pointer) {
  return {document.value.at(Json::json_pointer(pointer)), document.file, places_below(document.positions, pointer),
          places_below(document.keys, pointer)};
}

Document from_json(Json value) {
  Document document;
  document.value = std::move(value);
  return document;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower(word), lower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace config
