// Objects as client-go and controller-runtime send them: the four bytes "k8s\0", then a message Unknown that carries
// apiVersion, kind and the object's own message. Pure functions over untrusted bytes; depth and size are bounded.
#pragma once

#include <string_view>

#include "fake-apiserver/api/status.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

// The document that a JSON client would have sent: with apiVersion and kind, without fields that the wire merely
// cannot leave out. 400 for bytes that are no such object, 415 for a kind that is not built in.
ApiResult<Json> read_protobuf(std::string_view body);

// A single message without the envelope; 400.
ApiResult<Json> read_protobuf_message(const SchemaType& type, std::string_view message);

}  // namespace fakeapi
