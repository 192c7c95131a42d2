// A request of a client, before it is an attempt.
#pragma once

#include "sim/mesh/mesh.h"

namespace sim {

struct Mesh::Request {
  Ticks at = 0;
  std::uint64_t id = 0;
  Ticks demand = 0;  // 0: to be drawn
  std::uint16_t entry = 0;
  Origin origin = Origin::kOpen;
  std::uint8_t source = 0;  // kViewer: which viewers; kUser: which group
  ViewerCall kind = ViewerCall::kStart;
  std::uint32_t caller = 0;
};

}  // namespace sim
