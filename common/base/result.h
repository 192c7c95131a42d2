// Result<T>: a value, or the Error that kept us from having one.
//
//   Result<Scale> scale = co_await client.get_scale(target);
//   if (!scale) co_return annotate(scale.error(), "read " + target.name);
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "common/base/error.h"

namespace base {

// Found by Boost.System when value() is called on a failure, which is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T = void>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

}  // namespace base
