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

namespace fakeapi {

// One state of an object, shared by the collection and the history. Opaque to all but the cache.
class StoredObject {
 private:
  friend class DocumentCache;
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

}  // namespace fakeapi
