#include "fake-apiserver/controllers/pod_admission.h"

#include "fake-apiserver/controllers/resources.h"
#include "fake-apiserver/kinds/admission.h"
#include "fake-apiserver/kinds/default_fields.h"

namespace fakeapi {

PodAdmission admission_of(const ObjectStore& store) {
  return [&store](Json& pod) -> base::Result<> {
    // What the server fills in of pods, and not of templates.
    default_pod(pod["spec"]);
    auto admitted = admit_pod(store, pod);
    if (admitted) admitted = admit_amounts(store, resources::kPods, pod, nullptr);
    if (!admitted) return base::Error{base::ErrorCode::kInvalid, admitted.error().message};
    return {};
  };
}

base::Result<ObjectPtr> create_admitted(ObjectStore& store, const PodAdmission& admission, Json pod) {
  if (admission) {
    if (auto admitted = admission(pod); !admitted) return admitted.error();
  }
  return store.create(resources::kPods, std::move(pod));
}

}  // namespace fakeapi
