// Patches of every kind on objects of a running server. The first byte chooses the kind of patch and the object. A
// patch that is refused leaves no trace.
#include <iterator>

#include "fake-apiserver/store/json_access.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/world.h"

namespace {

constexpr const char* kTypes[] = {"application/json-patch+json", "application/merge-patch+json",
                                  "application/strategic-merge-patch+json", "application/apply-patch+yaml"};
constexpr const char* kTargets[] = {"/apis/apps/v1/namespaces/default/deployments/web",
                                    "/api/v1/namespaces/default/configmaps/settings",
                                    "/apis/apps/v1/namespaces/default/deployments/web/status",
                                    "/apis/apps/v1/namespaces/default/deployments/web/scale"};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string type = kTypes[data[0] % 4];
  const std::string target = kTargets[(data[0] / 4) % 4];
  const std::string body(text_of_input(data + 1, size - 1));
  fuzz::World world;
  const std::string before = world.call("GET", target).body;
  const std::string query = type == kTypes[3] ? "?fieldManager=f" : "";
  const http::Response answer = world.call("PATCH", target + query, body, type);
  fuzz::check_answer(answer);
  const http::Response after = world.call("GET", target);
  CHECK(after.status == 200, after.body);
  if (answer.status >= 400) CHECK(after.body == before, "a refused patch changes nothing");
  const auto object = fakeapi::Json::parse(after.body);
  CHECK(fakeapi::text_at(object, {"metadata", "uid"}) ==
            fakeapi::text_at(fakeapi::Json::parse(before), {"metadata", "uid"}),
        "the same object");
  return 0;
}
