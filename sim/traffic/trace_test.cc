#include "sim/traffic/trace.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <numeric>

namespace sim {
namespace {

namespace fs = std::filesystem;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string input = text;
  std::string out(deflateBound(&stream, static_cast<uLong>(input.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = fs::temp_directory_path() / (std::string("trace_test_") + test->name());
    fs::create_directories(directory_);
  }
  ~TraceTest() override { fs::remove_all(directory_); }

  base::Result<Trace> load(const std::string& content, const std::optional<std::string>& column = {},
                           const std::string& name = "t.csv") {
    std::ofstream(directory_ / name, std::ios::binary) << content;
    return load_trace_csv(directory_ / name, column);
  }
  std::vector<std::uint64_t> counts(const std::string& content, const std::optional<std::string>& column = {},
                                    const std::string& name = "t.csv") {
    const auto trace = load(content, column, name);
    EXPECT_TRUE(trace) << trace.error().message;
    return trace ? trace->counts : std::vector<std::uint64_t>{};
  }
  // The message without the folder.
  std::string error(const std::string& content, const std::optional<std::string>& column = {},
                    const std::string& name = "t.csv") {
    const auto trace = load(content, column, name);
    if (trace) return "";
    EXPECT_EQ(trace.error().code, base::ErrorCode::kInvalid);
    EXPECT_TRUE(trace.error().message.starts_with(directory_.string() + "/"));
    return trace.error().message.substr(directory_.string().size() + 1);
  }

  fs::path directory_;
};

using Counts = std::vector<std::uint64_t>;

TEST_F(TraceTest, ReadsTheColumnWithAUsualName) {
  EXPECT_EQ(counts("second,requests\n0,5\n1,7\n"), (Counts{5, 7}));
  EXPECT_EQ(counts("time_utc,requests,bytes\n00:00,5,900\n00:01,7,800\n"), (Counts{5, 7}));
  EXPECT_EQ(counts("minute,tweets\n0,5\n1,7\n"), (Counts{5, 7}));
}

TEST_F(TraceTest, ReadsTheSecondOfTwoColumnsWhateverItsName) {
  EXPECT_EQ(counts("second,views\n0,5\n1,7\n"), (Counts{5, 7}));
}

TEST_F(TraceTest, ReadsTheColumnThatIsAskedFor) {
  EXPECT_EQ(counts("time_utc,requests,bytes\n00:00,5,900\n00:01,7,800\n", "bytes"), (Counts{900, 800}));
}

TEST_F(TraceTest, AColumnOfCountsAloneNeedsNoTime) { EXPECT_EQ(counts("requests\n5\n3\n"), (Counts{5, 3})); }

TEST_F(TraceTest, TakesCarriageReturnsBlanksAndAMissingLastNewline) {
  EXPECT_EQ(counts("second, requests\r\n0, 5\r\n1, 7"), (Counts{5, 7}));
}

TEST_F(TraceTest, IndicesMayStartAnywhere) { EXPECT_EQ(counts("second,requests\n100,5\n101,7\n"), (Counts{5, 7})); }

TEST_F(TraceTest, KnowsGzipByItsNameOrItsFirstBytes) {
  const std::string packed = gzipped("second,requests\n0,5\n1,7\n");
  EXPECT_EQ(counts(packed, {}, "t.csv.gz"), (Counts{5, 7}));
  EXPECT_EQ(counts(packed, {}, "t.csv"), (Counts{5, 7}));
}

TEST_F(TraceTest, ReadsGzipMembersOneAfterTheOther) {
  EXPECT_EQ(counts(gzipped("second,requests\n0,5\n") + gzipped("1,7\n"), {}, "t.csv.gz"), (Counts{5, 7}));
}

TEST_F(TraceTest, SaysWhereACountIsNotANumber) {
  EXPECT_EQ(error("second,requests\n0,5\n1,many\n"), "t.csv:3:3: requests is 'many', not a number");
  EXPECT_EQ(error("second,requests\n0,\n1,7\n"), "t.csv:2:3: requests is '', not a number");
  EXPECT_EQ(error("second,requests\n0,2.5\n"), "t.csv:2:3: requests is '2.5', not a whole number");
}

TEST_F(TraceTest, SaysWhereACountIsNegative) {
  EXPECT_EQ(error("second,requests\n0,5\n1,-7\n"), "t.csv:3:3: requests is '-7', a negative number");
}

TEST_F(TraceTest, SaysWhichColumnIsMissing) {
  EXPECT_EQ(error("second,requests\n0,5\n", "hits"),
            "t.csv:1:1: no column is named hits; the header is second,requests");
  EXPECT_EQ(error("a,b,c\n0,5,6\n"), "t.csv:1:1: no column of counts (such as requests); the header is a,b,c");
  EXPECT_EQ(error("0,5\n1,6\n"), "t.csv:1:1: the first line must name the columns");
}

TEST_F(TraceTest, SaysWhereTimesAreOutOfOrder) {
  EXPECT_EQ(error("second,requests\n0,5\n2,7\n1,8\n"), "t.csv:3:1: '2' leaves a gap after '0'");
  EXPECT_EQ(error("second,requests\n1,5\n0,7\n"), "t.csv:3:1: '0' is out of order after '1'");
  EXPECT_EQ(error("second,requests\n1,5\n1,7\n"), "t.csv:3:1: '1' is out of order after '1'");
  EXPECT_EQ(error("time_utc,requests\n00:01,5\n00:00,7\n"), "t.csv:3:1: '00:00' is out of order after '00:01'");
  EXPECT_EQ(error("second,requests\n1,5\nx,7\n"), "t.csv:3:1: 'x' is not a number");
}

TEST_F(TraceTest, SaysWhereTheFileIsTorn) {
  EXPECT_EQ(error("second,requests\n0,5\n1"), "t.csv:3:1: the row has 1 of 2 fields; the file is torn here");
  EXPECT_EQ(error("second,requests\n0,5\n1,"), "t.csv:3:3: requests is ''; the file is torn here");
  EXPECT_EQ(error("second,requests\n0,5,6\n1,7\n"), "t.csv:2:5: the row has 3 of 2 fields");
}

TEST_F(TraceTest, SaysThatGzipIsTornOrDamaged) {
  std::string text = "second,requests\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "," + std::to_string(i * 7919 % 1000) + "\n";
  const std::string packed = gzipped(text);
  const std::string torn = error(packed.substr(0, packed.size() / 2), {}, "t.csv.gz");
  EXPECT_TRUE(torn.starts_with("t.csv.gz:")) << torn;
  EXPECT_TRUE(torn.ends_with(": torn gzip: the file ends in the middle of the data")) << torn;
  EXPECT_EQ(error(packed.substr(0, packed.size() - 4), {}, "t.csv.gz"),
            "t.csv.gz:1002:1: torn gzip: the file ends in the middle of the data");

  std::string damaged = packed;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
  EXPECT_EQ(error(damaged, {}, "t.csv.gz"), "t.csv.gz:1002:1: damaged gzip: incorrect data check");
  EXPECT_EQ(error("second,requests\n0,5\n", {}, "t.csv.gz"), "t.csv.gz:1:1: not a gzip file");
}

TEST_F(TraceTest, SaysThatNothingIsThere) {
  EXPECT_EQ(error(""), "t.csv:1:1: the file is empty");
  EXPECT_EQ(error("second,requests\n"), "t.csv:1:1: no row follows the header");
  EXPECT_EQ(error("", {}, "t.csv.gz"), "t.csv.gz:1:1: the file is empty");
  const auto missing = load_trace_csv(directory_ / "none.csv");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::ErrorCode::kNotFound);
}

// The trace that ships with the scenarios; its own documentation gives these figures.
TEST_F(TraceTest, ReadsTheShippedMatchDays) {
  const auto trace = load_trace_csv("scenarios/traces/wc98_1998-06-25T22-00-01Z_172800s_per_second.csv.gz");
  ASSERT_TRUE(trace) << trace.error().message;

  EXPECT_EQ(trace->column, "requests");
  ASSERT_EQ(trace->counts.size(), 172'800U);
  EXPECT_EQ(std::accumulate(trace->counts.begin(), trace->counts.end(), std::uint64_t{0}), 90'233'538U);
  EXPECT_EQ(*std::max_element(trace->counts.begin(), trace->counts.end()), 3242U);
}

}  // namespace
}  // namespace sim
