// The network as one process sees it. Callbacks wait until the process is polled, so its driver decides on
// which worker they run.
#pragma once

#include <memory>

#include "net/transport.hpp"
#include "sim/connection.hpp"

namespace aemp::sim {

// TLS does not encrypt here: start_tls() sends a hello with the role and a digest of the settings. When both
// sides have started it with equal settings and different roles, bytes go on in the clear. Otherwise it
// fails: certificate_not_trusted or wrong_key for different settings, bad_certificate for empty ones,
// tls_failed for equal roles or a peer that does not speak TLS.
class transport final : public net::transport {
 public:
  transport(network& in, std::shared_ptr<process> p);
  // The process ends, and the kernel closes what it still has open.
  ~transport() override;

  std::unique_ptr<net::attempt> dial(const net::endpoint& to, dialled done) override;
  // The endpoint's host is an address of this host, of its loopback, or 0.0.0.0 or ::.
  std::size_t room() override;
  result<std::unique_ptr<net::listener>> listen(const net::endpoint& at, accepted each) override;
  // Knows the network's hosts, localhost, and numeric addresses.
  std::unique_ptr<net::attempt> resolve(const std::string& host, std::uint16_t port, resolved done) override;
  // There is no table of services: a service is a number, or name=number.
  result<std::vector<net::endpoint>> resolve_now(const std::string& host,
                                                 const std::string& service) override;
  std::vector<std::string> own_addresses() override;
  std::string host_name() override { return process_->on->name; }

 private:
  result<std::vector<net::endpoint>> look_up(const std::string& host, std::uint16_t port) const;
  bool taken(const net::endpoint& at) const;
  std::uint16_t free_port(const std::string& address);

  network& network_;
  std::shared_ptr<process> process_;
};

// The handle of one side.
std::unique_ptr<net::stream> make_stream(std::shared_ptr<connection> c, int side);

}  // namespace aemp::sim
