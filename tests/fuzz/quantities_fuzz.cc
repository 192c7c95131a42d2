// Quantities and durations: what parses has one value, whatever way it is asked for.
#include <limits>

#include "common/base/time_format.h"
#include "common/kube/quantity.h"
#include "fake-apiserver/controllers/resource_quantity.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(text_of_input(data, size));
  if (const auto quantity = kube::Quantity::parse(text)) {
    const std::int64_t milli = quantity->milli();
    (void)quantity->value();
    (void)quantity->approximate();
    CHECK(quantity->as_double() == quantity->as_double(), "no quantity is not a number");
    const bool saturated =
        milli == std::numeric_limits<std::int64_t>::max() || milli == std::numeric_limits<std::int64_t>::min();
    const auto again = kube::Quantity::parse(kube::format_milli(milli));
    CHECK(saturated || (again && again->milli() == milli), text);
  }
  for (const int decimals : {0, 3}) (void)fakeapi::whole_quantity(fakeapi::Json(text), decimals);
  if (const auto duration = base::parse_duration(text)) (void)base::format_duration(*duration);
  if (const auto time = base::parse_rfc3339(text)) {
    CHECK(base::parse_rfc3339(base::format_rfc3339_nano(*time)) == time, text);
  }
  return 0;
}
