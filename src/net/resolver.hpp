// Resolves host names by the system's resolver, which may block for long. Look-ups with a caller waiting for
// the result therefore run on threads of their own, at most four, which exist while there is something to do.
// Nobody waits for these threads: a node can end while a name server is silent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "net/transport.hpp"

namespace aemp::net {

// Blocks. `service` as for transport::resolve_now(). Errors: unresolvable.
[[nodiscard]] AEMP_PRIVATE_API result<std::vector<endpoint>> resolve_name(const std::string& host,
                                                                          const std::string& service);

// Numeric addresses of all network interfaces that are up.
[[nodiscard]] std::vector<std::string> interface_addresses();

class resolver {
 public:
  // `posted` is called, on any thread, when an answer has been posted to the context.
  explicit resolver(boost::asio::io_context& context, std::function<void()> posted = {});
  ~resolver();  // gives up the look-ups that have no answer yet
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  // `done` runs later on the context's thread, unless the attempt has been destroyed.
  std::unique_ptr<attempt> resolve(const std::string& host, std::uint16_t port, transport::resolved done);

 private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

}  // namespace aemp::net
