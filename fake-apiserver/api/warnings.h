// What a client is told beside its answer, in Warning headers. A value; belongs to one request.
#pragma once

#include <string>
#include <vector>

#include "common/http/message.h"

namespace fakeapi {

class Warnings {
 public:
  // Each text once, in the order in which they came.
  void add(const std::string& text);
  const std::vector<std::string>& texts() const { return texts_; }

  // One header for each: 299 - "text". What goes beyond 4 KiB is left out, as clients limit headers.
  void write_to(http::Headers& headers) const;

 private:
  std::vector<std::string> texts_;
};

}  // namespace fakeapi
