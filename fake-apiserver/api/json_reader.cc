#include "fake-apiserver/api/json_reader.h"

#include <utility>

namespace fakeapi {
namespace {

constexpr std::size_t kMostDuplicates = 100;
constexpr std::size_t kLongestPath = 4096;

// What is wrong at `position`, counted in bytes that were read; one more than there are at the end.
std::string describe(std::string_view text, std::size_t position, const Json::exception& error) {
  constexpr int kOutOfRange = 406;
  if (error.id == kOutOfRange) return "a number is out of range";
  if (position > text.size() || position == 0) return "unexpected end of JSON input";
  const char c = text[position - 1];
  const bool printable = c >= 0x20 && c < 0x7f;
  return (printable ? "invalid character '" + std::string(1, c) + "'" : std::string("invalid byte")) + " at offset " +
         std::to_string(position - 1);
}

// Builds the document from the parser's calls; a call that returns false ends the parsing.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, int deepest) : text_(text), deepest_(static_cast<std::size_t>(deepest)) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(std::int64_t value) override { return put(value); }
  bool number_unsigned(std::uint64_t value) override { return put(value); }
  bool number_float(double value, const std::string& /*text*/) override { return put(value); }
  bool string(std::string& value) override { return put(std::move(value)); }
  bool binary(Json::binary_t& /*value*/) override { return false; }  // not in JSON text
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    Level& level = levels_.back();
    const auto [place, is_new] = level.container->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
    level.place = &place->second;
    level.key = &place->first;
    if (!is_new && reading_.duplicates.size() < kMostDuplicates) reading_.duplicates.push_back(path());
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& error) override {
    reading_.error = describe(text_, position, error);
    return false;
  }

  JsonReading take() { return std::move(reading_); }

 private:
  struct Level {
    Json* container;
    Json* place = nullptr;             // of an object: where the value of the last key goes
    const std::string* key = nullptr;  // of an object
  };

  // Where the value goes that the parser has come to.
  Json* place() {
    if (levels_.empty()) return &reading_.value;
    Level& level = levels_.back();
    if (level.container->is_object()) return level.place;
    level.container->push_back(nullptr);
    return &level.container->back();
  }

  template <class Value>
  bool put(Value&& value) {
    *place() = std::forward<Value>(value);
    return true;
  }

  bool open(Json empty) {
    if (levels_.size() >= deepest_) {
      reading_.error = "nested too deeply";
      return false;
    }
    Json* at = place();
    *at = std::move(empty);
    levels_.push_back({at});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string path() const {
    std::string text;
    for (const Level& level : levels_) {
      if (level.container->is_array()) {
        text += "[" + std::to_string(level.container->size() - 1) + "]";
      } else {
        text += (text.empty() ? "" : ".") + *level.key;
      }
      if (text.size() > kLongestPath) return text.substr(0, kLongestPath) + "...";
    }
    return text;
  }

  const std::string_view text_;
  const std::size_t deepest_;
  JsonReading reading_;
  std::vector<Level> levels_;
};

}  // namespace

JsonReading read_json_text(std::string_view text, int deepest) {
  Builder builder(text, deepest);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace fakeapi
