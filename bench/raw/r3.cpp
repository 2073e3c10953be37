// R3 on bare sockets: a stream in writes of 64 KiB and reads of up to 256 KiB. With "tls", the same in
// TLS 1.3.
#include <memory>
#include <string>
#include <vector>

#include "bench/partner.hpp"
#include "bench/raw/sockets.hpp"
#include "bench/raw/tls.hpp"

int main(int argc, char** argv) {
  constexpr std::size_t size = 1 << 20, step = 65536;
  const long values = bench::count_of(argc, argv, 10'000);
  const bool tls = bench::has_argument(argc, argv, "tls");
  bench::partner other([&](auto say) {
    const bench::listener l = bench::listen_here();
    say(std::to_string(l.port));
    const int s = bench::accept_one(l);
    std::unique_ptr<bench::tls_socket> sealed;
    if (tls) sealed = std::make_unique<bench::tls_socket>(s, true);
    std::vector<char> buffer(256 * 1024);
    for (std::size_t left = size * static_cast<std::size_t>(values); left != 0;) {
      const ssize_t n = sealed ? static_cast<ssize_t>(sealed->read_some(buffer.data(), buffer.size()))
                               : recv(s, buffer.data(), buffer.size(), 0);
      if (n <= 0) bench::fail("recv");
      left -= static_cast<std::size_t>(n);
    }
    bench::write_all(s, "!", 1);
    bench::read_all(s, buffer.data(), 1);  // until the other side has read the CPU time and goes
  });

  bench::stopwatch watch(other.process());
  const int s = bench::connect_to(static_cast<std::uint16_t>(std::stoi(other.said())));
  std::unique_ptr<bench::tls_socket> sealed;
  if (tls) sealed = std::make_unique<bench::tls_socket>(s, false);
  const std::vector<char> part(step, 'x');
  watch.start();
  for (std::size_t left = size * static_cast<std::size_t>(values); left != 0; left -= step) {
    if (sealed) {
      sealed->write_all(part.data(), part.size());
    } else {
      bench::write_all(s, part.data(), part.size());
    }
  }
  char acknowledgement;  // in the clear: nothing else comes from there
  if (!bench::read_all(s, &acknowledgement, 1)) bench::fail("recv");
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
