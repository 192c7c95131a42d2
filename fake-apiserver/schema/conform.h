// Brings a document into the form in which a server whose objects are typed structures would have kept it. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/schema/schema.h"
#include "fake-apiserver/store/object_store.h"

namespace fakeapi {

struct Conformity {
  std::vector<std::string> unknown;  // paths, as "spec.containers[0].foo"; at most a hundred
  std::optional<std::string> error;  // a value of a type that its field does not have, as a decoder words it
};

// Unknown fields, nulls and the zero values that the wire leaves out are taken away; times are written in UTC,
// quantities canonically. With an error the document is half done and of no use.
Conformity conform(const SchemaType& type, Json& document);

}  // namespace fakeapi
