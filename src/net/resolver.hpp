// From host names to addresses, by the system's resolver, which takes its time: so look-ups that somebody
// waits for are made on threads of their own, at most four, that exist while there is something to do. They
// are never waited for: a node can end while a name server is silent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <aemp/result.hpp>

#include "net/transport.hpp"

namespace aemp::net {

// Waits. `service` as for transport::resolve_now(). Errors: unresolvable.
[[nodiscard]] result<std::vector<endpoint>> resolve_name(const std::string& host, const std::string& service);

// Numeric addresses of all network interfaces that are up.
[[nodiscard]] std::vector<std::string> interface_addresses();

class resolver {
 public:
  explicit resolver(boost::asio::io_context& context);
  ~resolver();  // gives up the look-ups that have no answer yet
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  // `done` runs on the context's thread, later; not after the attempt was destroyed.
  std::unique_ptr<attempt> resolve(const std::string& host, std::uint16_t port, transport::resolved done);

 private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

}  // namespace aemp::net
