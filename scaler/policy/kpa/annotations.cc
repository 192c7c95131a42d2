#include "scaler/policy/kpa/annotations.h"

#include <cctype>
#include <cmath>

#include "common/base/number_format.h"
#include "common/base/time_format.h"
#include "scaler/policy/hpa/field_problem.h"

namespace scaler {
namespace {

constexpr const char* kKnative = "autoscaling.knative.dev/";
constexpr const char* kGlobal = "gamenight/";

// min-scale as minScale, the spelling of old.
std::string camel_case(const std::string& kebab) {
  std::string camel;
  for (std::size_t i = 0; i < kebab.size(); ++i) {
    if (kebab[i] != '-') {
      camel += kebab[i];
    } else if (++i < kebab.size()) {
      camel += static_cast<char>(std::toupper(static_cast<unsigned char>(kebab[i])));
    }
  }
  return camel;
}

// The annotations that give `setting`, the strongest first.
std::vector<std::string> keys_of(const Annotations::Setting& setting) {
  std::vector<std::string> keys;
  if (setting.annotation != nullptr) {
    keys.push_back(std::string(kKnative) + setting.annotation);
    keys.push_back(kKnative + camel_case(setting.annotation));
  }
  if (setting.global != nullptr) keys.push_back(std::string(kGlobal) + setting.global);
  return keys;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

std::optional<Annotations::Found> Annotations::find(const Setting& setting) {
  const std::vector<std::string> keys = keys_of(setting);
  known_.insert(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    if (const auto found = annotations_.find(key); found != annotations_.end()) return Found{key, found->second};
  }
  return std::nullopt;
}

void Annotations::fail_at(const std::string& key, const std::string& message) const {
  throw config::FieldError(document_.locate(owner_ + annotation_pointer(key)) + ": " + key + " " + message);
}

void Annotations::fail(const Setting& setting, const std::string& message) {
  const auto found = find(setting);
  fail_at(found ? found->key : keys_of(setting).front(), message);
}

bool Annotations::text(const Setting& setting, std::string& value) {
  const auto found = find(setting);
  if (found) value = found->text;
  return found.has_value();
}

bool Annotations::integer(const Setting& setting, int& value, int min, int max) {
  const auto found = find(setting);
  if (!found) return false;
  const auto parsed = base::parse_int64(found->text);
  if (!parsed) fail_at(found->key, "must be a whole number, is " + quoted(found->text));
  if (*parsed < min || *parsed > max) {
    const bool low = *parsed < min;
    fail_at(found->key, std::string("must be at ") + (low ? "least " : "most ") +
                            base::format_number(std::int64_t{low ? min : max}) + ", is " + found->text);
  }
  value = static_cast<int>(*parsed);
  return true;
}

bool Annotations::number(const Setting& setting, double& value, double min, double max, bool open) {
  const auto found = find(setting);
  if (!found) return false;
  const auto parsed = base::parse_double(found->text);
  if (!parsed || !std::isfinite(*parsed)) fail_at(found->key, "must be a number, is " + quoted(found->text));
  if (open && *parsed <= min) {
    fail_at(found->key, "must be above " + base::format_number(min) + ", is " + found->text);
  }
  if (*parsed < min) fail_at(found->key, "must be at least " + base::format_number(min) + ", is " + found->text);
  if (*parsed > max) fail_at(found->key, "must be at most " + base::format_number(max) + ", is " + found->text);
  value = *parsed;
  return true;
}

bool Annotations::duration(const Setting& setting, base::Duration& value, base::Duration min, base::Duration max,
                           bool whole_seconds) {
  const auto found = find(setting);
  if (!found) return false;
  const auto parsed = base::parse_duration(found->text);
  if (!parsed) {
    fail_at(found->key, "must be a duration with its unit, such as 90s or 2m, is " + quoted(found->text));
  }
  if (*parsed < min) {
    fail_at(found->key, "must be at least " + base::format_duration(min) + ", is " + found->text);
  }
  if (*parsed > max) {
    fail_at(found->key, "must be at most " + base::format_duration(max) + ", is " + found->text);
  }
  if (whole_seconds && *parsed % std::chrono::seconds(1) != base::Duration::zero()) {
    fail_at(found->key, "must be whole seconds, is " + found->text);
  }
  value = *parsed;
  return true;
}

bool Annotations::boolean(const Setting& setting, bool& value) {
  const auto found = find(setting);
  if (!found) return false;
  if (found->text != "true" && found->text != "false") {
    fail_at(found->key, "must be \"true\" or \"false\", is " + quoted(found->text));
  }
  value = found->text == "true";
  return true;
}

void Annotations::check_unknown() const {
  for (const std::string prefix : {kKnative, kGlobal}) {
    const auto names_it = [&](const std::string& key) { return key.rfind(prefix, 0) == 0; };
    std::vector<std::string> known;
    for (const std::string& key : known_) {
      if (names_it(key)) known.push_back(key.substr(prefix.size()));
    }
    for (const auto& [key, text] : annotations_) {
      if (!names_it(key) || known_.count(key) > 0) continue;
      const std::string meant = config::did_you_mean(key.substr(prefix.size()), known);
      if (!meant.empty()) fail_at(key, "is no known annotation; did you mean " + quoted(prefix + meant) + "?");
    }
  }
}

}  // namespace scaler
