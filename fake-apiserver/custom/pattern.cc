#include <boost/regex.hpp>

#include "fake-apiserver/custom/structural_schema.h"

namespace fakeapi {
namespace {

class BoostPattern final : public Pattern {
 public:
  BoostPattern(const std::string& text, boost::regex regex) : Pattern(text), regex_(std::move(regex)) {}

  bool matches(const std::string& value) const override {
    try {
      return boost::regex_search(value, regex_);
    } catch (const std::exception&) {  // too complex
      return false;
    }
  }

 private:
  boost::regex regex_;
};

}  // namespace

std::shared_ptr<const Pattern> Pattern::compile(const std::string& text) {
  // As in the language of Go: ^ and $ are the ends of the text, and a dot is no end of line.
  try {
    return std::make_shared<BoostPattern>(
        text, boost::regex(text, boost::regex::perl | boost::regex::no_mod_m | boost::regex::no_mod_s));
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace fakeapi
