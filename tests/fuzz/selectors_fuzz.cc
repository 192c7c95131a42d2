// Label selectors, field selectors, continue tokens and revisions of lists. The first byte chooses which.
#include <iterator>

#include "common/http/url.h"
#include "fake-apiserver/api/selector.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/world.h"

namespace {

constexpr const char* kParameters[] = {"labelSelector", "fieldSelector",        "continue",          "resourceVersion",
                                       "limit",         "resourceVersionMatch", "sendInitialEvents", "dryRun"};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(text_of_input(data + 1, size - 1));
  const auto labels = fakeapi::LabelSelector::parse(text);
  const fakeapi::Json object = {{"metadata", {{"labels", {{"app", "web"}, {"n", "5"}}}}}};
  if (labels) (void)labels->matches(object);
  const auto fields = fakeapi::FieldSelector::parse(text, fakeapi::Resource{"", "pods"});
  if (fields) (void)fields->matches(object);

  static fuzz::World world;  // reads leave it as it is
  const std::string query = std::string("?") + kParameters[data[0] % std::size(kParameters)] + "=" +
                            http::percent_encode(text) + (data[0] >= 128 ? "&limit=1" : "");
  fuzz::check_answer(world.call("GET", "/apis/apps/v1/namespaces/default/deployments" + query));
  return 0;
}
