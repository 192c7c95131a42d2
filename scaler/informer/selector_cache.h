// Selectors that were parsed once, by their text: the loops read the same few again and again.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "scaler/informer/label_selector.h"

namespace scaler {

class SelectorCache {
 public:
  // Remembers up to `capacity` texts; when there are more, it begins anew.
  explicit SelectorCache(std::size_t capacity = 65'536) : capacity_(capacity) {}

  // Null if the text is no selector.
  std::shared_ptr<const LabelSelector> parse(const std::string& text) {
    const auto found = selectors_.find(text);
    if (found != selectors_.end()) return found->second;
    auto parsed = LabelSelector::parse(text);
    auto selector = parsed ? std::make_shared<const LabelSelector>(std::move(*parsed)) : nullptr;
    if (selectors_.size() >= capacity_) selectors_.clear();
    if (capacity_ > 0) selectors_.emplace(text, selector);
    return selector;
  }

  std::size_t size() const { return selectors_.size(); }

 private:
  const std::size_t capacity_;
  std::map<std::string, std::shared_ptr<const LabelSelector>> selectors_;
};

}  // namespace scaler
