#include "common/config/fields.h"

#include <gtest/gtest.h>

namespace config {
namespace {

using namespace std::chrono_literals;

Document parsed(std::string_view text) {
  auto documents = parse_yaml(text, "x.yaml");
  return documents && documents->size() == 1 ? documents->front() : Document{};
}

// The complaint of reading `text` with `reader`, or "accepted".
template <class Reader>
std::string complaint(std::string_view text, Reader reader, Strictness strictness = Strictness::kStrict) {
  const Document document = parsed(text);
  const auto result = read(
      document, [&](Fields& root) { return reader(root), true; }, strictness);
  return result ? "accepted" : result.error().message;
}

TEST(FieldsTest, ReadsEachTypeWithItsUnit) {
  const Document document =
      parsed("{t: x, n: 7, d: 1h30m, q: 500m, m: 64Gi, at: '2026-09-26T19:20:00+10:00', l: [{a: 1}]}");
  const auto ok = read(document, [](Fields& f) {
    EXPECT_EQ(f.text("t"), "x");
    EXPECT_EQ(f.integer("n", 0), 7);
    EXPECT_EQ(f.duration("d"), 90min);
    EXPECT_DOUBLE_EQ(f.quantity("q"), 0.5);
    EXPECT_DOUBLE_EQ(f.quantity("m"), 64.0 * 1024 * 1024 * 1024);
    EXPECT_EQ(f.time("at"), base::Time(std::chrono::sys_days(std::chrono::year(2026) / 9 / 26) + 9h + 20min));
    EXPECT_EQ(f.objects("l").at(0).integer("a", 0), 1);
    return f.integer_or("absent", 42, 0);
  });

  ASSERT_TRUE(ok) << ok.error().message;
  EXPECT_EQ(*ok, 42);
}

TEST(FieldsTest, AnUnknownKeyNamesTheNearestKnownOne) {
  const auto reader = [](Fields& f) { f.object("spec").integer_or("minReplicas", 1, 0); };

  EXPECT_EQ(complaint("spec:\n  minReplica: 3\n", reader),
            "x.yaml:2:3: unknown key \"minReplica\"; did you mean \"minReplicas\"?");
  EXPECT_EQ(complaint("spec:\n  colour: 3\n", reader), "x.yaml:2:3: unknown key \"colour\"; known here: minReplicas");
  EXPECT_EQ(complaint("spec:\n  colour: 3\n", reader, Strictness::kLenient), "accepted");
}

TEST(FieldsTest, TheFirstUnknownKeyOfTheFileIsReported) {
  const auto reader = [](Fields& f) { f.object("b").ignore("known"); };

  EXPECT_EQ(complaint("b: {x: 1}\na: 2\n", reader), "x.yaml:1:5: unknown key \"x\"; known here: known");
}

TEST(FieldsTest, WrongTypesSayWhatIsWantedAndWhatIsThere) {
  EXPECT_EQ(complaint("a: 5", [](Fields& f) { f.text("a"); }), "x.yaml:1:4: a must be a text, is 5");
  EXPECT_EQ(complaint("a: x", [](Fields& f) { f.integer("a", 0); }), "x.yaml:1:4: a must be a whole number, is \"x\"");
  EXPECT_EQ(complaint("a: 1.5", [](Fields& f) { f.integer("a", 0); }), "x.yaml:1:4: a must be a whole number, is 1.5");
  EXPECT_EQ(complaint("a: 90", [](Fields& f) { f.duration("a"); }),
            "x.yaml:1:4: a must be a duration with its unit, such as 90s, 1h30m or 250ms, is 90");
  EXPECT_EQ(complaint("a: 5 parsecs", [](Fields& f) { f.duration("a"); }),
            "x.yaml:1:4: a must be a duration with its unit, such as 90s, 1h30m or 250ms, is \"5 parsecs\"");
  EXPECT_EQ(complaint("a: 3x", [](Fields& f) { f.quantity("a"); }),
            "x.yaml:1:4: a must be a quantity, such as 500m, 2 or 64Gi, is \"3x\"");
  EXPECT_EQ(complaint("a: {b: 1}", [](Fields& f) { f.objects("a"); }), "x.yaml:1:4: a must be a list, is {\"b\":1}");
  EXPECT_EQ(complaint("a: 1", [](Fields& f) { f.object("a"); }),
            "x.yaml:1:4: must be a mapping of keys to values, is 1");
}

TEST(FieldsTest, RangesAndChoicesAreChecked) {
  EXPECT_EQ(complaint("a: -1", [](Fields& f) { f.number("a", 0); }), "x.yaml:1:4: a must be at least 0, is -1");
  EXPECT_EQ(complaint("a: 11", [](Fields& f) { f.integer("a", 0, 10); }), "x.yaml:1:4: a must be at most 10, is 11");
  EXPECT_EQ(complaint("a: -5s", [](Fields& f) { f.duration("a"); }), "x.yaml:1:4: a must not be negative, is \"-5s\"");
  EXPECT_EQ(complaint("a: poison",
                      [](Fields& f) {
                        f.choice("a", {"poisson", "gamma"});
                      }),
            "x.yaml:1:4: a must be one of poisson, gamma, is \"poison\"; did you mean \"poisson\"?");
}

TEST(FieldsTest, AMissingKeyIsReportedAtItsParent) {
  EXPECT_EQ(complaint("spec:\n  a: 1\n", [](Fields& f) { f.object("spec").text("b"); }),
            "x.yaml:2:3: \"b\" is missing");
}

}  // namespace
}  // namespace config
