// The half of a connection that programs see: what they call, and what they hear when their process polls.
// Each call into a program may destroy the stream, so the side is looked at again after it. A caller from the
// network must hold the connection itself.
#include <cerrno>
#include <span>
#include <utility>

#include "net/net_error.hpp"
#include "sim/connection.hpp"

namespace aemp::sim {
namespace {

constexpr std::string_view hello_begins = "\x16\x03\x03 simulated TLS ";

// FNV-1a (RFC draft-eastlake-fnv): tells settings apart, and protects nothing.
std::string digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15];
  return out;
}

}  // namespace

void connection::post(int at, void (connection::*f)(int)) {
  sides_[at].owner->post([self = shared_from_this(), at, f] { (*self.*f)(at); });
}

void connection::redirect(int side, net::stream_events& events) {
  if (sides_[side].events != nullptr) sides_[side].events = &events;
}

void connection::start(int side, net::stream_events& events) {
  const change noted{*this};
  if (sides_[side].gone) return;
  sides_[side].events = &events;
  if (!sides_[side].arrived.empty()) post(side, &connection::deliver);
}

void connection::pause(int side, bool paused) {
  const change noted{*this};
  sides_[side].paused = paused;
  if (!paused && !sides_[side].arrived.empty()) post(side, &connection::deliver);
}

bool connection::write(int side, std::string& bytes) {
  const change noted{*this};
  struct side& s = sides_[side];
  const network_settings& settings = network_.settings();
  if (s.gone || s.ended) bytes.clear();
  std::size_t size = bytes.size();
  if (s.mute) size = 0;  // on_closed() follows
  if (!settings.scheduled && size != 0) {
    size = std::min(size, settings.window - std::min(settings.window, pipes_[side].bytes));
    if (settings.slices && size > 1 && network_.luck().one_in(8)) size = 1 + network_.luck().below(size - 1);
  }
  if (size == bytes.size()) {
    if (size != 0) send(side, kind::data, bytes);
    bytes.clear();
    return true;
  }
  if (size != 0) send(side, kind::data, bytes.substr(0, size));
  s.unsent.assign(bytes, size);
  s.unsent_from = 0;
  bytes.clear();
  return false;
}

void connection::send_what_fits(int from) {
  side& s = sides_[from];
  const std::size_t waits = s.unsent.size() - s.unsent_from;
  const std::size_t window = network_.settings().window;
  const std::size_t size = std::min(waits, window - std::min(window, pipes_[from].bytes));
  if (size == 0) return;
  send(from, kind::data, s.unsent.substr(s.unsent_from, size));
  s.unsent_from += size;
  if (s.unsent_from < s.unsent.size()) return;
  s.unsent.clear();
  s.unsent_from = 0;
  post(from, &connection::tell_sent);
}

void connection::tell_sent(int at) {
  if (net::stream_events* const events = sides_[at].events) events->on_sent();
}

void connection::make_room(int from, std::size_t bytes) {
  pipes_[from].bytes -= bytes;
  if (!sides_[from].gone) send_what_fits(from);
}

void connection::deliver(int at) {
  const change noted{*this};
  side& s = sides_[at];
  while (s.events != nullptr && !s.arrived.empty()) {
    if (s.paused && s.arrived.front().what != kind::reset) return;
    const item one = std::move(s.arrived.front());
    s.arrived.pop_front();
    if (one.what == kind::data) {
      make_room(1 - at, one.bytes.size());
      on_bytes(at, one.bytes);
    } else if (one.what == kind::end) {
      on_end(at, net::end_of_file);
    } else {
      on_end(at, one.bytes.empty() ? net::closing_text(code_of(ECONNRESET)) : one.bytes);
    }
  }
}

void connection::on_bytes(int at, const std::string& bytes) {
  side& s = sides_[at];
  if (s.tls == tls_state::off) {
    if (const std::span<char> place = s.events->place(); bytes.size() <= place.size()) {
      bytes.copy(place.data(), bytes.size());
      return s.events->on_placed(bytes.size());
    }
  }
  if (s.tls != tls_state::hello) return s.events->on_data(bytes);
  s.received += bytes;
  on_hello(at);
}

void connection::on_end(int at, const std::string& why) {
  net::stream_events* const events = std::exchange(sides_[at].events, nullptr);
  forget_arrived(at);
  events->on_closed(why);
}

void connection::forget_arrived(int at) {
  const auto arrived = std::exchange(sides_[at].arrived, {});
  for (const item& one : arrived) {
    if (one.what == kind::data) make_room(1 - at, one.bytes.size());
  }
}

// Closing with unread bytes sends a reset instead of an end, since the peer has to know that they were lost
// (RFC 1122 4.2.2.13).
void connection::close(int side) {
  const change noted{*this};
  struct side& s = sides_[side];
  if (s.gone) return;
  const item* const next = pipes_[1 - side].under_way.empty() ? nullptr : &pipes_[1 - side].under_way.front();
  const bool unread =
      !s.arrived.empty() || (!reading(s) && !s.ended && next != nullptr && next->what == kind::data &&
                             next->due <= network_.now() && !blocked(1 - side));
  s.gone = true;
  s.events = nullptr;
  send(side, unread ? kind::reset : kind::end);
  forget_arrived(side);
}

void connection::give_up_dialling() {
  const change noted{*this};
  if (!dialled_) return;
  dialled_ = nullptr;
  sides_[0].gone = true;
  send(0, kind::reset);
}

void connection::finish(int side, std::string bytes) {
  const change noted{*this};
  struct side& s = sides_[side];
  if (s.gone) return;
  std::string last = s.unsent.substr(s.unsent_from);
  if (s.tls != tls_state::hello) last += bytes;
  if (!last.empty()) send(side, kind::data, std::move(last));
  send(side, kind::end);
  s.gone = s.lingering = true;
  s.events = nullptr;
  forget_arrived(side);
}

void connection::start_tls(int side, net::tls_role role, const net::tls_settings& settings,
                           std::string_view received) {
  const change noted{*this};
  struct side& s = sides_[side];
  if (s.gone) return;
  s.tls = tls_state::hello;
  s.received = received;
  s.keyed = !settings.psk.empty();
  if (const std::string& shared = s.keyed ? settings.psk : settings.pem; !shared.empty()) {
    s.hello = std::string(hello_begins) + (role == net::tls_role::client ? 'c' : 's') + digest(shared);
    send(side, kind::data, s.hello);
  }
  post(side, &connection::on_hello);
}

void connection::on_hello(int at) {
  const change noted{*this};
  side& s = sides_[at];
  if (s.events == nullptr || s.tls != tls_state::hello) return;
  if (s.hello.empty()) {
    return fail_tls(at,
                    {"bad_certificate", "the TLS settings are empty; give a certificate and its key in PEM"});
  }
  const std::string_view theirs = s.received;
  if (!theirs.starts_with(hello_begins.substr(0, theirs.size()))) {
    return fail_tls(at, {"tls_failed", "what came from " + sides_[1 - at].here.str() +
                                           " is no TLS; configure it with a certificate"});
  }
  if (theirs.size() < s.hello.size()) return;
  const std::size_t role = hello_begins.size();
  if (theirs[role] == s.hello[role]) {
    return fail_tls(at, {"tls_failed", "both sides want to be the same side of TLS"});
  }
  if (theirs.substr(role + 1, s.hello.size() - role - 1) != std::string_view(s.hello).substr(role + 1)) {
    if (s.keyed)
      return fail_tls(at, {"wrong_key", "the key of " + sides_[1 - at].here.str() + " is another one"});
    return fail_tls(at, {"certificate_not_trusted",
                         "the certificate of " + sides_[1 - at].here.str() +
                             " is not the one configured here; use the same settings on both sides"});
  }
  s.tls = tls_state::on;
  const std::string rest = s.received.substr(s.hello.size());
  s.received.clear();
  s.events->on_tls({});
  if (s.events != nullptr && !rest.empty()) s.events->on_data(rest);
}

void connection::fail_tls(int at, aemp::error why) {
  net::stream_events* const events = std::exchange(sides_[at].events, nullptr);
  send(at, kind::end);
  sides_[at].lingering = true;
  forget_arrived(at);
  events->on_tls(why);
}

}  // namespace aemp::sim
