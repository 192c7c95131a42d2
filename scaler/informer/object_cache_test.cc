#include "scaler/informer/object_cache.h"

#include <gtest/gtest.h>

namespace scaler {
namespace {

using Cache = ObjectCache<DeploymentObject>;

Cache::Ptr object(const std::string& name, const std::string& version, const std::string& ns = "default") {
  auto made = std::make_shared<DeploymentObject>();
  made->meta.key = ObjectKey{ns, name};
  made->meta.resource_version = version;
  return made;
}

// Writes down what it hears: "+a@1", "~a@2", "-a@2".
struct Listener {
  explicit Listener(Cache& cache) {
    Cache::Handlers handlers;
    handlers.added = [this](const Cache::Ptr& o) { heard += "+" + text(o); };
    handlers.updated = [this](const Cache::Ptr&, const Cache::Ptr& o) { heard += "~" + text(o); };
    handlers.deleted = [this](const Cache::Ptr& o) { heard += "-" + text(o); };
    cache.subscribe(std::move(handlers));
  }
  static std::string text(const Cache::Ptr& o) { return o->meta.key.name + "@" + o->meta.resource_version + " "; }
  std::string heard;
};

TEST(ObjectCacheTest, TellsHandlersWhatHappened) {
  Cache cache;
  Listener listener(cache);

  cache.put(object("a", "1"));
  cache.put(object("a", "2"));
  cache.remove(ObjectKey{"default", "a"});
  cache.remove(ObjectKey{"default", "a"});

  EXPECT_EQ(listener.heard, "+a@1 ~a@2 -a@2 ");
}

TEST(ObjectCacheTest, AnotherObjectOfTheSameNameAndVersionIsAnUpdate) {
  Cache cache;
  Listener listener(cache);
  auto other = std::make_shared<DeploymentObject>(*object("a", "1"));
  other->meta.uid = "another";

  cache.put(object("a", "1"));
  cache.put(other);

  EXPECT_EQ(listener.heard, "+a@1 ~a@1 ");
}

TEST(ObjectCacheTest, ObjectSeenTwiceInTheSameVersionIsNoNews) {
  Cache cache;
  Listener listener(cache);

  cache.put(object("a", "1"));
  cache.put(object("a", "1"));

  EXPECT_EQ(listener.heard, "+a@1 ");
}

TEST(ObjectCacheTest, ReplaceReportsDeletionsThatNobodySaw) {
  Cache cache;
  cache.put(object("kept", "1"));
  cache.put(object("gone", "2"));
  cache.put(object("changed", "3"));
  Listener listener(cache);

  cache.replace({object("changed", "7"), object("kept", "1"), object("new", "6")});

  EXPECT_EQ(listener.heard, "-gone@2 ~changed@7 +new@6 ");
  EXPECT_EQ(cache.find(ObjectKey{"default", "gone"}), nullptr);
  EXPECT_EQ(cache.all().size(), 3u);
}

TEST(ObjectCacheTest, VisitsOneNamespaceInOrderOfName) {
  Cache cache;
  for (const char* name : {"c", "a", "b"}) cache.put(object(name, "1", "two"));
  cache.put(object("z", "1", "one"));
  cache.put(object("a", "1", "two2"));

  std::string names;
  cache.for_each("two", [&](const DeploymentObject& o) { names += o.meta.key.name; });
  EXPECT_EQ(names, "abc");

  names.clear();
  cache.for_each("", [&](const DeploymentObject& o) { names += o.meta.key.text() + " "; });
  EXPECT_EQ(names, "one/z two/a two/b two/c two2/a ");
}

}  // namespace
}  // namespace scaler
