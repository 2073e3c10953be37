// What a data_connection is a handle to. It connects a stream, which belongs to the network worker, with a
// port of any worker, which owns it. Bytes go between them as tasks, so they stay in order, and callbacks run
// in the port. What is under way in either direction is counted; too much of it causes back-pressure.
//
// Between nodes of this library the bytes are in frames (data_frames.hpp, docs/protocol.md). So each side can
// say that it has sent everything, whether it has got everything, and that it is alive. A Perl node sends
// bare bytes.
//
// A data_stream exists before its net::stream: from connect_to() on it belongs to the port, and ends with it.
// The network worker's half is data_stream.cpp, the port's is data_stream_port.cpp.
//
// Here the network enters: it runs inside core::worker::enter, and an exception ends only this connection,
// with internal_error.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <aemp/data_connection.hpp>

#include "core/local_node.hpp"
#include "core/node_use.hpp"
#include "core/own_timer.hpp"
#include "mesh/data_server.hpp"
#include "service/data_frames.hpp"

namespace aemp::service {

class data_hub;

// Bytes that one other node has sent on all its data connections, or when it announced them, and that wait
// for ports. Any thread.
struct data_account {
  explicit data_account(std::size_t most) : most(most) {}
  bool is_full() const noexcept { return bytes.load(std::memory_order_relaxed) >= most; }

  const std::size_t most;
  std::atomic<std::size_t> bytes{0};
};

class data_stream final : public detail::owned, net::stream_events {
 public:
  // The owner is `port` on that worker; `other` is the node at the other end. `own_port`: the port was made
  // for this connection, and ends with it.
  data_stream(detail::local_node& node, std::uint32_t worker, std::uint64_t port, std::string other,
              bool own_port, std::shared_ptr<data_account> account);
  ~data_stream() override;

  const std::string other;
  bool is_theirs() const noexcept { return own_port_; }  // the other side opened it

  // ---- any thread ----
  bool write(std::string_view bytes);
  std::size_t unsent() const noexcept { return unsent_.load(std::memory_order_relaxed); }
  void pause(bool paused);
  void close(std::function<void(const std::string&)> done);
  // Change callbacks, on the owner's worker.
  void on_data(std::function<void(std::string_view)> f);
  void on_closed(std::function<void(const std::string&)> f);
  void on_drained(std::function<void()> f);
  void listen(data_callbacks f);

  // ---- the network worker ----
  void connect(mesh::raw_stream s);
  // Runs f in the owning port, unless that is dead.
  template <class F>
  void in_port(F f) {
    post_to(node.worker(worker), owner, std::move(f));
  }
  void taken_back() override;
  void let_go() noexcept;  // the node ends

 private:
  // Runs f at once if this is that worker, so that what one thread does stays in order.
  template <class F>
  void at_network(F f) {
    const core::node_use use(home);
    if (!use || node.is_shut_down()) return;
    if (node.here() == &node.network_worker()) return enter(f);
    post_to(node.network_worker(), 0, [this, f = std::move(f)]() mutable { enter(f); });
  }
  template <class F>
  void at_owner(F f) {
    const core::node_use use(home);
    if (!use || node.is_shut_down()) return;
    if (node.here() == &node.worker(worker)) return f();
    post_to(node.worker(worker), 0, std::move(f));
  }
  template <class F>
  void enter(F&& f) noexcept {
    detail::retain(this);
    const aemp::handle keep(this);
    core::worker& w = node.network_worker();
    if (w.enter("a data connection", f)) return;
    (void)w.enter("a data connection", [this] { failed(); });
  }
  template <class F>
  void post_to(core::worker& w, std::uint64_t port, F f) {
    detail::retain(this);
    detail::block* task = detail::make_task([keep = aemp::handle(this), f = std::move(f)]() mutable { f(); });
    task->port = port;
    w.post(task);
  }

  // ---- the network's half ----
  void on_data(std::string_view bytes) override;
  void on_sent() override;
  void on_tls(const result<void>&) override {}
  void on_closed(const std::string& why) override;

  void received(std::string_view bytes);
  void got(std::string_view bytes);
  void got_piece(const data_frame_reader::piece& p);
  void regulate();

  void flush_soon();
  void flush();
  void left();

  void begin_to_close(std::function<void(const std::string&)> done);
  void all_written();
  void their_end();
  void answer(data_frame_writer& to) const;
  void answered(const std::string& why);
  void broke(const std::string& why);
  void failed();
  void end_taken();
  void closed(const std::string& why);
  void abort(std::string_view why);
  void goodbye(std::string last);
  void forget();
  void forget_bytes() noexcept;

  void tick();
  void start_tick(core::time_point due);
  bool is_silent(core::time_point now, core::time_point& next);
  void look_for_listener();
  data_hub& hub() const;
  core::time_point now() const;

  // ---- the port's half ----
  void deliver(std::string_view bytes);
  void deliver_waiting();
  void hand_over(std::string_view bytes);
  void go_on();
  void end_came(std::string why);
  void pass_end();
  bool may_pass_end() const;
  bool is_deaf() const noexcept { return over.load(std::memory_order_acquire) && !passed_; }
  void set_data(std::function<void(std::string_view)> f);
  void set_drained(std::function<void()> f);
  void ended();

  const bool own_port_;
  const bool local_;  // to this node itself
  const std::shared_ptr<data_account> account_;

  // The network worker's.
  std::unique_ptr<net::stream> stream_;
  data_frame_writer out_;
  data_frame_reader reader_;
  std::size_t in_flight_ = 0;  // of the users' bytes
  bool framed_ = false;
  bool writing_ = false;
  bool flushes_soon_ = false;
  bool closing_ = false;
  bool gone_ = false;       // there is no stream any more
  bool forgotten_ = false;  // forget() was called
  bool their_end_ = false;
  bool missed_ = false;   // bytes came that nobody took
  bool paused_ = false;   // by the user
  bool stopped_ = false;  // the stream does not read
  bool suspicious_ = false;
  core::duration speak_every_{0}, listen_for_{0};
  core::time_point last_said_, last_heard_;
  std::size_t unconfirmed_ = 0;                        // when we close a stream without frames
  std::function<void(const std::string&)> done_ = {};  // of close()
  core::own_timer tick_, look_again_;

  // The owner's.
  std::shared_ptr<const std::function<void(std::string_view)>> data_;
  std::function<void(const std::string&)> closed_;
  std::shared_ptr<const std::function<void()>> drained_;
  std::string waiting_;             // bytes that wait for a handler
  std::optional<std::string> end_;  // why the stream ended; comes after the bytes that wait
  bool held_back_ = false;          // there was a callback for bytes, and it was removed
  bool passed_ = false;             // the end came while there was no closed_

  std::atomic<std::size_t> unsent_{0};
  std::atomic<bool> full_{false};            // on_drained() is owed
  std::atomic<std::size_t> undelivered_{0};  // on the way to the port, or waiting there
  std::atomic<bool> crowded_{false};         // reads again when none of these bytes wait any more
};

}  // namespace aemp::service
