// Whether the processor has the 512-bit vector unit for which the hot loops exist a second time. Both versions give the
// same bytes; programs are built for any x86-64 and choose at run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
// Their undefined operands are meant (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace sim {

#if defined(__x86_64__) && defined(__GNUC__)
#define SIM_HAS_VECTOR_CODE 1
// What a function needs that is compiled for that unit.
#define SIM_VECTOR_TARGET gnu::target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,bmi,bmi2,lzcnt,popcnt")

inline bool has_vector_unit() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}
#else
#define SIM_HAS_VECTOR_CODE 0
inline bool has_vector_unit() { return false; }
#endif

}  // namespace sim
