// Answers made small for clients that unpack them. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"

namespace fakeapi {

// Whether an Accept-Encoding header asks for gzip.
bool accepts_gzip(std::string_view accept_encoding);

// Fast rather than small, as a gzip file.
std::string gzip(std::string_view text);

// Packs a body above 128 KiB; smaller ones are sent faster as they are.
void compress(http::Response& response);

}  // namespace fakeapi
