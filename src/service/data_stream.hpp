// What a data_connection is a handle to: a stream of the network worker, and a port of any worker that owns
// it and is told. Bytes go from the one to the other as tasks, so they are in order, and callbacks run in the
// port; what is under way in either direction is counted, and too much of it is back-pressure.
//
// It exists before there is a stream: from connect_to() on it belongs to the port, and ends with it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <aemp/data_connection.hpp>

#include "core/local_node.hpp"
#include "mesh/data_server.hpp"

namespace aemp::service {

class data_stream final : public detail::owned, net::stream_events {
 public:
  // `port` on that worker is the owner. `other` is the node at the other end. `own_port`: the port was made
  // for this connection, and ends with it.
  data_stream(detail::local_node& node, std::uint32_t worker, std::uint64_t port, std::string other,
              bool own_port);
  ~data_stream() override;

  const std::string other;

  // ---- any thread ----
  bool write(std::string_view bytes);
  std::size_t unsent() const noexcept { return unsent_.load(std::memory_order_relaxed); }
  void pause(bool paused);
  void close();
  // Changes a callback, on the owner's worker.
  void on_data(std::function<void(std::string_view)> f);
  void on_closed(std::function<void(const std::string&)> f);
  void on_drained(std::function<void()> f);

  // ---- the network worker ----
  void connect(mesh::raw_stream s);
  bool is_flushing() const noexcept { return closing_ && stream_ != nullptr; }
  // Runs in the owning port, unless that is dead.
  template <class F>
  void in_port(F f) {
    post_to(node.worker(worker), owner, std::move(f));
  }
  void taken_back() override;
  void let_go() noexcept;  // the node ends

 private:
  // At once when this is that worker, so that what one thread does stays in order.
  template <class F>
  void at_network(F f);
  template <class F>
  void at_owner(F f);

  void on_data(std::string_view bytes) override;
  void on_sent() override;
  void on_tls(const result<void>&) override {}
  void on_closed(const std::string& why) override;

  template <class F>
  void post_to(core::worker& w, std::uint64_t port, F f) {
    detail::retain(this);
    detail::block* task = detail::make_task([keep = aemp::handle(this), f = std::move(f)]() mutable { f(); });
    task->port = port;
    w.post(task);
  }

  void flush_soon();
  void flush();
  void left();
  void regulate();
  void forget();

  void deliver(std::string_view bytes);
  void deliver_waiting();
  void hand_over(std::string_view bytes);
  void ended();

  const bool own_port_;

  // The network worker's.
  std::unique_ptr<net::stream> stream_;
  std::string out_;
  std::size_t in_flight_ = 0;
  bool writing_ = false;
  bool flushes_soon_ = false;
  bool closing_ = false;
  bool paused_ = false;   // by the user
  bool stopped_ = false;  // the stream does not read

  // The owner's.
  std::shared_ptr<const std::function<void(std::string_view)>> data_;
  std::function<void(const std::string&)> closed_;
  std::shared_ptr<const std::function<void()>> drained_;
  std::string waiting_;  // for a handler

  std::atomic<std::size_t> unsent_{0};
  std::atomic<bool> full_{false};            // on_drained() is owed
  std::atomic<std::size_t> undelivered_{0};  // on the way to the port, or waiting there
};

}  // namespace aemp::service
