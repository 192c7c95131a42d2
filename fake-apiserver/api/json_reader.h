// JSON text to a document, with an eye on what comes twice and on depth. Pure function over untrusted bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct JsonReading {
  Json value;
  std::vector<std::string> duplicates;  // paths of keys that came again; at most a hundred
  std::string error;                    // why it is not a document; empty if it is
};

// Refuses what is nested deeper than `deepest`: serialising and comparing recurse.
JsonReading read_json_text(std::string_view text, int deepest);

}  // namespace fakeapi
