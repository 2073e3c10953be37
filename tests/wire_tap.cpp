#include "tests/wire_tap.hpp"

#include <array>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "net/endpoint.hpp"

namespace aemp::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct tape {
  void add(std::string_view bytes) {
    const std::lock_guard lock(mutex);
    text += bytes;
  }
  std::mutex mutex;
  std::string text;
};

using edits_of_both = std::array<wire_tap::edit, 2>;  // of the client, of the server

// Two connections that look like one. A direction is named by the side from which it comes.
class couple : public std::enable_shared_from_this<couple> {
 public:
  couple(tcp::socket client, tcp::socket server, edits_of_both edits, tape& copy)
      : sides_{std::move(client), std::move(server)}, edits_(std::move(edits)), copy_(copy) {}

  void forward(std::size_t from) {
    sides_[from].async_read_some(
        asio::buffer(buffers_[from]), [from, self = shared_from_this()](error_code code, std::size_t size) {
          error_code ignored;
          if (code) return void(self->sides_[1 - from].shutdown(tcp::socket::shutdown_send, ignored));
          self->pass_on(from, {self->buffers_[from].data(), size});
        });
  }

 private:
  void pass_on(std::size_t from, std::string_view bytes) {
    std::string& out = outs_[from];
    out += bytes;
    if (edits_[from]) {
      const std::size_t end = out.find('\n');
      if (end == std::string::npos) return forward(from);
      out = std::exchange(edits_[from], {})(out.substr(0, end)) + out.substr(end);
    }
    copy_.add(out);
    asio::async_write(sides_[1 - from], asio::buffer(out),
                      [from, self = shared_from_this()](error_code code, std::size_t) {
                        self->outs_[from].clear();
                        if (!code) self->forward(from);
                      });
  }

  std::array<tcp::socket, 2> sides_;
  edits_of_both edits_;
  tape& copy_;
  std::array<std::array<char, 16 * 1024>, 2> buffers_;
  std::array<std::string, 2> outs_;
};

}  // namespace

struct wire_tap::parts {
  parts(const std::string& to, edits_of_both change) : edits(std::move(change)) {
    const net::endpoint place = net::endpoint::parse(to).value();
    server = {asio::ip::make_address(place.host), place.port};
    accept();
    thread = std::thread([this] { context.run(); });
  }
  ~parts() {
    context.stop();
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](error_code code, tcp::socket client) {
      tcp::socket other(context);
      if (!code) other.connect(server, code);
      if (!code) {
        const auto made = std::make_shared<couple>(std::move(client), std::move(other), edits, copy);
        made->forward(0);
        made->forward(1);
      }
      accept();
    });
  }

  tape copy;
  const edits_of_both edits;
  asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  tcp::endpoint server;
  std::thread thread;
};

wire_tap::wire_tap(const std::string& to, edit of_client, edit of_server)
    : it_(std::make_unique<parts>(to, edits_of_both{std::move(of_client), std::move(of_server)})) {}

wire_tap::~wire_tap() = default;

std::string wire_tap::endpoint() const {
  return "127.0.0.1:" + std::to_string(it_->acceptor.local_endpoint().port());
}

std::string wire_tap::recorded() const {
  const std::lock_guard lock(it_->copy.mutex);
  return it_->copy.text;
}

}  // namespace aemp::testing
