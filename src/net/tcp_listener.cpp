#include "net/tcp_listener.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>

#include "net/net_error.hpp"
#include "net/tcp_socket.hpp"

namespace aemp::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int accepted_at_once = 4;
// How soon to accept again when file descriptors have run out. Meanwhile the kernel queues new connections.
constexpr auto accept_again_after = std::chrono::milliseconds(100);

// These errors are about one connection, which broke before it was accepted; the next one may be fine.
bool is_about_one(const error_code& code) {
  static constexpr int codes[] = {ECONNABORTED, EINTR,        EPROTO, EPERM,       ENETDOWN,   ENOPROTOOPT,
                                  EHOSTDOWN,    EHOSTUNREACH, ENONET, ENETUNREACH, EOPNOTSUPP, ETIMEDOUT};
  return std::find(std::begin(codes), std::end(codes), code.value()) != std::end(codes);
}

class listen_state : public boost::intrusive_ref_counter<listen_state, boost::thread_unsafe_counter> {
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
    open_socket(acceptor_, place->protocol(), code);
    if (code) return listen_error(at, code);
    acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
    // Each endpoint stands for one address family; :: must not take the IPv4 port as well.
    if (!code && at.is_v6()) acceptor_.set_option(asio::ip::v6_only(true), code);
    if (!code) acceptor_.bind(place.value(), code);
    if (!code) acceptor_.listen(asio::socket_base::max_listen_connections, code);
    if (code) return listen_error(at, code);
    const auto bound = acceptor_.local_endpoint(code);
    if (code) return listen_error(at, code);
    wait();
    return endpoint_of(bound);
  }

  void close() {
    each_ = nullptr;
    again_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  // Asks the kernel anew each time, so that this socket comes after all others that are ready by then.
  void wait() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [self = ptr(this)](const error_code& code) {
      if (self->each_) code ? self->wait_for_room() : self->accept_some();
    });
  }

  void accept_some() {
    for (int n = 0; n < accepted_at_once; ++n) {
      error_code code;
      tcp::endpoint from;
      const int made = accept_socket(acceptor_.native_handle(), from, code);
      if (code == asio::error::would_block) break;
      if (is_about_one(code)) continue;
      if (code) return wait_for_room();
      welcome(made, from);
      if (!each_) return;
    }
    wait();
  }

  void welcome(int made, const tcp::endpoint& from) {
    shared_->newest = made;
    tcp::socket socket(shared_->context);
    error_code code;
    hand_over(made, socket, from.protocol(), code);
    if (code) return;
    auto stream = make_tcp_stream(shared_, std::move(socket), from, code);
    // A connection that broke meanwhile is dropped. The copy keeps the function alive, because it may destroy
    // the listener.
    if (stream) (*std::shared_ptr(each_))(std::move(stream));
  }

  void wait_for_room() {
    again_.expires_after(accept_again_after);
    again_.async_wait([self = ptr(this)](const error_code& cancelled) {
      if (!cancelled && self->each_) self->accept_some();
    });
  }

  std::shared_ptr<tcp_shared> shared_;
  std::shared_ptr<transport::accepted> each_;  // null when closed
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

}  // namespace

result<std::unique_ptr<listener>> make_tcp_listener(std::shared_ptr<tcp_shared> shared, const endpoint& at,
                                                    transport::accepted each) {
  const listen_state::ptr state(new listen_state(std::move(shared), std::move(each)));
  const auto bound = state->open(at);
  if (!bound) return bound.error();
  return std::unique_ptr<listener>(std::make_unique<tcp_listener>(state, bound.value()));
}

}  // namespace aemp::net
