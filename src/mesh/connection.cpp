// Any call into the owner may close the connection, so the code checks is_closed() after each.
#include "mesh/connection.hpp"

#include <algorithm>
#include <utility>

#include "core/local_node.hpp"
#include "core/trace.hpp"
#include "mesh/encryption.hpp"
#include "mesh/goodbye.hpp"
#include "mesh/heartbeat.hpp"

namespace aemp::mesh {
namespace {

// After this much, a connection reads nothing until the workers have caught up.
constexpr std::size_t packets_at_once = 1024;
constexpr std::size_t bytes_at_once = std::size_t{1} << 20;
// The next incomplete packet may reuse a buffer of up to twice this size.
constexpr std::size_t spare_memory = std::size_t{1} << 20;
// Less than this, an incomplete packet's memory is not counted.
constexpr std::size_t little = std::size_t{64} << 10;
// Each time this much more waits to be sent, the sum over all connections is checked.
constexpr std::size_t worth_telling = std::size_t{1} << 20;

constexpr std::string_view what_came = "what a connection received";

// Out of line, because it is rare and each event of the stream would contain a copy.
[[gnu::noinline]] void close_after_exception(core::worker& worker, connection& c) noexcept {
  (void)worker.enter(what_came, [&] { c.close(internal_error()); });
}

}  // namespace

connection::connection(core::worker& worker, const settings& s, wire::session_config config,
                       std::unique_ptr<net::stream> stream, aemp::mesh::origin why, std::uint64_t count,
                       connection_owner& owner, traffic_events& events)
    : from(std::move(why)),
      number(count),
      remote(stream->remote()),
      worker_(worker),
      settings_(s),
      owner_(owner),
      events_(events),
      session_(std::make_unique<wire::session>(std::move(config))),
      stream_(std::move(stream)),
      writer_(worker, *stream_, std::min(s.limits.max_queued, worth_telling), *this),
      liveness_(worker, s, *this),
      self_(std::make_shared<connection*>(this)) {}

connection::~connection() { writer_.stop(); }

void connection::start() {
  stream_->start(*this);
  writer_.buffer() += session_->take_output();
  (void)writer_.appended();
  liveness_.start();
}

std::string connection::describe() const {
  std::string text = remote.str();
  if (!from.through.empty()) text = "through node " + from.through + " at " + text;
  if (!ready_) return text;
  text += ", " + session_->framing_to_write() + " out, " + session_->framing_to_read() + " in, ";
  text.append(to_text(session_->own_auth()));
  const wire::encryption how = session_->encryption();
  if (how == wire::encryption::none) return text + ", in the clear";
  return text +
         (how == wire::encryption::secret ? ", encrypted by the secret" : ", encrypted by certificates");
}

std::string connection::data_id() const {
  return from.data_id.empty() ? std::string(peer().key(data_key).value_or("")) : from.data_id;
}

// ---- the stream's events ----

template <class F>
void connection::enter(F&& f) noexcept {
  if (!worker_.enter(what_came, f)) [[unlikely]]
    close_after_exception(worker_, *this);
}

void connection::on_data(std::string_view bytes) {
  enter([&] { received(bytes); });
}
void connection::on_sent() {
  enter([this] { sent(); });
}
void connection::on_tls(const result<void>& done) {
  enter([&] { tls_done(done); });
}
void connection::on_closed(const std::string& why) {
  enter([&] { broke(why); });
}

void connection::heard(std::size_t bytes) {
  liveness_.heard(worker_.now());
  bytes_in_ += bytes;
}

void connection::received(std::string_view bytes) {
  heard(bytes.size());
  if (tls_to_begin_ || waiting_) {
    received_ += bytes;
    return;
  }
  take(bytes);
}

void connection::take(std::string_view bytes) {
  if (!ready_) bytes = shake_hands(bytes);
  if (ready_ && !is_closed() && !bytes.empty()) take_packets(bytes);
}

void connection::sent() {
  writer_.sent();
  if (!tls_to_begin_ || writer_.writing()) return;
  const std::string rest = std::exchange(received_, {});
  stream_->pause(false);
  stream_->start_tls(*std::exchange(tls_to_begin_, {}), tls_settings_for(*session_, settings_), rest);
}

void connection::tls_done(const result<void>& done) {
  if (!done) return close(session_->tls_failed(done.error()));
  certified_ = stream_->certified_names();
  if (const auto good = check_node_name(certified_, peer_id(), "its certificate"); !good)
    return close(good.error());
  session_->tls_ready();
  (void)shake_hands({});
}

void connection::broke(const std::string& why) {
  if (ready_) return close({"connection_lost", why});
  if (!named_)
    return close(
        {"handshake_broken", "the peer closed the connection before it said who it is (" + why + ")"});
  close({"handshake_broken", "node " + peer_id() + " closed the connection during the handshake (" + why +
                                 "); its log says why"});
}

// ---- the timer's questions ----

void connection::handshake_timed_out() {
  close({"handshake_timeout", (named_ ? "node " + peer_id() : std::string("the peer")) +
                                  " did not finish the handshake in time (" +
                                  in_seconds(settings_.monitor_timeout) + " s without a word, or too slow)"});
}

void connection::fell_silent(core::duration silence) {
  close({"heartbeat_lost", "nothing came from node " + peer_id() + " for " + in_seconds(silence) + " s"});
}

void connection::send_heartbeat() {
  if (writer_.queued() == 0) send({}, message());
}

// ---- handshake ----

void connection::accept(std::uint64_t acceptance) {
  accepted_ = true;
  session_->send_auth(acceptance);
  if (shaking_ || tls_to_begin_) return;
  const std::string rest = std::exchange(received_, {});
  if (std::exchange(waiting_, false)) stream_->pause(false);
  take(rest);
}

std::string_view connection::shake_hands(std::string_view in) {
  shaking_ = true;
  in = advance(in);
  shaking_ = false;
  return in;
}

std::string_view connection::advance(std::string_view in) {
  for (;;) {
    const wire::session_step step = session_->feed(in);
    in.remove_prefix(step.consumed);
    writer_.buffer() += session_->take_output();
    (void)writer_.appended();
    switch (step.event) {
      case wire::session_event::none:
        return {};
      case wire::session_event::peer_named:
        named_ = true;
        owner_.named(*this);
        break;
      case wire::session_event::start_tls_client:
        begin_tls(net::tls_role::client, in);
        return {};
      case wire::session_event::start_tls_server:
        begin_tls(net::tls_role::server, in);
        return {};
      case wire::session_event::verified:
        owner_.verified(*this);
        if (is_closed() || accepted_) break;
        waiting_ = true;
        received_ = in;
        stream_->pause(true);
        return {};
      case wire::session_event::ready:
        if (is_data()) received_ = in;
        become_ready();
        return is_closed() ? std::string_view() : in;
      case wire::session_event::failed:
        close(session_->failure(), true);
        return {};
    }
    if (is_closed()) return {};
  }
}

// TLS may begin only after our greeting has been sent.
void connection::begin_tls(net::tls_role role, std::string_view rest) {
  writer_.flush();
  if (!writer_.writing()) return stream_->start_tls(role, tls_settings_for(*session_, settings_), rest);
  tls_to_begin_ = role;
  received_ = rest;
  stream_->pause(true);
}

void connection::become_ready() {
  session_->forget_handshake();
  ready_ = true;
  ready_since_ = worker_.now();
  const auto announced = announced_silence(session_->peer());
  if (is_data() || !announced) stream_->give_up_after(settings_.monitor_timeout);
  if (is_data()) return owner_.ready(*this);
  encoder_ = wire::make_encoder(session_->framing_to_write());
  const std::string& reads = session_->framing_to_read();
  decoder_ = wire::make_decoder(reads, decoder_limits(settings_.limits, reads));
  peer_limits_ = limits_in(session_->peer());
  peer_takes_less_ = !peer_limits_.is_within(settings_.limits);
  owner_.ready(*this);
  if (!is_closed()) liveness_.begin_heartbeats(announced);
}

// ---- packets ----

void connection::take_packets(std::string_view in) {
  const std::size_t before = received_.size();
  unhandled_bytes_ += in.size();
  if (before != 0) in = received_.append(in);
  const result<std::size_t> done = decoder_->decode(in, *this);
  log_note();
  if (!stays_open(done ? result<void>() : done.error())) return;
  if (before == 0) {
    received_.assign(in.substr(*done));
  } else {
    received_.erase(0, *done);
  }
  if (received_.size() < spare_memory && received_.capacity() > 2 * spare_memory) received_.shrink_to_fit();
  count_arrivals();
  if (!is_closed() && (unhandled_packets_ >= packets_at_once || has_enough_to_do())) wait_until_handled();
}

void connection::log_note() {
  const std::string note = decoder_->take_note();
  if (!note.empty()) [[unlikely]]
    worker_.node().report(2, "framings of node " + peer_id(),
                          [&] { return "node " + peer_id() + ": " + note; });
}

bool connection::has_enough_to_do() const noexcept {
  return unhandled_bytes_ >= bytes_at_once || worker_.node().is_short_of_memory();
}

std::span<char> connection::place() {
  return decoder_ != nullptr && received_.empty() ? decoder_->place() : std::span<char>();
}

void connection::on_placed(std::size_t bytes) {
  enter([&] {
    heard(bytes);
    unhandled_bytes_ += bytes;
    if (!stays_open(decoder_->placed(bytes, *this))) return;
    count_arrivals();
    if (!is_closed() && has_enough_to_do()) wait_until_handled();
  });
}

// Notes which workers have complete messages to handle, and how much memory an incomplete one takes.
void connection::count_arrivals() {
  handling_workers_ |= worker_.node().take_delivered_to();
  const std::size_t now = received_.capacity() + decoder_->held();
  if (now == held_ || (now < little && held_ < little)) return;
  const auto more = static_cast<std::ptrdiff_t>(now) - static_cast<std::ptrdiff_t>(held_);
  held_ = now;
  events_.holds(*this, more);
}

// A message that the decoder handed on may have closed the connection.
bool connection::stays_open(const result<void>& decoded) {
  if (is_closed()) return false;
  if (decoded) return true;
  close({decoded.error().name,
         decoded.error().text + "; the connection is closed, because what follows cannot be read"});
  return false;
}

void connection::packet(const wire::destination& to, message&& m) {
  if (is_closed()) return;  // an earlier packet has closed it
  ++unhandled_packets_;
  ++packets_in_;
  events_.packet(*this, to, std::move(m));
}

// Back-pressure: nothing is read until all workers have handled what they were given. So TCP slows down a
// peer that sends faster than the slowest worker can handle, and such a peer costs no memory.
void connection::wait_until_handled() {
  unhandled_packets_ = unhandled_bytes_ = 0;
  if (liveness_.is_paused()) return;
  liveness_.pause();
  stream_->pause(true);
  worker_.node().when_handled(std::exchange(handling_workers_, 0), [self = std::weak_ptr(self_)] {
    const auto alive = self.lock();
    if (alive == nullptr || (*alive)->is_closed()) return;
    connection& c = **alive;
    c.liveness_.resume(c.worker_.now());
    c.stream_->pause(false);
  });
}

void connection::send(const wire::destination& to, const message& m) {
  if (is_closed()) return;
  if (core::is_tracing()) [[unlikely]]
    trace_sent(to.name, m);
  if (peer_takes_less_) [[unlikely]] {
    if (const result<void> fits = check(peer_limits_, m); !fits)
      return events_.refused(*this, to.name, m, fits.error());
  }
  ++packets_out_;
  if (behind_large_.busy()) [[unlikely]]
    return send_past_large(to, m);
  encoder_->append(writer_.buffer(), to, m, &large_);
  if (!large_.empty()) [[unlikely]]
    take_large(to.name, m);
  if (!writer_.appended() || behind_large_.busy()) [[unlikely]]
    close_when_full();
}

void connection::trace_sent(std::string_view port, const message& m) const {
  if (!m.empty()) core::trace("SND", peer_id() + (port.empty() ? "" : "#") + std::string(port), m);
}

// A message that may overtake a large one is small enough to be sent whole.
void connection::send_past_large(const wire::destination& to, const message& m) {
  if (behind_large_.must_wait(to.name, m)) {
    behind_large_.add(to.name, m);
    on_left();
  } else {
    encoder_->append(writer_.buffer(), to, m);
    (void)writer_.appended();
  }
  close_when_full();
}

void connection::close_when_full() {
  if (queued() <= settings_.limits.max_queued) {
    if (queued() <= writer_.limit()) return;
    writer_.set_limit(std::min(settings_.limits.max_queued, queued() + worth_telling));
    return events_.much_queued(*this);
  }
  close({"send_buffer_full", std::to_string(queued()) + " bytes wait for node " + peer_id() +
                                 ", which does not read them; send less, or wait for when_drained()"});
}

void connection::take_large(std::string_view port, const message& m) {
  if (!encoder_->has_parts()) return writer_.splice(large_);
  behind_large_.begin(port, m);
  writer_.add_parts(large_);
}

void connection::on_parts_left() {
  behind_large_.end();
  while (!behind_large_.busy() && !behind_large_.empty()) {
    const large_queue::packet next = behind_large_.pop();
    encoder_->append(writer_.buffer(), next.port, next.content, &large_);
    if (!large_.empty()) take_large(next.port, next.content);
  }
}

void connection::on_left() {
  const std::size_t now = queued();
  if (published_ != nullptr) published_->store(now, std::memory_order_relaxed);
  if (now < worth_telling / 2 && writer_.limit() > worth_telling) writer_.set_limit(worth_telling);
  if (!drain_awaited_ || now >= drained_below) return;
  drain_awaited_ = false;
  events_.drained(*this);
}

void connection::tell_when_drained() {
  drain_awaited_ = true;
  on_left();
}

// ---- the end ----

void connection::close(error why, bool after_last_words) {
  if (is_closed()) return;
  liveness_.stop();
  if (after_last_words) stream_->finish(writer_.rest());
  writer_.stop();
  stream_.reset();  // received_ stays: a decoder further down the stack may still read it
  owner_.closed(*this, why);
}

raw_stream connection::release() {
  liveness_.stop();
  writer_.flush();
  raw_stream s;
  s.writing = writer_.writing();
  s.unsent = writer_.rest();
  writer_.stop();
  s.received = std::move(received_);
  s.stream = std::move(stream_);
  return s;
}

void connection::finish() {
  if (is_closed()) return;
  liveness_.stop();
  stream_->finish(last_words());
  writer_.stop();
  stream_.reset();
}

void connection::leave(error why) {
  if (is_closed()) return;
  finish();
  owner_.closed(*this, why);
}

// The peer may have finished the handshake, and told others that this node is up, before this node does.
std::string connection::last_words() {
  std::string all = writer_.rest();
  if (encoder_ == nullptr && session_->has_shown_proof() && !is_data())
    encoder_ = wire::make_encoder(session_->framing_to_write());
  if (encoder_ == nullptr) return all;
  wire::out_buffer last;
  while (!behind_large_.empty()) {
    const large_queue::packet next = behind_large_.pop();
    encoder_->append(last, next.port, next.content);
  }
  if (peer().key(goodbye_key) == "1") encoder_->append(last, {}, goodbye());
  return all += last.text();
}

}  // namespace aemp::mesh
