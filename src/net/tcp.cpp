// Dialling, listening and names. As with streams, what the owner holds is a handle, and what asio works on is
// counted and lives until its last operation is done.
#include "net/tcp.hpp"

#include <unistd.h>

#include <climits>
#include <optional>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include "net/net_error.hpp"
#include "net/resolver.hpp"
#include "net/tcp_stream.hpp"

namespace aemp::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// When there is no file descriptor for a new connection, it waits in the kernel's queue. (A connection that
// was broken off before it was accepted is skipped by asio.)
constexpr auto accept_again_after = std::chrono::milliseconds(100);

template <class T>
using counted = boost::intrusive_ref_counter<T, boost::thread_unsafe_counter>;

result<tcp::endpoint> asio_endpoint(const endpoint& place) {
  error_code code;
  const auto address = asio::ip::make_address(place.host, code);
  if (code)
    return aemp::error{"address_not_available",
                       "'" + place.host + "' is no numeric address; resolve it first"};
  return tcp::endpoint(address, place.port);
}

std::unique_ptr<stream> stream_of(const std::shared_ptr<tcp_shared>& shared, tcp::socket connected,
                                  error_code& code) {
  const auto here = connected.local_endpoint(code);
  if (code) return nullptr;
  const auto there = connected.remote_endpoint(code);
  if (code) return nullptr;
  return make_tcp_stream(
      new tcp_connection(shared, std::move(connected), endpoint_of(here), endpoint_of(there)));
}

class dial_state : public counted<dial_state> {
 public:
  using ptr = boost::intrusive_ptr<dial_state>;

  dial_state(std::shared_ptr<tcp_shared> shared, endpoint to, transport::dialled done)
      : shared_(std::move(shared)), to_(std::move(to)), done_(std::move(done)), socket_(shared_->context) {}

  void start() {
    const auto place = asio_endpoint(to_);
    if (!place) {
      asio::post(shared_->context, [self = ptr(this), why = place.error()] { self->tell(why); });
      return;
    }
    socket_.async_connect(place.value(),
                          [self = ptr(this)](const error_code& code) { self->on_connected(code); });
  }

  void give_up() {
    done_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void on_connected(error_code code) {
    if (!done_) return;
    std::unique_ptr<stream> made;
    if (!code) made = stream_of(shared_, std::move(socket_), code);
    // The kernel may give an outgoing connection the very port it wants to reach, and then connects it with
    // itself.
    if (made && made->local() == made->remote()) {
      made.reset();
      code = asio::error::connection_refused;
    }
    if (!made) return tell(dial_error(to_, code));
    tell(std::move(made));
  }

  void tell(result<std::unique_ptr<stream>> outcome) {
    if (const auto call = std::exchange(done_, nullptr)) call(std::move(outcome));
  }

  std::shared_ptr<tcp_shared> shared_;
  endpoint to_;
  transport::dialled done_;  // empty: told, or nobody wants to know
  tcp::socket socket_;
};

class dial_attempt final : public attempt {
 public:
  explicit dial_attempt(dial_state::ptr state) : it_(std::move(state)) {}
  ~dial_attempt() override { it_->give_up(); }

 private:
  dial_state::ptr it_;
};

class listen_state : public counted<listen_state> {
 public:
  using ptr = boost::intrusive_ptr<listen_state>;

  listen_state(std::shared_ptr<tcp_shared> shared, transport::accepted each)
      : shared_(std::move(shared)),
        each_(std::make_shared<transport::accepted>(std::move(each))),
        acceptor_(shared_->context),
        again_(shared_->context) {}

  result<endpoint> open(const endpoint& at) {
    const auto place = asio_endpoint(at);
    if (!place) return place.error();
    error_code code;
    acceptor_.open(place->protocol(), code);
    if (code) return listen_error(at, code);
    acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
    // Each endpoint stands for one address family; :: must not take the IPv4 port as well.
    if (!code && at.is_v6()) acceptor_.set_option(asio::ip::v6_only(true), code);
    if (!code) acceptor_.bind(place.value(), code);
    if (!code) acceptor_.listen(asio::socket_base::max_listen_connections, code);
    if (code) return listen_error(at, code);
    const auto bound = acceptor_.local_endpoint(code);
    if (code) return listen_error(at, code);
    accept();
    return endpoint_of(bound);
  }

  void close() {
    each_ = nullptr;
    again_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  void accept() {
    acceptor_.async_accept([self = ptr(this)](const error_code& code, tcp::socket socket) {
      self->on_accepted(code, std::move(socket));
    });
  }

  void on_accepted(error_code code, tcp::socket socket) {
    if (!each_) return;
    if (code) {
      again_.expires_after(accept_again_after);
      again_.async_wait([self = ptr(this)](const error_code& cancelled) {
        if (!cancelled && self->each_) self->accept();
      });
      return;
    }
    auto made = stream_of(shared_, std::move(socket), code);
    // Nothing is made of a connection that broke before it got here. The function is kept, for it may destroy
    // the listener.
    if (made) (*std::shared_ptr(each_))(std::move(made));
    if (each_) accept();
  }

  std::shared_ptr<tcp_shared> shared_;
  std::shared_ptr<transport::accepted> each_;  // null: closed
  tcp::acceptor acceptor_;
  asio::steady_timer again_;
};

class tcp_listener final : public listener {
 public:
  tcp_listener(listen_state::ptr state, endpoint at) : it_(std::move(state)), local_(std::move(at)) {}
  ~tcp_listener() override { it_->close(); }
  endpoint local() const override { return local_; }

 private:
  listen_state::ptr it_;
  endpoint local_;
};

class tcp_transport final : public transport {
 public:
  explicit tcp_transport(asio_loop& loop)
      : shared_(std::make_shared<tcp_shared>(loop.context())), resolver_(loop.context()) {}

  std::unique_ptr<attempt> dial(const endpoint& to, dialled done) override {
    const dial_state::ptr state(new dial_state(shared_, to, std::move(done)));
    state->start();
    return std::make_unique<dial_attempt>(state);
  }

  result<std::unique_ptr<listener>> listen(const endpoint& at, accepted each) override {
    const listen_state::ptr state(new listen_state(shared_, std::move(each)));
    const auto bound = state->open(at);
    if (!bound) return bound.error();
    return std::unique_ptr<listener>(std::make_unique<tcp_listener>(state, bound.value()));
  }

  std::unique_ptr<attempt> resolve(const std::string& host, std::uint16_t port, resolved done) override {
    return resolver_.resolve(host, port, std::move(done));
  }

  result<std::vector<endpoint>> resolve_now(const std::string& host, const std::string& service) override {
    return resolve_name(host, service);
  }

  std::vector<std::string> own_addresses() override { return interface_addresses(); }

  std::string host_name() override {
    char name[HOST_NAME_MAX + 1] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
  }

 private:
  std::shared_ptr<tcp_shared> shared_;
  resolver resolver_;
};

}  // namespace

std::unique_ptr<transport> make_tcp_transport(asio_loop& loop) {
  return std::make_unique<tcp_transport>(loop);
}

}  // namespace aemp::net
