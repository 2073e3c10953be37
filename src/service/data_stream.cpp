#include "service/data_stream.hpp"

#include "core/node_use.hpp"
#include "net/net_error.hpp"
#include "service/data_hub.hpp"

namespace aemp::service {

namespace {
constexpr std::size_t enough = data_connection::enough;
}

data_stream::data_stream(detail::local_node& node, std::uint32_t worker, std::uint64_t port,
                         std::string other, bool own_port)
    : owned(kind::stream, node, worker, port, {}), other(std::move(other)), own_port_(own_port) {}

data_stream::~data_stream() = default;

template <class F>
void data_stream::at_network(F f) {
  const core::node_use use(home);
  if (!use || node.is_shut_down()) return;
  if (node.here() == &node.network_worker()) return f();
  post_to(node.network_worker(), 0, std::move(f));
}

template <class F>
void data_stream::at_owner(F f) {
  const core::node_use use(home);
  if (!use || node.is_shut_down()) return;
  if (node.here() == &node.worker(worker)) return f();
  post_to(node.worker(worker), 0, std::move(f));
}

void data_stream::connect(mesh::raw_stream s) {
  stream_ = std::move(s.stream);
  writing_ = s.writing;
  unsent_ += s.unsent.size();
  out_ = std::move(s.unsent) + out_;
  stream_->redirect(*this);
  if (!s.received.empty()) on_data(s.received);
  regulate();
  flush();
}

// ---- sending ----

bool data_stream::write(std::string_view bytes) {
  if (bytes.empty()) return unsent() <= enough;
  const bool room = unsent_.fetch_add(bytes.size()) + bytes.size() <= enough;
  if (!room) full_ = true;
  at_network([this, copy = std::string(bytes)] {
    if (closing_ || (stream_ == nullptr && over.load(std::memory_order_acquire))) {
      unsent_ -= copy.size();
      return;
    }
    out_ += copy;
    if (out_.size() >= enough) {
      flush();
    } else {
      flush_soon();
    }
  });
  return room;
}

// What is written in one turn leaves together.
void data_stream::flush_soon() {
  if (std::exchange(flushes_soon_, true)) return;
  post_to(node.network_worker(), 0, [this] {
    flushes_soon_ = false;
    flush();
  });
}

void data_stream::flush() {
  if (stream_ == nullptr || writing_ || out_.empty()) return;
  in_flight_ = out_.size();
  writing_ = !stream_->write(out_);
  if (!writing_) left();
}

void data_stream::on_sent() {
  writing_ = false;
  left();
}

// What was in flight is with the kernel.
void data_stream::left() {
  const std::size_t n = std::exchange(in_flight_, 0);
  const std::size_t now = unsent_.fetch_sub(n) - n;
  if (now < enough / 2 && full_.exchange(false)) {
    if (unsent() >= enough / 2) full_ = true;  // written to meanwhile: the next time
    in_port([this] {
      if (over.load(std::memory_order_acquire)) return;
      if (const auto f = drained_) (*f)();
    });
  }
  if (!out_.empty()) return flush_soon();
  if (!closing_) return;
  stream_->finish({});
  forget();
}

void data_stream::close() {
  if (!finish()) return;
  at_network([this] {
    closing_ = true;
    if (stream_ == nullptr) return forget();
    stream_->pause(stopped_ = false);  // what arrives is thrown away, or the other side could wait for ever
    flush();
    if (stream_ != nullptr && !writing_ && out_.empty()) {
      stream_->finish({});
      forget();
    }
  });
}

// ---- receiving ----

void data_stream::on_data(std::string_view bytes) {
  if (over.load(std::memory_order_acquire)) return;
  undelivered_ += bytes.size();
  in_port([this, copy = std::string(bytes)] { deliver(copy); });
  regulate();
}

void data_stream::regulate() {
  const bool stop = !closing_ && (paused_ || undelivered_.load() >= enough);
  if (stream_ != nullptr && stop != stopped_) stream_->pause(stopped_ = stop);
}

void data_stream::pause(bool paused) {
  at_network([this, paused] {
    paused_ = paused;
    regulate();
  });
}

void data_stream::deliver(std::string_view bytes) {
  if (over.load(std::memory_order_acquire)) return;
  if (data_ != nullptr && waiting_.empty()) return hand_over(bytes);
  waiting_ += bytes;
  deliver_waiting();
}

void data_stream::deliver_waiting() {
  while (data_ != nullptr && !waiting_.empty() && !over.load(std::memory_order_acquire)) {
    hand_over(std::exchange(waiting_, {}));
  }
}

void data_stream::hand_over(std::string_view bytes) {
  const std::size_t before = undelivered_.fetch_sub(bytes.size());
  if (before >= enough && before - bytes.size() < enough) at_network([this] { regulate(); });
  const auto f = data_;  // it may be replaced by what it does
  (*f)(bytes);
}

void data_stream::on_data(std::function<void(std::string_view)> f) {
  at_owner([this, f = std::move(f)]() mutable {
    data_ = f ? std::make_shared<const std::function<void(std::string_view)>>(std::move(f)) : nullptr;
    if (data_ != nullptr && !waiting_.empty()) in_port([this] { deliver_waiting(); });
  });
}

void data_stream::on_closed(std::function<void(const std::string&)> f) {
  at_owner([this, f = std::move(f)]() mutable { closed_ = std::move(f); });
}

void data_stream::on_drained(std::function<void()> f) {
  at_owner([this, f = std::move(f)]() mutable {
    drained_ = f ? std::make_shared<const std::function<void()>>(std::move(f)) : nullptr;
  });
}

// ---- the end ----

void data_stream::on_closed(const std::string& why) {
  stream_.reset();
  in_port([this, why = why == net::end_of_file ? std::string() : why] {
    if (!finish()) return;
    if (closed_) closed_(why);
  });
  forget();
}

// Cancelled, or the port has ended.
void data_stream::taken_back() {
  stream_.reset();
  forget();
}

// There is nothing more to come.
void data_stream::forget() {
  stream_.reset();
  detail::retain(this);
  const aemp::handle keep(this);
  node.extension<data_hub>().gone(*this);
  // Behind what is on its way to the port.
  post_to(node.worker(worker), 0, [this] {
    ended();
    at_network([this] { node.extension<data_hub>().release(*this); });
  });
}

// Callbacks may hold the connection itself.
void data_stream::let_go() noexcept {
  stream_.reset();
  data_ = nullptr;
  drained_ = nullptr;
  closed_ = nullptr;
}

void data_stream::ended() {
  data_ = nullptr;
  drained_ = nullptr;
  closed_ = nullptr;
  if (owner_hook.linked()) {
    owner_hook.unlink();
    detail::release(this);
  }
  if (own_port_) node.worker(worker).end_port(owner, {});
}

}  // namespace aemp::service

namespace aemp {
namespace {
service::data_stream& stream_of(detail::owned* o) { return *static_cast<service::data_stream*>(o); }
}  // namespace

std::string data_connection::node() const { return stream_of(stream_).other; }
void data_connection::on_data(std::function<void(std::string_view)> f) {
  stream_of(stream_).on_data(std::move(f));
}
void data_connection::on_closed(std::function<void(const std::string&)> f) {
  stream_of(stream_).on_closed(std::move(f));
}
bool data_connection::write(std::string_view bytes) { return stream_of(stream_).write(bytes); }
std::size_t data_connection::unsent() const noexcept { return stream_of(stream_).unsent(); }
void data_connection::on_drained(std::function<void()> f) { stream_of(stream_).on_drained(std::move(f)); }
void data_connection::pause(bool paused) { stream_of(stream_).pause(paused); }
void data_connection::close() { stream_of(stream_).close(); }

}  // namespace aemp
