#include "api/environment.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "net/asio_loop.hpp"
#include "net/tcp.hpp"

namespace aemp {

environment& machine_environment() {
  static environment machine{
      core::steady_clock(),
      [](unsigned, bool networked) -> std::unique_ptr<core::poller> {
        if (networked) return std::make_unique<net::asio_loop>();
        return core::make_condition_poller();
      },
      [](core::worker& w) { return net::make_tcp_transport(static_cast<net::asio_loop&>(w.poller())); },
      [](std::span<std::byte> out) {
        if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) != 1) {
          throw std::runtime_error("OpenSSL has no random bytes to give");
        }
      },
      [] { return api::config_file::read(api::find_config_place()); },
      {},
  };
  return machine;
}

}  // namespace aemp
