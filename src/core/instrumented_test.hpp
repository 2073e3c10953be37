// Whether this program was built with a sanitizer: then everything takes ten times as long, freed memory is kept, and the
// address space is full.
#pragma once

namespace aemp::core {

#if defined(__has_feature)
#define AEMP_HAS_FEATURE(x) __has_feature(x)
#else
#define AEMP_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || AEMP_HAS_FEATURE(address_sanitizer) || \
    AEMP_HAS_FEATURE(thread_sanitizer)
inline constexpr bool is_instrumented = true;
#else
inline constexpr bool is_instrumented = false;
#endif

}  // namespace aemp::core
