// The other ends of R4: many nodes in one thread, of which nothing exists but a connection that has gone
// through the handshake. Whole nodes would need a thread each, and then their threads would be measured.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"
#include "net/asio_loop.hpp"
#include "net/tcp.hpp"
#include "wire/framing.hpp"
#include "wire/hash.hpp"
#include "wire/session.hpp"

namespace bench {

class clients {
 public:
  clients(aemp::net::endpoint to, std::string secret, bool encrypted)
      : to_(std::move(to)),
        secret_(std::move(secret)),
        encrypted_(encrypted),
        transport_(aemp::net::make_tcp_transport(loop_)) {}

  // Until there are so many. A few at a time, as a node takes only so many handshakes at once.
  void connect(std::size_t count) {
    while (all_.size() < count) {
      const std::size_t wanted = std::min(count, all_.size() + 32);
      while (all_.size() < wanted) all_.push_back(std::make_unique<client>(*this, all_.size()));
      run([this] { return ready_ == all_.size(); });
    }
  }

  // Round trips: "ping" to that port, with the client's port and a number, and whatever comes back. Each
  // client has one message in flight.
  void play(const std::string& port, long trips) {
    left_ = trips;
    under_way_ = 0;
    port_ = port;
    for (const auto& c : all_) {
      if (left_ > 0) c->serve();
    }
    run([this] { return under_way_ == 0; });
  }

 private:
  struct client final : aemp::net::stream_events, aemp::wire::packet_sink {
    client(clients& all, std::size_t number)
        : all(all), id("client" + std::to_string(number)), session(all.greeting(id)) {
      dialling = all.transport_->dial(all.to_, [this](auto made) {
        if (!made) return lost(made.error().text);
        stream = std::move(*made);
        stream->start(*this);
        send(session.take_output());
      });
    }

    [[noreturn]] static void lost(const std::string& why) {
      std::fprintf(stderr, "lost: %s\n", why.c_str());
      std::exit(1);
    }

    void send(std::string_view bytes) {
      out += bytes;
      if (!writing && !out.empty()) writing = !stream->write(out);
    }

    void serve() {
      --all.left_;
      ++all.under_way_;
      aemp::wire::out_buffer ping;
      encoder->append(ping, all.port_, aemp::message("ping", id + "#c", 1));
      send(ping.text());
    }

    void shake_hands(std::string_view in) {
      for (;;) {
        const auto step = session.feed(in);
        in.remove_prefix(step.consumed);
        send(session.take_output());
        switch (step.event) {
          case aemp::wire::session_event::none:
            return;
          case aemp::wire::session_event::start_tls_client:
            return stream->start_tls(aemp::net::tls_role::client, {.psk = session.psk()}, in);
          case aemp::wire::session_event::start_tls_server:
            return stream->start_tls(aemp::net::tls_role::server, {.psk = session.psk()}, in);
          case aemp::wire::session_event::failed:
            lost(session.failure().text);
          case aemp::wire::session_event::ready:
            encoder = aemp::wire::make_encoder(session.framing_to_write());
            decoder = aemp::wire::make_decoder(session.framing_to_read());
            ++all.ready_;
            return on_data(in);
          default:
            break;
        }
      }
    }

    void on_data(std::string_view bytes) override {
      if (decoder == nullptr) return shake_hands(bytes);
      in += bytes;
      const auto done = decoder->decode(in, *this);
      if (!done) lost(done.error().text);
      in.erase(0, *done);
    }
    void on_sent() override {
      writing = false;
      send({});
    }
    void on_tls(const aemp::result<void>& done) override {
      if (!done) lost(done.error().text);
      session.tls_ready();
      shake_hands({});
    }
    void on_closed(const std::string& why) override { lost(why); }
    void packet(const aemp::wire::destination& to, aemp::message&&) override {
      if (to.name != "c") return;  // what nodes tell each other
      --all.under_way_;
      if (all.left_ > 0) serve();
    }

    clients& all;
    const std::string id;
    aemp::wire::session session;
    std::unique_ptr<aemp::net::attempt> dialling;
    std::unique_ptr<aemp::net::stream> stream;
    std::unique_ptr<aemp::wire::encoder> encoder;
    std::unique_ptr<aemp::wire::decoder> decoder;
    std::string in, out;
    bool writing = false;
  };

  aemp::wire::session_config greeting(const std::string& id) {
    aemp::wire::session_config c;
    c.node_id = id;
    c.secret = secret_;
    c.psk = encrypted_ ? aemp::wire::psk_wish::required : aemp::wire::psk_wish::none;
    c.peeraddr = to_.str();
    c.framings = {"cbor"};
    std::array<unsigned char, aemp::wire::nonce_bytes> random;
    std::generate(random.begin(), random.end(), [&] { return static_cast<unsigned char>(dice_()); });
    c.nonce = aemp::wire::make_nonce(random);
    return c;
  }

  void run(const std::function<bool()>& done) {
    while (!done()) loop_.wait({});
  }

  const aemp::net::endpoint to_;
  const std::string secret_;
  const bool encrypted_;
  std::random_device dice_;
  aemp::net::asio_loop loop_;
  std::unique_ptr<aemp::net::transport> transport_;
  std::vector<std::unique_ptr<client>> all_;
  std::size_t ready_ = 0;
  std::string port_;
  long left_ = 0;       // trips that have not begun
  long under_way_ = 0;  // trips
};

}  // namespace bench
