// R1 with Boost.Asio, whose reactor is epoll here: what a program with an event loop can reach.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>

#include "bench/partner.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// A side of the game: reads a ball, asks what to do, sends it back.
struct player {
  // One thread and nobody else who posts, so Asio needs no locks at all; its manual has this hint for that.
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  tcp::socket socket{context};
  std::array<char, 64> ball = {};
  std::function<bool()> on_ball = [] { return true; };

  void serve() {
    asio::async_write(socket, asio::buffer(ball), [this](const boost::system::error_code& e, std::size_t) {
      if (!e) receive();
    });
  }
  void receive() {
    asio::async_read(socket, asio::buffer(ball), [this](const boost::system::error_code& e, std::size_t) {
      if (!e && on_ball()) serve();
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  const long rounds = bench::count_of(argc, argv, 50'000), warm_up = rounds / 10;
  bench::partner other([&](auto say) {
    player ponger;
    tcp::acceptor acceptor(ponger.context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    say(std::to_string(acceptor.local_endpoint().port()));
    acceptor.accept(ponger.socket);
    ponger.socket.set_option(tcp::no_delay(true));
    ponger.receive();
    ponger.context.run();
  });

  bench::stopwatch watch(other.process());
  bench::round_trips trips(rounds);
  player pinger;
  const auto port = static_cast<unsigned short>(std::stoi(other.said()));
  pinger.socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  pinger.socket.set_option(tcp::no_delay(true));
  pinger.on_ball = [&, n = -warm_up]() mutable {
    if (n == 0) watch.start();
    if (n > 0) trips.end();
    if (n++ == rounds) return false;
    trips.begin();
    return true;
  };
  pinger.serve();
  pinger.context.run();
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}
