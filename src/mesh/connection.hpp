// One stream, from the greeting to the goodbye: the handshake (wire/session), TLS by certificates or by the
// secret, then packets in the framing of each direction, and heartbeats. It decides nothing about who
// may connect: the owner does, when it is told the peer's name (docs/architecture.md, "One connection per
// pair").
//
// Here the network enters: each event of the stream is the library's (core::worker::enter), and an exception
// in it ends this connection with internal_error, and nothing else.
//
// All of it on the network worker. The owner may close() inside every event, and destroys a connection only
// outside of its events.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <aemp/message.hpp>

#include "core/timer.hpp"
#include "core/worker.hpp"
#include "mesh/certified.hpp"
#include "mesh/data_server.hpp"
#include "mesh/large_queue.hpp"
#include "mesh/message_limits.hpp"
#include "mesh/settings.hpp"
#include "mesh/writer.hpp"
#include "net/transport.hpp"
#include "wire/framing.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

class connection;

class connection_events {
 public:
  // The peer has said who it is; nothing is proven. Last chance for hold().
  virtual void named(connection& c) = 0;
  // Only after hold(): the peer has proven itself. accept() or close() it, now or later.
  virtual void verified(connection& c) = 0;
  // Both sides have proven themselves; send() may be called.
  virtual void ready(connection& c) = 0;
  virtual void packet(connection& c, const wire::destination& to, message&& m) = 0;
  // Memory of messages that are not complete is now so many bytes more, or less.
  virtual void holds(connection& c, std::ptrdiff_t more) = 0;
  // A message that the peer says it will not take, or that is larger on the wire than it looked. It was not
  // sent.
  virtual void refused(connection& c, std::string_view port, const message& m, const error& why) = 0;
  // Another mebibyte waits to be sent, of many.
  virtual void much_queued(connection& c) = 0;
  // After tell_when_drained(): less than drained_below bytes wait to be sent. May come inside that call. Not
  // the moment to close().
  virtual void drained(connection& c) = 0;
  // Once, for whatever reason, close() included; nothing follows.
  virtual void closed(connection& c, const error& why) = 0;

 protected:
  ~connection_events() = default;
};

struct traffic {
  std::uint64_t bytes_in, bytes_out, packets_in, packets_out;
};

// Why a connection exists.
struct origin {
  std::optional<net::endpoint> dialled = {};  // empty: it came in
  std::string wanted = {};                    // the node that was looked for there; empty for a seed
  std::string data_id = {};                   // for this data connection
  std::string through = {};                   // it is a circuit, and this node is in the middle of it
};

class connection final : net::stream_events, wire::packet_sink, writer_events {
 public:
  // Settings and events outlive it. `config` is who we are, on this connection.
  connection(core::worker& worker, const settings& s, wire::session_config config,
             std::unique_ptr<net::stream> stream, origin from, std::uint64_t number,
             connection_events& events);
  ~connection();

  const origin from;
  const std::uint64_t number;  // in the order in which they were made
  const net::endpoint remote;
  const core::time_point began;

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

  // What has arrived counts as heard soon, however little it is (net::stream::look).
  void look() {
    if (stream_ != nullptr) stream_->look();
  }
  core::time_point last_heard() const noexcept { return last_heard_; }
  core::time_point ready_since() const noexcept { return ready_since_; }

  // Keeps our proof back, until accept(). Only then are the peer's packets looked at, too.
  void hold() { session_->hold_auth(); }
  void accept();

  // Port "" is the peer's node port. May close the connection, with send_buffer_full.
  void send(const wire::destination& to, const message& m);
  // What went over it, before encryption; packets without those of the handshake.
  traffic counted() const noexcept { return {bytes_in_, writer_.given(), packets_in_, packets_out_}; }
  const wire::session& session() const noexcept { return *session_; }
  std::size_t queued() const noexcept { return writer_.queued() + behind_large_.bytes(); }
  std::size_t held() const noexcept { return held_; }  // as the last holds() left it

  static constexpr std::size_t drained_below = std::size_t{128} << 10;
  void tell_when_drained();
  // Where queued() is to be written, as of the last write, for who may not ask here. It outlives the
  // connection's readiness.
  void publish_queued(std::atomic<std::size_t>& to) noexcept { published_ = &to; }

  // At once, or, where a handshake failed, after what our side of it has said: by that the peer knows why.
  void close(error why, bool after_last_words = false);
  // Sends what is left, a goodbye where the peer understands it, and closes, without an event.
  void finish();
  // The same, with an event: for a handshake that is not done yet.
  void leave(error why);
  // Of a data connection that is ready: the stream, and the end of this object's life, without an event.
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
  void let_it_be_digested();
  void came_so_far();

  void tick();
  std::optional<core::time_point> handshake_tick();
  std::optional<core::time_point> ready_tick();
  void start_timer(core::time_point due);
  void keep_alive();

  core::worker& worker_;
  const settings& settings_;
  connection_events& events_;
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
  bool paused_ = false;
  bool suspicious_ = false;
  bool peer_takes_less_ = false;  // than what this node sends
  certified_names certified_;
  message_limits peer_limits_;
  std::size_t held_ = 0;              // as events_ was told last
  std::uint64_t digesting_ = 0;       // workers that were given something since the last pause
  std::size_t undigested_ = 0;        // packets handed on since the last pause
  std::size_t undigested_bytes_ = 0;  // and what they were made of
  std::uint64_t bytes_in_ = 0, packets_in_ = 0, packets_out_ = 0;
  core::time_point last_heard_;
  core::time_point ready_since_;
  core::duration speak_every_{0};  // zero: no need to
  core::duration listen_for_{0};   // zero: the peer may be silent
  core::timer timer_;
  std::shared_ptr<connection*> self_;  // for tasks that may come too late
};

}  // namespace aemp::mesh
