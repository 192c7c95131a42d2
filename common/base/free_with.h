// A deleter for std::unique_ptr that gives objects of a C library back by its own function.
#pragma once

namespace base {

template <auto kFree>
struct FreeWith {
  template <class T>
  void operator()(T* p) const {
    kFree(p);
  }
};

}  // namespace base
