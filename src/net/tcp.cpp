// Dialling and names. As with streams, the owner holds a handle; what asio works on is reference-counted and
// lives until its last operation is done.
#include "net/tcp.hpp"

#include <unistd.h>

#include <climits>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/net_error.hpp"
#include "net/resolver.hpp"
#include "net/tcp_listener.hpp"
#include "net/tcp_socket.hpp"
#include "net/tcp_stream.hpp"

namespace aemp::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class dial_state : public boost::intrusive_ref_counter<dial_state, boost::thread_unsafe_counter> {
 public:
  using ptr = boost::intrusive_ptr<dial_state>;

  dial_state(std::shared_ptr<tcp_shared> shared, endpoint to, transport::dialled done)
      : shared_(std::move(shared)), to_(std::move(to)), done_(std::move(done)), socket_(shared_->context) {}

  void start() {
    const auto place = asio_endpoint(to_);
    if (!place) return tell_later(place.error());
    error_code code;
    open_socket(socket_, place->protocol(), code);
    if (code) return tell_later(dial_error(to_, code));
    shared_->newest = socket_.native_handle();
    socket_.async_connect(place.value(),
                          [self = ptr(this)](const error_code& code) { self->on_connected(code); });
  }

  void give_up() {
    done_ = nullptr;
    close();
  }

 private:
  void on_connected(error_code code) {
    if (!done_) return;
    std::unique_ptr<stream> made;
    tcp::endpoint there;
    if (!code) there = socket_.remote_endpoint(code);
    if (!code) made = make_tcp_stream(shared_, std::move(socket_), there, code);
    // The kernel may give an outgoing connection the very port that it dials, and then connects it with
    // itself.
    if (made && made->local() == made->remote()) {
      made.reset();
      code = asio::error::connection_refused;
    }
    if (made) return tell(std::move(made));
    // Close now: the owner may keep the attempt for long, and descriptors are scarce.
    close();
    tell(dial_error(to_, code));
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  void tell_later(aemp::error why) {
    asio::post(shared_->context, [self = ptr(this), why = std::move(why)] { self->tell(why); });
  }

  void tell(result<std::unique_ptr<stream>> outcome) {
    if (const auto call = std::exchange(done_, nullptr)) call(std::move(outcome));
  }

  std::shared_ptr<tcp_shared> shared_;
  endpoint to_;
  transport::dialled done_;  // empty: called already, or nobody wants to know
  tcp::socket socket_;
};

class dial_attempt final : public attempt {
 public:
  explicit dial_attempt(dial_state::ptr state) : it_(std::move(state)) {}
  ~dial_attempt() override { it_->give_up(); }

 private:
  dial_state::ptr it_;
};

class tcp_transport final : public transport {
 public:
  explicit tcp_transport(asio_loop& loop)
      : shared_(std::make_shared<tcp_shared>(loop.context())),
        resolver_(loop.context(), [&loop] { loop.posted(); }) {}

  std::unique_ptr<attempt> dial(const endpoint& to, dialled done) override {
    const dial_state::ptr state(new dial_state(shared_, to, std::move(done)));
    state->start();
    return std::make_unique<dial_attempt>(state);
  }

  result<std::unique_ptr<listener>> listen(const endpoint& at, accepted each) override {
    return make_tcp_listener(shared_, at, std::move(each));
  }

  std::size_t room() override { return shared_->room(); }
  std::size_t finishing() override { return shared_->lingering.size(); }

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
