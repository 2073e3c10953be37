// For programs with Boost.Asio: asio_host, nodes that run where the program's io_context runs; async_cal, calls with any
// completion token (asio_call.hpp); and asio_stream, a data connection as a stream that works with async_read,
// async_write, Beast, coroutines and futures. These headers alone include a library other than the standard one. Without
// them you need no Boost.
//
//     boost::asio::io_context loop;
//     asio_host host(loop);
//     node me({}, host);
//     …
//     loop.run();                                  // until the node was stopped and nothing else is left to do
//
//     int sum = co_await async_cal<int>(adder, "add", 1, 2, boost::asio::use_awaitable);
//
//     connect_to("store", 10s, "upload", [&](data_connection c) {
//       auto s = std::make_shared<asio_stream>(context.get_executor(), c);
//       boost::asio::async_write(*s, boost::asio::buffer(text), […](auto code, std::size_t) { … });
//     });
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <aemp/aemp.hpp>
#include <aemp/asio_call.hpp>
#include <aemp/polled_host.hpp>

namespace aemp {

// An AsyncReadStream and AsyncWriteStream. It takes over the connection and its callbacks; the connection
// still belongs to its port and ends with it. Completions run on the handler's executor, else on the one
// given here.
//
// Threads: any, but one call at a time. At most one read and one write may be outstanding; a second one
// throws std::logic_error.
//
// Errors: eof when the other side closed the connection; connection_reset when it ended in any other way;
// operation_aborted after close(), when the port has ended, and when the operation is cancelled by the cancellation slot
// of its handler. A cancelled read loses no byte. A cancelled write only does not wait any more: its bytes are sent, and it
// says how many.
//
// Cost: one more copy of the bytes, and a lock for each operation.
class asio_stream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using error_code = boost::system::error_code;

  asio_stream(executor_type executor, data_connection connection)
      : state_(std::make_shared<state>(std::move(executor), std::move(connection))) {
    state_->listen();
  }
  asio_stream(asio_stream&&) noexcept = default;
  asio_stream& operator=(asio_stream&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~asio_stream() {
    if (state_ != nullptr) state_->close(true);
  }

  executor_type get_executor() const noexcept { return state_->executor; }
  std::string node() const { return state_->connection.node(); }

  // Sends what was written, then ends. Outstanding operations are aborted.
  void close() { state_->close(false); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, std::shared_ptr<state> s, const Buffers& to) {
          using op = operation<decltype(handler), Buffers>;
          auto made = std::make_unique<op>(std::move(handler), s->executor, to);
          made->let_cancel([weak = std::weak_ptr(s)] {
            if (const auto alive = weak.lock()) alive->cancel_read();
          });
          s->read(std::move(made));
        },
        token, state_, buffers);
  }

  // Takes up to data_connection::enough bytes, and completes when there is room for more.
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, std::shared_ptr<state> s, const Buffers& from) {
          using op = operation<decltype(handler), Buffers>;
          std::string data(std::min(boost::asio::buffer_size(from), data_connection::enough), '\0');
          boost::asio::buffer_copy(boost::asio::buffer(data), from);
          auto made = std::make_unique<op>(std::move(handler), s->executor, from);
          made->let_cancel([weak = std::weak_ptr(s)] {
            if (const auto alive = weak.lock()) alive->cancel_write();
          });
          s->write(std::move(made), data);
        },
        token, state_, buffers);
  }

 private:
  // An outstanding operation: its handler and its buffers.
  struct pending {
    virtual ~pending() = default;
    virtual std::size_t room() const = 0;
    virtual std::size_t fill(const std::string& from) = 0;
    // Posts the handler to its executor.
    virtual void complete(error_code code, std::size_t n) = 0;
  };

  template <class Handler, class Buffers>
  struct operation final : pending {
    operation(Handler h, const executor_type& fallback, const Buffers& b)
        : handler(std::move(h)), buffers(b), work(boost::asio::get_associated_executor(handler, fallback)) {}

    template <class F>
    void let_cancel(F f) {
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) slot.assign([f](boost::asio::cancellation_type) { f(); });
    }

    std::size_t room() const override { return boost::asio::buffer_size(buffers); }
    std::size_t fill([[maybe_unused]] const std::string& from) override {
      if constexpr (boost::asio::is_mutable_buffer_sequence<Buffers>::value) {
        return boost::asio::buffer_copy(buffers, boost::asio::buffer(from));
      } else {
        return 0;
      }
    }
    void complete(error_code code, std::size_t n) override {
      boost::asio::post(work.get_executor(), [h = std::move(handler), code, n]() mutable {
        auto slot = boost::asio::get_associated_cancellation_slot(h);
        if (slot.is_connected()) slot.clear();
        std::move(h)(code, n);
      });
    }

    using its_executor = boost::asio::associated_executor_t<Handler, executor_type>;
    Handler handler;
    Buffers buffers;
    boost::asio::executor_work_guard<its_executor> work;
  };

  // Shared by the port's worker, which delivers bytes, and the thread that reads.
  struct state : std::enable_shared_from_this<state> {
    state(executor_type e, data_connection c) : executor(std::move(e)), connection(std::move(c)) {}

    // The connection's callbacks hold this. When the library drops them, no more bytes will come.
    struct ear {
      std::weak_ptr<state> to;
      ~ear() {
        if (const auto s = to.lock()) s->end(boost::asio::error::operation_aborted);
      }
    };

    void listen() {
      const auto shared = std::make_shared<ear>();
      shared->to = weak_from_this();
      connection.listen({.data =
                             [shared](std::string_view data) {
                               if (const auto s = shared->to.lock()) s->got(data);
                             },
                         .closed =
                             [shared](const std::string& why) {
                               const auto s = shared->to.lock();
                               if (s == nullptr) return;
                               s->end(why.empty() ? error_code(boost::asio::error::eof)
                                                  : error_code(boost::asio::error::connection_reset));
                             },
                         .drained =
                             [shared] {
                               if (const auto s = shared->to.lock()) s->drained();
                             }});
    }

    void got(std::string_view data) {
      const std::lock_guard lock(mutex);
      if (over) return;
      arrived += data;
      if (reader != nullptr) hand_over(std::exchange(reader, nullptr));
      if (!paused && arrived.size() > data_connection::enough) connection.pause(paused = true);
    }
    void hand_over(std::unique_ptr<pending> op) {
      const std::size_t n = op->fill(arrived);
      arrived.erase(0, n);
      if (paused && arrived.size() < data_connection::enough / 2) connection.pause(paused = false);
      op->complete({}, n);
    }
    void drained() {
      const std::lock_guard lock(mutex);
      if (writer != nullptr) std::exchange(writer, nullptr)->complete({}, std::exchange(written, 0));
    }
    void cancel_read() {
      const std::lock_guard lock(mutex);
      if (reader != nullptr)
        std::exchange(reader, nullptr)->complete(boost::asio::error::operation_aborted, 0);
    }
    void cancel_write() {
      const std::lock_guard lock(mutex);
      if (writer != nullptr)
        std::exchange(writer, nullptr)
            ->complete(boost::asio::error::operation_aborted, std::exchange(written, 0));
    }
    void end(error_code why) {
      const std::lock_guard lock(mutex);
      if (over) return;
      over = why;
      if (reader != nullptr) std::exchange(reader, nullptr)->complete(why, 0);
      if (writer != nullptr) std::exchange(writer, nullptr)->complete(why, 0);
    }
    void close(bool at_once) {
      end(boost::asio::error::operation_aborted);
      if (at_once) {
        connection.abort();
      } else {
        connection.close();
      }
    }

    void read(std::unique_ptr<pending> op) {
      const std::lock_guard lock(mutex);
      if (reader != nullptr) throw std::logic_error("asio_stream: a read is under way already");
      if (!arrived.empty() || op->room() == 0) return hand_over(std::move(op));
      if (over) return op->complete(over, 0);
      reader = std::move(op);
    }
    void write(std::unique_ptr<pending> op, const std::string& data) {
      const std::lock_guard lock(mutex);
      if (writer != nullptr) throw std::logic_error("asio_stream: a write is under way already");
      if (over) {
        return op->complete(
            over == boost::asio::error::eof ? error_code(boost::asio::error::broken_pipe) : over, 0);
      }
      if (connection.write(data)) return op->complete({}, data.size());
      written = data.size();
      writer = std::move(op);
    }

    const executor_type executor;
    data_connection connection;
    std::mutex mutex;
    std::string arrived;
    std::unique_ptr<pending> reader, writer;
    std::size_t written = 0;  // by writer
    error_code over;          // why nothing comes any more
    bool paused = false;
  };

  std::shared_ptr<state> state_;
};

// Nodes that are given this run where the io_context runs, on its thread: polled_host.hpp says what that means. The
// context has work to do as long as one of them has not been stopped. It may be run by one thread only, unless nodes,
// and whatever calls this host, are on one strand. It has to outlive this host.
class asio_host : public polled_host {
 public:
  explicit asio_host(boost::asio::io_context& loop) : state_(std::make_shared<state>(*this, loop)) {}
  // What waits in the loop for this host does nothing any more.
  ~asio_host() override { state_->end(); }

 private:
  struct state : std::enable_shared_from_this<state> {
    state(asio_host& h, boost::asio::io_context& l) : host(&h), loop(l), readable(l), timer(l) {}
    void end() {
      host = nullptr;
      timer.cancel();
      if (readable.is_open()) readable.release();  // the descriptor is the host's
    }

    void go_on_soon() {
      if (std::exchange(is_posted, true)) return;
      boost::asio::post(loop, [self = shared_from_this()] {
        self->is_posted = false;
        self->go_on();
      });
    }

    void go_on() {
      if (host == nullptr) return;
      const bool more = host->run_pending();
      if (host == nullptr) return;  // a handler has destroyed it
      if (!host->has_nodes()) return wait_for_nothing();
      if (more) return go_on_soon();
      wait();
    }

    void wait() {
      const auto next = [self = shared_from_this()](const boost::system::error_code& code) {
        if (!code) self->go_on_soon();
      };
      if (!std::exchange(waits_to_read, true)) {
        if (!readable.is_open()) readable.assign(host->descriptor());
        readable.async_wait(boost::asio::posix::descriptor_base::wait_read,
                            [self = shared_from_this(), next](const boost::system::error_code& code) {
                              self->waits_to_read = false;
                              next(code);
                            });
      }
      const auto until = host->deadline();
      timer.cancel();
      if (!until) return;
      timer.expires_at(*until);
      timer.async_wait(next);
    }

    void wait_for_nothing() {
      timer.cancel();
      if (readable.is_open()) readable.cancel();
    }

    asio_host* host;
    boost::asio::io_context& loop;
    boost::asio::posix::stream_descriptor readable;
    boost::asio::steady_timer timer;
    bool is_posted = false;
    bool waits_to_read = false;
  };

  void has_begun() override { state_->go_on_soon(); }

  std::shared_ptr<state> state_;
};

}  // namespace aemp
