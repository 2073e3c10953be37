// The reading half of a TCP connection. The owner may be gone after any call into it, so the code looks at
// events_ again after each call; the handler that it runs in keeps the connection itself alive.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "net/net_error.hpp"
#include "net/tcp_stream.hpp"

namespace aemp::net {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

char* tcp_shared::reading() {
  if (!read_buffer) read_buffer = std::make_unique_for_overwrite<char[]>(read_size);
  return read_buffer.get();
}

char* tcp_shared::decrypting() {
  if (!plain_buffer) plain_buffer = std::make_unique_for_overwrite<char[]>(read_size + tls_session::spare);
  return plain_buffer.get();
}

result<std::shared_ptr<const tls_context>> tcp_shared::context_for(const tls_settings& settings) {
  const std::string name = settings.psk.empty() ? settings.pem : "psk";
  const auto known = tls_contexts.find(name);
  if (known != tls_contexts.end()) return known->second;
  auto made = tls_context::make(settings);
  if (made) tls_contexts.emplace(name, made.value());
  return made;
}

void tcp_connection::start(stream_events& events) {
  events_ = &events;
  start_reading();
}

// After the last event, a new owner is told nothing, either.
void tcp_connection::redirect(stream_events& events) {
  if (events_ != nullptr) events_ = &events;
}

// TLS has to decrypt first, so nothing is read into a place of the owner.
std::span<char> tcp_connection::place() {
  return events_ != nullptr && tls_ == nullptr ? events_->place() : std::span<char>();
}

// Sets how much must be there before the kernel wakes us. It wakes us for less when it has no room for more.
void tcp_connection::wake_at(std::size_t bytes) {
  if (wakes_at_ == static_cast<int>(bytes)) return;
  wakes_at_ = static_cast<int>(bytes);
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::receive_low_watermark(wakes_at_), ignored);
}

void tcp_connection::look() {
  if (reading_) wake_at(1);
}

// If the owner offers a place, this only waits until the kernel has enough to fill it: the place may be gone
// by then. Waking up for less would cost more than a copy.
void tcp_connection::start_reading() {
  reading_ = true;
  const std::size_t wanted = place().size();
  wake_at(std::clamp<std::size_t>(wanted, 1, most_awaited));
  if (wanted != 0) {
    return socket_.async_wait(socket::wait_read, [self = ptr(this)](const boost::system::error_code& code) {
      self->on_read(code, 0);
    });
  }
  socket_.async_read_some(asio::buffer(small_),
                          [self = ptr(this)](const boost::system::error_code& code, std::size_t size) {
                            self->on_read(code, size);
                          });
}

void tcp_connection::pause(bool paused) {
  paused_ = paused;
  if (paused || taking_ || reading_ || events_ == nullptr) return;
  resume_reading();
}

void tcp_connection::resume_reading() {
  if (held_ == 0) return start_reading();
  reading_ = true;
  asio::post(shared_->context, [self = ptr(this)] { self->on_read({}, std::exchange(self->held_, 0)); });
}

// An attacker in the middle can end a connection, but cannot send close_notify.
std::string tcp_connection::why_ended(const boost::system::error_code& code) const {
  if (!failure_.empty()) return failure_;
  const bool cut = code == asio::error::eof && tls_ != nullptr && tls_->ready();
  return cut ? end_without_notify : closing_text(code);
}

void tcp_connection::on_read(const boost::system::error_code& code, std::size_t size) {
  reading_ = false;
  if (events_ == nullptr && !finishing_) return;
  if (code) return end(why_ended(code));
  if (!reads()) {
    held_ = size;
    return;
  }
  take(size);
}

// small_ has `size` bytes. If it is full, or if nothing has been read yet, there is probably more, which is
// read at once.
void tcp_connection::take(std::size_t size) {
  taking_ = true;
  boost::system::error_code code;
  if (size != 0 && size < small_size) {
    deliver({small_.data(), size});
  } else {
    const auto end = clock::now() + longest_take;
    for (int fills = 0; fills < max_fills && read_more(size, code) && clock::now() < end; ++fills) size = 0;
  }
  taking_ = false;
  if (!socket_.is_open()) return;
  if (code && code != asio::error::would_block) return end(why_ended(code));
  if (reads() && !reading_) resume_reading();
}

// Reads more and delivers it, after `size` bytes from small_. False: there is probably no more, or nobody
// wants it.
bool tcp_connection::read_more(std::size_t size, boost::system::error_code& code) {
  if (size != 0 && std::exchange(after_place_, false)) return deliver({small_.data(), size});
  if (const std::span<char> straight = size == 0 ? place() : std::span<char>(); !straight.empty())
    return read_into(straight, code);
  char* const buffer = shared_->reading();
  std::memcpy(buffer, small_.data(), size);
  const std::size_t room = portion_ - size;
  const std::size_t more = socket_.receive(asio::buffer(buffer + size, room), 0, code);
  size += more;
  if (size != 0 && !deliver_portion({buffer, size})) return false;
  return !code && more == room;
}

bool tcp_connection::read_into(std::span<char> place, boost::system::error_code& code) {
  const std::array<asio::mutable_buffer, 2> both{asio::buffer(place.data(), place.size()),
                                                 asio::buffer(small_)};
  const std::size_t size = socket_.receive(both, 0, code);
  if (size == 0) return false;
  after_place_ = true;
  events_->on_placed(std::min(size, place.size()));
  if (size <= place.size()) return false;
  const std::size_t behind = size - place.size();
  if (!reads()) {
    held_ = behind;
    return false;
  }
  return deliver({small_.data(), behind}) && behind == small_size;
}

// A byte of one peer can cost a hundred times what a byte of another does. A portion is what longest_take was
// enough for the last time, so that others wait about as long for either peer.
bool tcp_connection::deliver_portion(std::string_view bytes) {
  const auto begin = clock::now();
  const bool goes_on = deliver(bytes);
  const auto took = std::max<clock::duration>(clock::now() - begin, std::chrono::microseconds(1));
  const std::size_t enough = bytes.size() *
                             static_cast<std::size_t>(longest_take / std::chrono::nanoseconds(1)) /
                             static_cast<std::size_t>(took / std::chrono::nanoseconds(1));
  portion_ = std::clamp(enough, 2 * small_size, std::min(2 * portion_, tcp_shared::read_size));
  return goes_on;
}

// False: stop, since the owner wants no more or is gone.
bool tcp_connection::deliver(std::string_view bytes) {
  if (finishing_) return true;
  if (tls_received_) begin_tls();
  if (events_ == nullptr) return finishing_;
  if (tls_) {
    feed_tls(bytes);
  } else {
    events_->on_data(bytes);
  }
  return reads();
}

void tcp_connection::start_tls(tls_role role, const tls_settings& settings, std::string_view received) {
  if (events_ == nullptr) return;
  const auto context = shared_->context_for(settings);
  if (!context) {
    paused_ = true;  // what comes now is not for the owner
    asio::post(shared_->context, [self = ptr(this), why = context.error()] {
      if (self->events_ == nullptr) return;
      self->close();
      self->tls_failed(why);
    });
    return;
  }
  tls_ = std::make_unique<tls_session>(context.value(), role, settings.psk);
  tls_received_ = std::make_unique<std::string>(received);
  asio::post(shared_->context, [self = ptr(this)] {
    if (self->tls_received_) self->begin_tls();
  });
}

// Feeds what start_tls() was given, even if that is nothing, because a client has to begin.
void tcp_connection::begin_tls() {
  const auto received = std::move(tls_received_);
  if (events_ == nullptr) return;
  std::string_view bytes = *received;
  do {
    const std::string_view piece = bytes.substr(0, tcp_shared::read_size);
    bytes.remove_prefix(piece.size());
    feed_tls(piece);
  } while (events_ != nullptr && !bytes.empty());
}

void tcp_connection::feed_tls(std::string_view bytes) {
  const bool was_ready = tls_->ready();
  std::string answer;
  char* const plain = shared_->decrypting();
  const auto filled = tls_->feed(bytes, {plain, tcp_shared::read_size + tls_session::spare}, answer);
  if (!filled && !was_ready) {
    linger(answer);
    return tls_failed(filled.error());
  }
  if (!answer.empty()) send(answer, false);
  if (!filled) return end(filled.error().text);
  if (!was_ready && tls_->ready()) events_->on_tls({});
  if (events_ != nullptr && filled.value() != 0) events_->on_data({plain, filled.value()});
  if (events_ != nullptr && tls_->ended()) end(end_of_file);
}

void tcp_connection::tls_failed(const aemp::error& why) {
  if (stream_events* const events = std::exchange(events_, nullptr)) events->on_tls(why);
}

// on_closed() is the last event.
void tcp_connection::end(const std::string& why) {
  stream_events* const events = std::exchange(events_, nullptr);
  close();
  if (events != nullptr) events->on_closed(why);
}

}  // namespace aemp::net
