// The writing half of a TCP connection, its end, and the handle. Writes go to the kernel directly; only what
// the kernel does not take waits until asio says that there is room again.
#include "net/tcp_stream.hpp"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "net/net_error.hpp"

namespace aemp::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// How long the last words of finish() may take.
constexpr auto last_word_limit = std::chrono::seconds(1);
// How much unsent data the kernel may hold. No message can overtake what is in the kernel, and without a
// limit the kernel takes megabytes. With this much it does not run dry before we give it more.
using most_unsent = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
constexpr int usual_unsent = 128 * 1024;
// A write by reference of this size means that there is nothing else to send. Then the kernel may hold more,
// so that sender and receiver wait for each other less often.
constexpr std::size_t large_write = 512 * 1024;
constexpr int unsent_of_large = 2 * 1024 * 1024;
// A buffer of this size is freed when it turns out not to be needed.
constexpr std::size_t worth_freeing = 64 * 1024;

}  // namespace

std::size_t tcp_shared::room() const {
  rlimit limit{};
  const auto taken = static_cast<rlim_t>(newest) + 1;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= taken) return 0;
  return static_cast<std::size_t>(limit.rlim_cur - taken);
}

tcp_connection::tcp_connection(std::shared_ptr<tcp_shared> shared, socket connected, endpoint here,
                               endpoint there)
    : local(std::move(here)),
      remote(std::move(there)),
      shared_(std::move(shared)),
      socket_(std::move(connected)) {
  // A socket that is dead already refuses these options; the first read tells why.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  limit_unsent(0);
}

void tcp_connection::limit_unsent(std::size_t pieces) {
  const int limit = pieces < large_write ? usual_unsent : unsent_of_large;
  if (limit == unsent_limit_) return;
  unsent_limit_ = limit;
  error_code ignored;
  socket_.set_option(most_unsent(limit), ignored);
}

void tcp_connection::give_up_after(core::duration silence) {
  if (events_ == nullptr) return;
  silence_ = std::make_unique<watched_silence>(shared_->context, socket_.native_handle(), silence);
  look_for_silence();
}

void tcp_connection::look_for_silence() {
  silence_->next.expires_after(silence_->watch.interval());
  silence_->next.async_wait([self = ptr(this)](const error_code& cancelled) {
    if (cancelled || self->silence_ == nullptr) return;
    if (!self->silence_->watch.is_over(core::time_point::clock::now())) return self->look_for_silence();
    self->silence_.reset();
    self->sending_failed(closing_text(asio::error::timed_out));
  });
}

bool tcp_connection::write(std::string& bytes) {
  if (!tls_) {
    limit_unsent(0);
    return send(bytes, true);
  }
  std::string& sealed = shared_->sealed;
  sealed.clear();
  const auto done = tls_->seal(bytes, sealed);
  bytes.clear();
  if (!done) {
    sending_failed(done.error().text);
    return false;
  }
  const bool all = send(sealed, true);
  constexpr std::size_t worth_keeping = std::size_t{1} << 20;
  if (sealed.capacity() > worth_keeping) std::string().swap(sealed);
  return all;
}

bool tcp_connection::write_pieces(std::span<const std::string_view> pieces) {
  notify_ = true;
  pieces_.clear();
  piece_ = 0;
  for (const std::string_view piece : pieces) pieces_.push_back(asio::buffer(piece));
  if (tls_) return seal_pieces();
  limit_unsent(asio::buffer_size(pieces_));
  return send_pieces();
}

// Encrypts in small steps, each after the kernel has taken the one before, so that the encrypted data is
// little and stays in the CPU's cache. True: the kernel has everything.
bool tcp_connection::seal_pieces() {
  std::string& sealed = shared_->sealed;
  while (piece_ != pieces_.size()) {
    constexpr std::size_t bit = 64 * 1024;
    sealed.clear();
    for (; piece_ != pieces_.size() && sealed.size() < bit; piece_ += pieces_[piece_].size() == 0) {
      asio::const_buffer& first = pieces_[piece_];
      const std::size_t size = std::min(first.size(), bit);
      if (const auto done = tls_->seal({static_cast<const char*>(first.data()), size}, sealed); !done) {
        sending_failed(done.error().text);
        return false;
      }
      first += size;
    }
    if (!send(sealed, true)) return false;
  }
  forget_pieces();
  notify_ = false;
  return true;
}

// True: the kernel has everything.
bool tcp_connection::send_pieces() {
  while (piece_ != pieces_.size()) {
    error_code code;
    std::size_t size = socket_.send(std::span(pieces_).subspan(piece_), 0, code);
    if (code == asio::error::would_block) {
      sending_ = true;
      socket_.async_wait(socket::wait_write, [self = ptr(this)](const error_code& c) { self->on_room(c); });
      return false;
    }
    if (code) {
      sending_failed(closing_text(code));
      return false;
    }
    for (; size != 0; ++piece_) {
      asio::const_buffer& first = pieces_[piece_];
      const std::size_t taken = std::min(size, first.size());
      first += taken;
      size -= taken;
      if (first.size() != 0) break;
    }
  }
  forget_pieces();
  notify_ = false;
  return true;
}

void tcp_connection::forget_pieces() {
  pieces_.clear();
  piece_ = 0;
}

void tcp_connection::on_room(const error_code& code) {
  sending_ = false;
  if (events_ == nullptr && !finishing_) return;
  if (code) return sending_failed(closing_text(code));
  if (pieces_.empty()) return continue_sending();
  if (!send_pieces()) return;
  notify_ = true;
  sent_all();
}

// Copies the pieces, because their owner goes.
std::string tcp_connection::take_pieces() {
  std::string rest;
  for (; piece_ != pieces_.size(); ++piece_) {
    rest.append(static_cast<const char*>(pieces_[piece_].data()), pieces_[piece_].size());
  }
  forget_pieces();
  return rest;
}

// Leaves `bytes` empty. What TLS itself sends needs no on_sent().
bool tcp_connection::send(std::string& bytes, bool notify) {
  notify_ = notify_ || notify;
  if (sending_) {
    next_ += bytes;
    bytes.clear();
    return false;
  }
  error_code code;
  const std::size_t size = bytes.empty() ? 0 : socket_.send(asio::buffer(bytes), 0, code);
  if (size == bytes.size()) {
    bytes.clear();
    notify_ = false;
    if (out_.capacity() > worth_freeing) std::string().swap(out_);
    return true;
  }
  if (code && code != asio::error::would_block) {
    bytes.clear();
    sending_failed(closing_text(code));
    return false;
  }
  out_.swap(bytes);
  bytes.clear();
  sent_ = size;
  continue_sending();
  return false;
}

void tcp_connection::continue_sending() {
  sending_ = true;
  const auto rest = asio::buffer(out_) + sent_;
  socket_.async_write_some(
      rest, [self = ptr(this)](const error_code& code, std::size_t size) { self->on_written(code, size); });
}

void tcp_connection::on_written(const error_code& code, std::size_t size) {
  sending_ = false;
  if (events_ == nullptr && !finishing_) return;
  if (code) return sending_failed(closing_text(code));
  sent_ += size;
  if (sent_ < out_.size()) return continue_sending();
  out_.clear();
  sent_ = 0;
  sent_all();
}

// The kernel has the first write; there may be more.
void tcp_connection::sent_all() {
  if (!next_.empty()) {
    out_.swap(next_);
    return continue_sending();
  }
  if (tls_ && !pieces_.empty()) {
    if (!seal_pieces()) return;
    notify_ = true;
  }
  on_all_written();
}

void tcp_connection::on_all_written() {
  if (finishing_) {
    // Not close(): if there are bytes from the peer that were not read, the kernel would discard our last
    // words.
    error_code ignored;
    socket_.shutdown(socket::shutdown_send, ignored);
  } else if (std::exchange(notify_, false)) {
    events_->on_sent();
  }
}

// The peer's last words may still wait to be read, so the reader reports that the connection broke.
void tcp_connection::sending_failed(std::string why) {
  if (finishing_) return close();
  if (failure_.empty()) failure_ = std::move(why);
  next_.clear();
  forget_pieces();
  error_code ignored;
  socket_.shutdown(socket::shutdown_both, ignored);
  if (!paused_) return;
  asio::post(shared_->context, [self = ptr(this)] {
    if (self->events_ != nullptr) self->end(self->failure_);
  });
}

std::size_t tcp_connection::unconfirmed() const {
  int bytes = 0;
  auto& kernel = const_cast<socket&>(socket_);
  return ::ioctl(kernel.native_handle(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes)
                                                                             : 0;
}

void tcp_connection::finish(std::string bytes) {
  if (tls_) {
    const std::string rest = take_pieces() + bytes;
    std::string sealed;
    if (tls_->ready() && events_ != nullptr) {
      if (tls_->seal(rest, sealed)) tls_->close(sealed);
    }
    bytes = std::move(sealed);
  }
  linger(bytes);
  events_ = nullptr;
}

// The owner hears nothing of what follows. This sends the rest, announces the end, and waits until the peer
// closes, too, or the time limit has passed.
void tcp_connection::linger(std::string& bytes) {
  if (finishing_ || !socket_.is_open()) return;
  finishing_ = true;
  notify_ = false;
  lingers_at_ = shared_->lingering.insert(shared_->lingering.end(), this);
  if (!tls_) out_ += take_pieces();
  if (send(bytes, false)) on_all_written();
  if (!socket_.is_open()) return;
  deadline_ = std::make_unique<asio::steady_timer>(shared_->context, last_word_limit);
  deadline_->async_wait([self = ptr(this)](const error_code& code) {
    if (!code) self->close();
  });
  if (!reading_ && !taking_) start_reading();
  // File descriptors may be few, and connections with last words must not keep them from others.
  if (shared_->lingering.size() > shared_->room()) shared_->lingering.front()->close();
}

void tcp_connection::abandon() {
  events_ = nullptr;
  if (!finishing_) close();
}

void tcp_connection::close() {
  if (std::exchange(finishing_, false)) shared_->lingering.erase(lingers_at_);
  if (deadline_) deadline_->cancel();
  silence_.reset();
  error_code ignored;
  socket_.close(ignored);
}

namespace {

class tcp_stream final : public stream {
 public:
  explicit tcp_stream(tcp_connection::ptr connection) : it_(std::move(connection)) {}
  ~tcp_stream() override { it_->abandon(); }

  void start(stream_events& events) override { it_->start(events); }
  void redirect(stream_events& events) override { it_->redirect(events); }
  bool write(std::string& bytes) override { return it_->write(bytes); }
  bool write_pieces(std::span<const std::string_view> pieces) override { return it_->write_pieces(pieces); }
  void start_tls(tls_role role, const tls_settings& settings, std::string_view received) override {
    it_->start_tls(role, settings, received);
  }
  std::vector<std::string> certified_names() const override { return it_->certified_names(); }
  void pause(bool paused) override { it_->pause(paused); }
  void look() override { it_->look(); }
  void give_up_after(core::duration silence) override { it_->give_up_after(silence); }
  std::size_t unconfirmed() const override { return it_->unconfirmed(); }
  void finish(std::string bytes) override { it_->finish(std::move(bytes)); }
  endpoint local() const override { return it_->local; }
  endpoint remote() const override { return it_->remote; }

 private:
  tcp_connection::ptr it_;
};

}  // namespace

std::unique_ptr<stream> make_tcp_stream(std::shared_ptr<tcp_shared> shared, tcp_connection::socket connected,
                                        const asio::ip::tcp::endpoint& with, error_code& code) {
  const auto here = connected.local_endpoint(code);
  if (code) return nullptr;
  return std::make_unique<tcp_stream>(
      new tcp_connection(std::move(shared), std::move(connected), endpoint_of(here), endpoint_of(with)));
}

result<asio::ip::tcp::endpoint> asio_endpoint(const endpoint& place) {
  error_code code;
  const auto address = asio::ip::make_address(place.host, code);
  if (code)
    return aemp::error{"address_not_available",
                       "'" + place.host + "' is no numeric address; resolve it first"};
  return asio::ip::tcp::endpoint(address, place.port);
}

endpoint endpoint_of(const asio::ip::tcp::endpoint& place) {
  return {place.address().to_string(), place.port()};
}

}  // namespace aemp::net
