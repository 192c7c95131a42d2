// Autoscalers between the stored autoscaling/v2 and autoscaling/v1. Pure functions.
//
// v1 knows one metric, the CPU utilisation; what else a v2 object says travels in annotations, in the forms that
// clients of the real server expect: metrics as v1 writes them, behavior with the capital keys of the server's own
// types.
#pragma once

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

void autoscaler_to_v1(Json& object);
void autoscaler_from_v1(Json& object);

}  // namespace fakeapi
