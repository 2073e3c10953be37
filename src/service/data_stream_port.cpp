// The half of a data connection that belongs to its port: callbacks, what waits for them, and the end, which
// comes after all bytes and only when somebody listens.
#include "service/data_hub.hpp"
#include "service/data_stream.hpp"

namespace aemp::service {

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
  constexpr std::size_t enough = data_connection::enough;
  const std::size_t before = undelivered_.fetch_sub(bytes.size());
  const std::size_t now = before - bytes.size();
  account_->bytes -= bytes.size();
  if ((before >= enough && now < enough) || (now == 0 && crowded_.exchange(false)))
    at_network([this] { regulate(); });
  const auto f = data_;  // the callback may replace itself
  (*f)(bytes);
}

void data_stream::go_on() {
  deliver_waiting();
  pass_end();
}

// ---- the end ----

void data_stream::end_came(std::string why) {
  end_ = std::move(why);
  pass_end();
}

// The end comes after the bytes. Bytes that nobody has ever wanted do not delay it.
bool data_stream::may_pass_end() const {
  if (!waiting_.empty()) return closed_ != nullptr && data_ == nullptr && !held_back_;
  // References that are not the user's: the hub's, the port's, and that of the task that runs this.
  constexpr std::uint32_t own_references = 3;
  return closed_ != nullptr || data_ != nullptr || refs.load(std::memory_order_acquire) <= own_references;
}

void data_stream::pass_end() {
  if (!end_) return;
  if (passed_ && closed_) return std::exchange(closed_, nullptr)(*end_);
  if (over.load(std::memory_order_acquire) || !may_pass_end() || !finish()) return;
  const auto f = std::exchange(closed_, nullptr);
  passed_ = f == nullptr;
  at_network([this] { end_taken(); });
  if (f) f(*end_);
}

void data_stream::ended() {
  data_ = nullptr;
  drained_ = nullptr;
  closed_ = nullptr;
  waiting_ = {};
  forget_bytes();
  if (owner_hook.linked()) {
    owner_hook.unlink();
    detail::release(this);
  }
  if (own_port_) node.worker(worker).ports().end(owner, {});
}

// ---- callbacks ----

void data_stream::set_data(std::function<void(std::string_view)> f) {
  held_back_ = f == nullptr && (held_back_ || data_ != nullptr);
  data_ = f ? std::make_shared<const std::function<void(std::string_view)>>(std::move(f)) : nullptr;
}

void data_stream::set_drained(std::function<void()> f) {
  drained_ = f ? std::make_shared<const std::function<void()>>(std::move(f)) : nullptr;
}

void data_stream::on_data(std::function<void(std::string_view)> f) {
  at_owner([this, f = std::move(f)]() mutable {
    if (over.load(std::memory_order_acquire)) return;
    set_data(std::move(f));
    if (!waiting_.empty() || end_) in_port([this] { go_on(); });
  });
}

void data_stream::on_closed(std::function<void(const std::string&)> f) {
  at_owner([this, f = std::move(f)]() mutable {
    if (is_deaf()) return;
    closed_ = std::move(f);
    if (end_) in_port([this] { go_on(); });
  });
}

void data_stream::on_drained(std::function<void()> f) {
  at_owner([this, f = std::move(f)]() mutable {
    if (!over.load(std::memory_order_acquire)) set_drained(std::move(f));
  });
}

void data_stream::listen(data_callbacks f) {
  at_owner([this, f = std::move(f)]() mutable {
    if (is_deaf()) return;
    if (!passed_) {
      set_data(std::move(f.data));
      set_drained(std::move(f.drained));
    }
    closed_ = std::move(f.closed);
    if (!waiting_.empty() || end_) in_port([this] { go_on(); });
  });
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
void data_connection::listen(data_callbacks f) { stream_of(stream_).listen(std::move(f)); }
bool data_connection::write(std::string_view bytes) { return stream_of(stream_).write(bytes); }
std::size_t data_connection::unsent() const noexcept { return stream_of(stream_).unsent(); }
void data_connection::on_drained(std::function<void()> f) { stream_of(stream_).on_drained(std::move(f)); }
void data_connection::pause(bool paused) { stream_of(stream_).pause(paused); }
void data_connection::close(std::function<void(const std::string&)> f) {
  stream_of(stream_).close(std::move(f));
}

}  // namespace aemp
