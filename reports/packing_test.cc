#include "reports/packing.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace report {
namespace {

std::string inflate_raw(std::string bytes, std::size_t size) {
  std::string output(size, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_out, 0U);
  inflateEnd(&stream);
  return output;
}

float value_at(const std::string& planes, std::size_t count, std::size_t i) {
  char bytes[4];
  for (std::size_t plane = 0; plane < 4; ++plane) bytes[plane] = planes[plane * count + i];
  float value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

TEST(PackingTest, DeflatesWhatInflatesToTheSame) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(100'000, 'x'), std::string("\0\xff\0", 3)}) {
    EXPECT_EQ(inflate_raw(deflate_raw(text), text.size()), text);
  }
}

TEST(PackingTest, Base64IsThatOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(PackingTest, WholeNumbersAndTheMarkOfFailureAreExact) {
  const std::vector<double> values = {0, 1, 60'123, 3'600'000, 16'777'215, -5};

  const std::string planes = float_planes(values);

  ASSERT_EQ(planes.size(), values.size() * 4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(static_cast<double>(value_at(planes, values.size(), i)), values[i]);
  }
}

TEST(PackingTest, FractionsKeepFourteenBits) {
  for (const double value : {0.1, 29.123456, 1234.5678, 0.999999}) {
    const double kept = static_cast<double>(value_at(float_planes({value}), 1, 0));
    EXPECT_NEAR(kept / value, 1, std::ldexp(1, -14)) << value;
  }
}

TEST(PackingTest, AMissingSampleStaysMissing) {
  EXPECT_TRUE(std::isnan(value_at(float_planes({std::numeric_limits<double>::quiet_NaN()}), 1, 0)));
}

}  // namespace
}  // namespace report
