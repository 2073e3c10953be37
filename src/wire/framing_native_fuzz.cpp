// See framing_fuzz.hpp.
#include "wire/framing_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aemp::wire::fuzz_framing("aemp1", data, size);
  return 0;
}
