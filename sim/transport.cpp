#include "sim/transport.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "net/net_error.hpp"

namespace aemp::sim {
namespace {

class stream final : public net::stream {
 public:
  stream(std::shared_ptr<connection> c, int side) : it_(std::move(c)), side_(side) {}
  ~stream() override { it_->close(side_); }

  void start(net::stream_events& events) override { it_->start(side_, events); }
  void redirect(net::stream_events& events) override { it_->redirect(side_, events); }
  bool write(std::string& bytes) override { return it_->write(side_, bytes); }
  void start_tls(net::tls_role role, const net::tls_settings& settings, std::string_view received) override {
    it_->start_tls(side_, role, settings, received);
  }
  void pause(bool paused) override { it_->pause(side_, paused); }
  void finish(std::string bytes) override { it_->finish(side_, std::move(bytes)); }
  net::endpoint local() const override { return it_->address(side_); }
  net::endpoint remote() const override { return it_->address(1 - side_); }

 private:
  std::shared_ptr<connection> it_;
  const int side_;
};

class dialling final : public net::attempt {
 public:
  explicit dialling(std::shared_ptr<connection> c) : it_(std::move(c)) {}
  ~dialling() override { it_->give_up_dialling(); }

 private:
  std::shared_ptr<connection> it_;
};

// An answer that is known at once and delivered at the next poll, unless nobody wants it any more.
template <class F>
class known final : public net::attempt {
 public:
  explicit known(F f) : call_(std::make_shared<F>(std::move(f))) {}
  ~known() override { *call_ = nullptr; }

  template <class Answer>
  void tell(process& p, Answer answer) {
    p.post([call = call_, answer = std::move(answer)]() mutable {
      if (const auto f = std::exchange(*call, nullptr)) f(std::move(answer));
    });
  }

 private:
  std::shared_ptr<F> call_;
};

class listener final : public net::listener {
 public:
  explicit listener(std::shared_ptr<listening> l) : it_(std::move(l)) {}
  ~listener() override {
    it_->closed = true;
    it_->owner->accept_again();
    std::erase(it_->owner->on->listeners, it_);
  }
  net::endpoint local() const override { return it_->at; }

 private:
  std::shared_ptr<listening> it_;
};

bool needs_name_server(const std::string& name) {
  return name != "localhost" && !net::canonical_address(name);
}

bool is_loopback(const std::string& address) { return address == "::1" || address.starts_with("127."); }

bool is_any(const std::string& address) { return address == "::" || address == "0.0.0.0"; }

}  // namespace

std::unique_ptr<net::stream> make_stream(std::shared_ptr<connection> c, int side) {
  return std::make_unique<stream>(std::move(c), side);
}

transport::transport(network& in, std::shared_ptr<process> p) : network_(in), process_(std::move(p)) {}

transport::~transport() { network_.kill(*process_, false); }

std::unique_ptr<net::attempt> transport::dial(const net::endpoint& to, dialled done) {
  const auto fail = [&](const auto& code) {
    auto out = std::make_unique<known<dialled>>(std::move(done));
    out->tell(*process_, net::dial_error(to, code));
    return out;
  };
  const bool here = is_loopback(to.host);
  host* const target = here ? process_->on : network_.host_of(to.host);
  if (target == nullptr) return fail(code_of(EHOSTUNREACH));
  const auto& own = process_->on->addresses;
  const auto source = std::find_if(own.begin(), own.end(), [&](const std::string& address) {
    return (address.find(':') != std::string::npos) == to.is_v6();
  });
  if (!here && source == own.end()) return fail(code_of(ENETUNREACH));
  const std::string from = here ? to.host : *source;
  if (process_->over) return std::make_unique<known<dialled>>(std::move(done));
  if (!process_->may_open()) return fail(code_of(EMFILE));
  auto c = std::make_shared<connection>(network_, process_, *target, net::endpoint{from, free_port(from)}, to,
                                        std::move(done));
  network_.add(c);
  return std::make_unique<dialling>(std::move(c));
}

std::size_t transport::room() {
  return process_->may_open() ? process_->most_descriptors - process_->descriptors : 0;
}

bool transport::taken(const net::endpoint& at) const {
  for (const auto& l : process_->on->listeners) {
    const bool same_family = l->at.is_v6() == at.is_v6();
    if (l->at.port == at.port && same_family &&
        (l->at.host == at.host || is_any(l->at.host) || is_any(at.host)))
      return true;
  }
  return false;
}

// As a kernel chooses them: one after the other, and from the beginning again when they are used up.
std::uint16_t transport::free_port(const std::string& address) {
  std::uint16_t& next = process_->on->next_port;
  for (;;) {
    const std::uint16_t port = next;
    next = port == std::numeric_limits<std::uint16_t>::max() ? 32768 : port + 1;
    if (!taken({address, port})) return port;
  }
}

result<std::unique_ptr<net::listener>> transport::listen(const net::endpoint& at, accepted each) {
  const auto& own = process_->on->addresses;
  const bool ours =
      is_any(at.host) || is_loopback(at.host) || std::find(own.begin(), own.end(), at.host) != own.end();
  if (!ours) return net::listen_error(at, code_of(EADDRNOTAVAIL));
  net::endpoint bound = at;
  if (bound.port == 0) bound.port = free_port(bound.host);
  if (taken(bound)) return net::listen_error(at, code_of(EADDRINUSE));
  auto made = std::make_shared<listening>(listening{process_, bound, std::move(each)});
  if (!process_->over) process_->on->listeners.push_back(made);
  return std::unique_ptr<net::listener>(std::make_unique<listener>(std::move(made)));
}

result<std::vector<net::endpoint>> transport::look_up(const std::string& name, std::uint16_t port) const {
  std::vector<std::string> addresses;
  if (const auto numeric = net::canonical_address(name)) {
    addresses = {*numeric};
  } else if (name == "localhost") {
    addresses = {"127.0.0.1", "::1"};
  } else {
    addresses = network_.addresses_of(name);
  }
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const std::string& address) { return address.find(':') == std::string::npos; });
  if (addresses.empty()) {
    return aemp::error{"unresolvable",
                       "'" + name + "' has no address: the simulated network has no host of that name"};
  }
  std::vector<net::endpoint> out;
  for (std::string& address : addresses) out.push_back({std::move(address), port});
  return out;
}

std::unique_ptr<net::attempt> transport::resolve(const std::string& name, std::uint16_t port, resolved done) {
  auto out = std::make_unique<known<resolved>>(std::move(done));
  if (needs_name_server(name) && network_.names_are_silent()) return out;
  out->tell(*process_, look_up(name, port));
  return out;
}

result<std::vector<net::endpoint>> transport::resolve_now(const std::string& name,
                                                          const std::string& service) {
  const auto port = net::port_number(std::string_view(service).substr(service.find('=') + 1));
  if (!port) {
    return aemp::error{"unresolvable", "'" + name + "' has no address: port '" + service +
                                           "' is no number, and the simulated network has no services"};
  }
  if (needs_name_server(name) && network_.names_are_silent())
    return aemp::error{"unresolvable", "'" + name + "' has no address: the name server does not answer"};
  return look_up(name, *port);
}

std::vector<std::string> transport::own_addresses() {
  std::vector<std::string> out = {"127.0.0.1", "::1"};
  out.insert(out.end(), process_->on->addresses.begin(), process_->on->addresses.end());
  return out;
}

}  // namespace aemp::sim
