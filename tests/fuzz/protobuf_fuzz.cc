// Bodies of application/vnd.kubernetes.protobuf to documents.
#include <string>

#include "fake-apiserver/schema/protobuf_reader.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

void decode(std::string_view body) {
  const auto document = fakeapi::read_protobuf(body);
  if (!document) {
    CHECK(document.error().code == 400 || document.error().code == 415, document.error().message);
    return;
  }
  CHECK(document->is_object(), "an object");
  // Throws where a text is not UTF-8.
  CHECK(fakeapi::Json::accept(document->dump()), "a document that JSON can carry");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of_input(data, size);
  decode(input);
  // The same behind an envelope that is in order, since that is hard to come by.
  std::string pod("k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12", 16);
  const std::size_t length = input.size() & 0x3fff;
  pod += static_cast<char>((length & 0x7f) | 0x80);
  pod += static_cast<char>(length >> 7);
  decode(pod + std::string(input.substr(0, length)));
  return 0;
}
