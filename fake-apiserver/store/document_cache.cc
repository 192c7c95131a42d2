#include "fake-apiserver/store/document_cache.h"

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {

StoredPtr DocumentCache::add(DocumentPtr document) {
  auto object = std::make_shared<StoredObject>();
  hold(object, std::move(document));
  return object;
}

StoredPtr DocumentCache::loose(DocumentPtr document) {
  auto object = std::make_shared<StoredObject>();
  object->held_ = std::move(document);
  return object;
}

DocumentCache::DocumentPtr DocumentCache::open(const StoredPtr& object) {
  if (object->held_) return object->held_;
  if (DocumentPtr document = object->elsewhere_.lock()) return document;
  auto document = std::make_shared<const nlohmann::json>(nlohmann::json::parse(object->text_));
  hold(object, document);
  return document;
}

const std::string& DocumentCache::text(const StoredPtr& object) {
  if (object->text_.empty()) {
    object->text_ = to_text(*open(object));
    object->text_.shrink_to_fit();
  }
  return object->text_;
}

void DocumentCache::hold(const StoredPtr& object, DocumentPtr document) {
  object->elsewhere_ = document;
  object->held_ = std::move(document);
  held_.push_back(object);
  while (held_.size() > limit_) {
    const StoredPtr oldest = std::move(held_.front());
    held_.pop_front();
    // Nobody will ask again for what has left collection and history.
    if (oldest.use_count() > 1 && oldest->text_.empty()) {
      oldest->text_ = to_text(*oldest->held_);
      oldest->text_.shrink_to_fit();
    }
    oldest->held_ = nullptr;
  }
}

DocumentCache::DocumentPtr ObjectState::document() const { return cache_ ? cache_->open(stored_) : stored_->held_; }

const std::string& ObjectState::text() const {
  if (cache_) return cache_->text(stored_);
  if (stored_->text_.empty()) stored_->text_ = to_text(*stored_->held_);
  return stored_->text_;
}

}  // namespace fakeapi
