// The requests of viewers who mind slow answers: a mark for each from its first attempt to its outcome, whichever
// attempts it takes. Not thread-safe; owned by a Mesh.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/traffic/viewer_source.h"

namespace sim {

using MarkIndex = std::uint32_t;
inline constexpr MarkIndex kNoMark = std::numeric_limits<MarkIndex>::max();

class ViewerMarks {
 public:
  struct Mark {
    ViewerHandle viewer = kNoViewer;
    std::uint32_t generation = 0;
    MarkIndex next_free = kNoMark;
    std::uint8_t source = 0;
    ViewerCall kind = ViewerCall::kStart;
    bool reported = false;  // the viewer found the answer slow
  };

  MarkIndex allocate(std::uint8_t source, ViewerCall kind, ViewerHandle viewer) {
    if (free_ == kNoMark) {
      free_ = static_cast<MarkIndex>(marks_.size());
      marks_.emplace_back();
    }
    const MarkIndex i = free_;
    Mark& mark = marks_[i];
    free_ = mark.next_free;
    mark = {.viewer = viewer, .generation = mark.generation, .source = source, .kind = kind};
    return i;
  }
  void free(MarkIndex i) {
    ++marks_[i].generation;
    marks_[i].next_free = free_;
    free_ = i;
  }
  bool is(MarkIndex i, std::uint32_t generation) const { return marks_[i].generation == generation; }
  Mark& operator[](MarkIndex i) { return marks_[i]; }
  const Mark& operator[](MarkIndex i) const { return marks_[i]; }

 private:
  std::vector<Mark> marks_;
  MarkIndex free_ = kNoMark;
};

}  // namespace sim
