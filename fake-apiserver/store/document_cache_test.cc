#include "fake-apiserver/store/document_cache.h"

#include <gtest/gtest.h>

namespace fakeapi {
namespace {

using nlohmann::json;

std::shared_ptr<const json> document(int n) { return std::make_shared<const json>(json{{"n", n}, {"text", "\u00e9"}}); }

TEST(DocumentCacheTest, ADocumentIsTheSameForAsLongAsSomebodyHoldsIt) {
  DocumentCache cache(1);
  const StoredPtr first = cache.add(document(1));
  const auto held = cache.open(first);
  const StoredPtr second = cache.add(document(2));
  EXPECT_EQ(cache.held(), 1u);
  EXPECT_EQ(cache.open(first), held);
  EXPECT_EQ(*cache.open(second), *document(2));
}

TEST(DocumentCacheTest, WhatRestsAsTextComesBackEqual) {
  DocumentCache cache(1);
  const StoredPtr first = cache.add(document(1));
  const StoredPtr second = cache.add(document(2));
  const std::weak_ptr<const json> gone = cache.open(second);
  EXPECT_EQ(*cache.open(first), *document(1));
  EXPECT_TRUE(gone.expired()) << "opening the first puts the second to rest";
  EXPECT_EQ(*cache.open(second), *document(2));
}

TEST(DocumentCacheTest, TextIsTheSameAtRestAndOpen) {
  DocumentCache cache(1);
  const StoredPtr first = cache.add(document(1));
  const std::string text = cache.text(first);
  EXPECT_EQ(json::parse(text), *document(1));
  const StoredPtr second = cache.add(document(2));
  EXPECT_EQ(cache.text(first), text);
}

TEST(DocumentCacheTest, HoldsNoMoreThanItsLimit) {
  DocumentCache cache(10);
  std::vector<StoredPtr> objects;
  for (int n = 0; n < 100; ++n) objects.push_back(cache.add(document(n)));
  EXPECT_EQ(cache.held(), 10u);
  for (int n = 0; n < 100; ++n) EXPECT_EQ(cache.open(objects[static_cast<std::size_t>(n)])->at("n"), n);
  EXPECT_EQ(cache.held(), 10u);
}

TEST(DocumentCacheTest, NumbersSurviveTheirRest) {
  DocumentCache cache(0);
  const auto original = std::make_shared<const json>(json{{"large", std::int64_t{9'007'199'254'740'993}},
                                                          {"negative", -1},
                                                          {"fraction", 0.1},
                                                          {"unsigned", 18'446'744'073'709'551'615U}});
  const StoredPtr object = cache.add(original);
  EXPECT_EQ(*cache.open(object), *original);
}

}  // namespace
}  // namespace fakeapi
