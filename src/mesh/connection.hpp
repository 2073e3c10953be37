// One stream, from the greeting to the goodbye: the handshake (wire/session), TLS by certificates or by the
// secret, then packets in the framing of each direction, and heartbeats (liveness.hpp). Its owner decides who
// may connect, when it is told the peer's name (docs/architecture.md, "One connection per pair").
//
// The network enters the library here. Each event of the stream runs in core::worker::enter: an exception ends
// this connection with internal_error, and nothing else.
//
// Belongs to the network worker. The owner may close() the connection inside every event. It destroys the
// connection only outside of its events.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <aemp/message.hpp>

#include "core/worker.hpp"
#include "mesh/certified.hpp"
#include "mesh/data_server.hpp"
#include "mesh/large_queue.hpp"
#include "mesh/liveness.hpp"
#include "mesh/message_limits.hpp"
#include "mesh/settings.hpp"
#include "mesh/writer.hpp"
#include "net/transport.hpp"
#include "wire/framing.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

class connection;

// Decides who may connect.
class connection_owner {
 public:
  // The peer has said who it is; nothing is proven. Last chance for hold().
  virtual void named(connection& c) = 0;
  // Only after hold(): the peer has proven itself. accept() or close() it, now or later.
  virtual void verified(connection& c) = 0;
  // Both sides have proven themselves; send() may be called.
  virtual void ready(connection& c) = 0;
  // Once, for whatever reason, close() included; nothing follows.
  virtual void closed(connection& c, const error& why) = 0;

 protected:
  ~connection_owner() = default;
};

// Takes what comes on a connection that is up, and hears how much of it there is.
class traffic_events {
 public:
  virtual void packet(connection& c, const wire::destination& to, message&& m) = 0;
  // The memory that is held for messages that are not complete is so many bytes more, or less.
  virtual void holds(connection& c, std::ptrdiff_t more) = 0;
  // A message was not sent: the peer says that it takes none so large or deep, or it is larger on the wire than
  // it looked.
  virtual void refused(connection& c, std::string_view port, const message& m, const error& why) = 0;
  // Another mebibyte waits to be sent, of many.
  virtual void much_queued(connection& c) = 0;
  // After tell_when_drained(): less than drained_below bytes wait to be sent. May come inside that call. Not
  // the moment to close().
  virtual void drained(connection& c) = 0;

 protected:
  ~traffic_events() = default;
};

struct traffic {
  std::uint64_t bytes_in, bytes_out, packets_in, packets_out;
};

// Why a connection exists.
struct origin {
  std::optional<net::endpoint> dialled = {};  // empty: it came in
  std::string wanted = {};                    // the node that was looked for there; empty for a seed
  std::string data_id = {};                   // the data connection that it is for, or empty
  std::string through = {};                   // the node in the middle, if it is a circuit
};

class connection final : net::stream_events, wire::packet_sink, writer_events, liveness_owner {
 public:
  // The references outlive it. `config` says who this node is on this connection.
  connection(core::worker& worker, const settings& s, wire::session_config config,
             std::unique_ptr<net::stream> stream, origin from, std::uint64_t number, connection_owner& owner,
             traffic_events& events);
  ~connection();

  const origin from;
  const std::uint64_t number;  // in the order in which they were made
  const net::endpoint remote;

  void start();

  bool is_named() const noexcept { return named_; }
  bool is_ready() const noexcept { return ready_; }
  bool is_closed() const noexcept { return stream_ == nullptr; }
  const certified_names& certified() const { return certified_; }
  const std::string& peer_id() const { return session_->peer().node_id; }  // once named
  const wire::greeting& peer() const { return session_->peer(); }
  // Whether it is to become a data connection, and which one. Known once named.
  bool is_data() const { return !from.data_id.empty() || (named_ && peer().protocol == data_protocol); }
  std::string data_id() const;
  std::string describe() const;  // for logs: "10.0.0.2:4040, cbor out, json in, hmac_sha3_512, in the clear"

  // Reads now what has arrived, however little it is (net::stream::look), so that it counts as heard.
  void look() override {
    if (stream_ != nullptr) stream_->look();
  }
  core::time_point began() const noexcept { return liveness_.began(); }
  core::time_point last_heard() const noexcept { return liveness_.last_heard(); }
  core::time_point ready_since() const noexcept { return ready_since_; }

  // Keeps this node's proof back until accept(). The peer's packets are not read before that, either.
  void hold() { session_->hold_auth(); }
  void accept(std::uint64_t acceptance);  // wire::session::send_auth

  // Port "" is the peer's node port. May close the connection, with send_buffer_full.
  void send(const wire::destination& to, const message& m);
  // What went over it, before encryption. The handshake counts in bytes, but not in packets.
  traffic counted() const noexcept { return {bytes_in_, writer_.given(), packets_in_, packets_out_}; }
  const wire::session& session() const noexcept { return *session_; }
  std::size_t queued() const noexcept { return writer_.queued() + behind_large_.bytes(); }
  std::size_t held() const noexcept { return held_; }  // the sum of what holds() was told

  static constexpr std::size_t drained_below = std::size_t{128} << 10;
  void tell_when_drained();
  // Writes queued() there after each write, for threads that may not call it. `to` lives as long as the
  // connection is up.
  void publish_queued(std::atomic<std::size_t>& to) noexcept { published_ = &to; }

  // At once. After a failed handshake, `after_last_words` lets this node's last line leave first: it tells the
  // peer why.
  void close(error why, bool after_last_words = false);
  // Sends what is left, a goodbye where the peer understands it, and closes, without an event.
  void finish();
  // The same, with an event: for a handshake that is not done yet.
  void leave(error why);
  // Hands out the stream of a data connection that is ready. The connection is closed then, without an event.
  raw_stream release();

 private:
  void on_data(std::string_view bytes) override;
  std::span<char> place() override;
  void on_placed(std::size_t bytes) override;
  void on_sent() override;
  void on_tls(const result<void>& done) override;
  void on_closed(const std::string& why) override;
  void packet(const wire::destination& to, message&& m) override;
  void on_left() override;
  void on_parts_left() override;

  template <class F>
  void enter(F&& f) noexcept;
  void received(std::string_view bytes);
  void sent();
  void tls_done(const result<void>& done);
  void broke(const std::string& why);
  std::string last_words();

  void trace_sent(std::string_view port, const message& m) const;
  void send_past_large(const wire::destination& to, const message& m);
  void take_large(std::string_view port, const message& m);
  void close_when_full();
  void take(std::string_view bytes);
  std::string_view shake_hands(std::string_view in);
  std::string_view advance(std::string_view in);
  void begin_tls(net::tls_role role, std::string_view rest);
  void become_ready();
  void heard(std::size_t bytes);
  void take_packets(std::string_view in);
  void log_note();
  bool stays_open(const result<void>& decoded);
  bool has_enough_to_do() const noexcept;
  void wait_until_handled();
  void count_arrivals();

  void handshake_timed_out() override;
  void fell_silent(core::duration silence) override;
  bool is_writing() const override { return writer_.writing(); }
  core::time_point last_write() const override { return writer_.last_write(); }
  void send_heartbeat() override;

  core::worker& worker_;
  const settings& settings_;
  connection_owner& owner_;
  traffic_events& events_;
  std::unique_ptr<wire::session> session_;
  std::unique_ptr<net::stream> stream_;
  writer writer_;
  std::unique_ptr<wire::encoder> encoder_;
  wire::large_values large_;  // of the message that is being encoded
  large_queue behind_large_;
  std::atomic<std::size_t>* published_ = nullptr;
  bool drain_awaited_ = false;
  std::unique_ptr<wire::decoder> decoder_;
  std::string received_;  // the beginning of a packet, or what waits for TLS or for accept()
  std::optional<net::tls_role> tls_to_begin_;
  bool named_ = false;
  bool shaking_ = false;   // the session is being fed
  bool accepted_ = false;  // by the owner
  bool waiting_ = false;   // for the owner: the peer has proven itself
  bool ready_ = false;
  bool peer_takes_less_ = false;  // than what this node sends
  certified_names certified_;
  message_limits peer_limits_;
  std::size_t held_ = 0;                // as events_ was told last
  std::uint64_t handling_workers_ = 0;  // a bit for each worker that was given something
  std::size_t unhandled_packets_ = 0;   // handed on since the last pause
  std::size_t unhandled_bytes_ = 0;     // that these were made of
  std::uint64_t bytes_in_ = 0, packets_in_ = 0, packets_out_ = 0;
  core::time_point ready_since_;
  liveness liveness_;
  std::shared_ptr<connection*> self_;  // for tasks that may outlive it
};

}  // namespace aemp::mesh
