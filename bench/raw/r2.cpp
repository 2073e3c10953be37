// R2 on bare sockets: records of 40 bytes with their length in front, collected into writes of 64 KiB, taken
// apart and checked on the other side. It leaves when the buffer is full, not before, which a library for
// messages cannot do.
#include <cstring>
#include <string>
#include <vector>

#include "bench/partner.hpp"
#include "bench/raw/sockets.hpp"

namespace {

struct record {
  std::uint32_t size = sizeof(record);
  std::uint32_t tag = 0x64617461;
  std::int64_t number = 0;
  char payload[24] = "sixteen bytes in";
};
static_assert(sizeof(record) == 40);

constexpr std::size_t in_a_write = 65536 / sizeof(record);

}  // namespace

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 100'000'000);
  bench::partner other([&](auto say) {
    const bench::listener l = bench::listen_here();
    say(std::to_string(l.port));
    const int s = bench::accept_one(l);
    std::vector<char> buffer(256 * 1024);
    std::size_t filled = 0;
    for (long seen = 0; seen < messages;) {
      const ssize_t n = recv(s, buffer.data() + filled, buffer.size() - filled, 0);
      if (n <= 0) bench::fail("recv");
      filled += static_cast<std::size_t>(n);
      std::size_t at = 0;
      while (filled - at >= sizeof(record)) {
        record r;
        std::memcpy(&r, buffer.data() + at, sizeof r);
        if (r.number != seen++) std::abort();
        at += r.size;
      }
      std::memmove(buffer.data(), buffer.data() + at, filled - at);
      filled -= at;
    }
    bench::write_all(s, "!", 1);
    bench::read_all(s, buffer.data(), 1);  // until the other side has read the CPU time and goes
  });

  bench::stopwatch watch(other.process());
  const int s = bench::connect_to(static_cast<std::uint16_t>(std::stoi(other.said())));
  std::vector<record> lot(in_a_write);
  watch.start();
  for (long n = 0; n < messages;) {
    std::size_t used = 0;
    while (used < lot.size() && n < messages) {
      record r;
      r.number = n++;
      lot[used++] = r;
    }
    bench::write_all(s, lot.data(), used * sizeof(record));
  }
  char acknowledgement;
  if (!bench::read_all(s, &acknowledgement, 1)) bench::fail("recv");
  watch.stop();
  watch.print_rate(messages);
}
