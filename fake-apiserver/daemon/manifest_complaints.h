// What is wrong with a manifest, as one line that names the place in its file. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/document.h"
#include "common/http/message.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

// "file:line:col: WHAT" of the value at `pointer`, or of what is nearest to it.
base::Error wrong(const config::Document& document, const std::string& pointer, const std::string& what);

// "; did you mean "x"?", or nothing if no candidate is near to `word`.
std::string or_rather(const std::string& word, const std::vector<std::string>& candidates);

// The server's answer to `document`, at the field that it is about; `type` is that of the document, or null.
base::Error refused(const config::Document& document, const http::Response& response, const SchemaType* type);

}  // namespace fakeapi
