#include "tests/torture/payload.hpp"

#include <algorithm>
#include <cstring>

namespace torture {
namespace {

std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 29)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 32);
}

// Eight characters from '0' to 'o' at a time; f gets them and says whether to go on.
template <class F>
bool each_part(const message_id& id, std::size_t size, F&& f) {
  std::uint64_t state =
      mixed(std::uint64_t{id.from} << 32 | id.stream) ^ mixed(std::uint64_t{id.epoch} << 32 | id.number);
  for (std::size_t at = 0; at < size; at += 8) {
    state += 0x9e3779b97f4a7c15ULL;
    const std::uint64_t part = (mixed(state) & 0x3f3f3f3f3f3f3f3fULL) + 0x3030303030303030ULL;
    if (!f(at, reinterpret_cast<const char*>(&part), std::min<std::size_t>(8, size - at))) return false;
  }
  return true;
}

}  // namespace

std::string payload(const message_id& id, std::size_t size) {
  std::string bytes(size, '\0');
  each_part(id, size, [&](std::size_t at, const char* part, std::size_t n) {
    std::memcpy(bytes.data() + at, part, n);
    return true;
  });
  return bytes;
}

bool is_payload(const message_id& id, std::size_t size, std::string_view bytes) {
  return bytes.size() == size && each_part(id, size, [&](std::size_t at, const char* part, std::size_t n) {
           return std::memcmp(bytes.data() + at, part, n) == 0;
         });
}

}  // namespace torture
