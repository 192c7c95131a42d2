// Objects at rest are text; those of which somebody has just spoken are documents. A document takes several times the
// memory of its text.
//
// Single-threaded; owned by the store.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace fakeapi {

// One state of an object, shared by the collection and the history. Opaque to all but the cache.
class StoredObject {
 private:
  friend class DocumentCache;
  friend class ObjectState;
  std::shared_ptr<const nlohmann::json> held_;     // by the cache; null at rest
  std::weak_ptr<const nlohmann::json> elsewhere_;  // what others may still hold
  std::string text_;                               // once it was at rest, or was asked for
};
using StoredPtr = std::shared_ptr<StoredObject>;

class DocumentCache {
 public:
  using DocumentPtr = std::shared_ptr<const nlohmann::json>;

  // Holds up to `limit` documents.
  explicit DocumentCache(std::size_t limit) : limit_(limit) {}

  StoredPtr add(DocumentPtr document);
  // A state that no cache holds: its document stays.
  static StoredPtr loose(DocumentPtr document);

  // The document; the same one for as long as anybody holds it.
  DocumentPtr open(const StoredPtr& object);

  // Serialised on one line.
  const std::string& text(const StoredPtr& object);

  std::size_t held() const { return held_.size(); }

 private:
  void hold(const StoredPtr& object, DocumentPtr document);

  const std::size_t limit_;
  std::deque<StoredPtr> held_;  // the oldest first
};

// One state of an object as text and as document, whichever is wanted; of a store, which must outlive it, or loose.
class ObjectState {
 public:
  using DocumentPtr = DocumentCache::DocumentPtr;

  ObjectState() = default;  // nothing: only to be assigned to
  ObjectState(DocumentPtr document) : stored_(DocumentCache::loose(std::move(document))) {}
  ObjectState(DocumentCache& cache, StoredPtr stored) : cache_(&cache), stored_(std::move(stored)) {}

  explicit operator bool() const { return stored_ != nullptr; }
  DocumentPtr document() const;
  // Serialised on one line, once for all who ask.
  const std::string& text() const;

 private:
  DocumentCache* cache_ = nullptr;
  StoredPtr stored_;
};

}  // namespace fakeapi
