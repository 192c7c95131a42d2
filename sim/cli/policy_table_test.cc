#include "sim/cli/policy_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sim {
namespace {

namespace fs = std::filesystem;

PolicyRow row(const std::string& name, int degraded, double pod_hours) {
  PolicyRow row;
  row.name = name;
  row.preset = {"scenarios/policies/" + name + ".yaml", {"a paper.", "It scales."}};
  row.summary.degradation_seconds = degraded;
  row.summary.pod_hours = pod_hours;
  return row;
}

TEST(PolicyTableTest, RanksByWhatViewersFeelThenByPrice) {
  std::vector<PolicyRow> rows = {row("d", 10, 5), row("c", 0, 20), row("b", 10, 4), row("a", 0, 20)};
  rank(rows);

  std::string order;
  for (const PolicyRow& r : rows) order += r.name;
  EXPECT_EQ(order, "acbd");
}

TEST(PolicyTableTest, OptimalIsWhatNoOtherBeatsInBoth) {
  std::vector<PolicyRow> rows = {row("best", 0, 20),  row("equal", 0, 20),  row("dearer", 0, 21),
                                 row("cheap", 30, 5), row("beaten", 30, 6), row("cheapest", 90, 4)};
  rank(rows);

  for (const PolicyRow& r : rows) EXPECT_EQ(r.optimal, r.name != "dearer" && r.name != "beaten") << r.name;
}

TEST(PolicyTableTest, TheDocumentTellsItsCommandAndEverySource) {
  std::vector<PolicyRow> rows = {row("first", 12, 3.25)};
  rows[0].summary.requests = 200;
  rows[0].summary.failed = 3;
  rows[0].summary.capped = {30, 100, 7};
  rank(rows);
  const std::string text =
      policies_markdown({{"spike", "A spike.", "scenarios/spike.yaml", rows}}, "docs", "gamenight x");

  EXPECT_NE(text.find("`gamenight x`"), std::string::npos);
  EXPECT_NE(text.find("## spike\n\nA spike. [The scenario](../scenarios/spike.yaml)."), std::string::npos);
  EXPECT_NE(
      text.find("| [first](../scenarios/policies/first.yaml) | yes | 12 | 3.2 | 0.0 | 1.50 | 30 s, 7 pods | 0 | 0 |"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("- **first**: It scales. Source: a paper."), std::string::npos);
}

struct Folder {
  fs::path path = fs::path(testing::TempDir()) / "presets";
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
};

TEST(PolicyTableTest, PresetsAreFilesThatBeginWithTheirSource) {
  const Folder folder;
  folder.write("b.yaml", "# Source: b.\n# Does b.\nkind: X\n");
  folder.write("a.yaml", "# Source: a.\nkind: X\n");
  folder.write("c.yaml", "# Something else.\nkind: X\n");
  folder.write("d.txt", "# Source: d.\n");
  const auto presets = find_presets(folder.path);

  ASSERT_TRUE(presets);
  ASSERT_EQ(presets->size(), 2U);
  EXPECT_EQ((*presets)[0].comment.source, "a.");
  EXPECT_EQ((*presets)[1].comment.about, "Does b.");
}

TEST(PolicyTableTest, AFolderWithoutPresetsIsAnError) {
  const Folder folder;
  EXPECT_EQ(find_presets(folder.path).error().message,
            folder.path.string() + ": holds no preset, a policy file that begins with \"# Source: \"");
  EXPECT_FALSE(find_presets(folder.path / "nowhere"));
}

}  // namespace
}  // namespace sim
