// Writes of a cluster as lines, one for each, to lay beside those of a recorded one: "<object>: <sign> <what it
// shows>".
//
// The sign is "+" for created, "~" for changed, "-" for gone. Names are those that the test gives to objects.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi::trace {

using Lines = std::vector<std::string>;
using Order = std::vector<std::pair<std::string, std::string>>;

// A recording: its lines in the order of their resourceVersions.
struct Recording {
  Lines lines;  // as in the file, marks included
  Order order;  // what has to be before what: two lines each, without marks
};

// Lines with "? " or "> " may be missing; those with "x " are not expected at all, the file says why. Under "[order]":
// "<line> < <line>". Everything else counts, once each.
Recording read_recording(const std::string& path);

// What differs, empty if nothing does: for each object the recorded lines have to be those seen, in their order, but
// for that of a ReplicaSet's events of one reason; and of each pair of the order the first of the left has to be before
// the first of the right, in the recording too.
std::string difference(const Recording& recorded, const Lines& seen);

// A write: whose, and what it shows. `who` is the object's name in the trace.
std::string line_of(const StoreEvent& event, const std::string& who, base::Time now);

// "deployment", "set", "pod", or else "service".
std::string kind_of(const std::string& kind);

// A name in place of each of these in the text, wherever it stands as a whole.
std::string renamed(std::string text, const std::vector<std::pair<std::string, std::string>>& names);

}  // namespace fakeapi::trace
