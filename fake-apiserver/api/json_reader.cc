#include "fake-apiserver/api/json_reader.h"

#include <utility>

namespace fakeapi {
namespace {

constexpr std::size_t kMostDuplicates = 100;

// Builds the document from the parser's calls; a call that returns false ends the parsing.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(int deepest) : deepest_(static_cast<std::size_t>(deepest)) {}

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

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const Json::exception& error) override {
    reading_.error = error.what();
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
    }
    return text;
  }

  const std::size_t deepest_;
  JsonReading reading_;
  std::vector<Level> levels_;
};

}  // namespace

JsonReading read_json_text(std::string_view text, int deepest) {
  Builder builder(deepest);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace fakeapi
