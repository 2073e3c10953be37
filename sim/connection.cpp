// The travelling half of a connection: what is sent, when it arrives, and what the kernel on the other side
// makes of it. connection_side.cpp has what the programs at both ends call and hear.
#include "sim/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/net_error.hpp"
#include "sim/transport.hpp"

namespace aemp::sim {

bool process::poll() {
  auto now = std::exchange(callbacks, {});
  const bool any = !now.empty();
  for (; !now.empty() && !over; now.pop_front()) now.front()();
  return any;
}

connection::connection(network& in, std::shared_ptr<process> dialler, host& to, net::endpoint here,
                       net::endpoint there, net::transport::dialled done)
    : network_(in),
      label_(dialler->label + "#" + std::to_string(++dialler->dialled)),
      dialled_(std::move(done)) {
  sides_[0].on = dialler->on;
  sides_[0].open.emplace(dialler);
  sides_[0].owner = std::move(dialler);
  sides_[0].here = std::move(here);
  sides_[1].on = &to;
  sides_[1].here = std::move(there);
  send(0, kind::syn);
}

const char* connection::name_of(kind k) {
  switch (k) {
    case kind::syn:
      return "syn";
    case kind::accepted:
      return "accepted";
    case kind::refused:
      return "refused";
    case kind::data:
      return "data";
    case kind::end:
      return "end";
    case kind::reset:
      return "reset";
  }
  return "";
}

void connection::send(int from, kind what, std::string bytes) {
  side& s = sides_[from];
  if (s.mute || (s.ended && what != kind::reset)) return;
  pipe& p = pipes_[from];
  const core::time_point now = network_.now();
  core::time_point due = now;
  if (!network_.settings().scheduled) {
    const link way = network_.link_between(s.on->name, sides_[1 - from].on->name);
    p.free_at = std::max(now, p.free_at);
    if (way.bytes_per_second != 0) {
      const double seconds = static_cast<double>(bytes.size()) / static_cast<double>(way.bytes_per_second);
      p.free_at += core::duration(static_cast<core::duration::rep>(seconds * 1e9));
    }
    const auto jitter =
        core::duration(network_.luck().below(static_cast<std::uint64_t>(way.jitter.count()) + 1));
    due = std::max(p.last_due, p.free_at + way.latency + jitter);
  }
  p.last_due = due;
  if (what == kind::data) p.bytes += bytes.size();
  if (what == kind::end) s.ended = true;
  if (what == kind::reset) s.mute = true;
  p.under_way.push_back({what, std::move(bytes), now, due, ++p.items});
}

bool connection::blocked(int from) const { return network_.blocked(*sides_[from].on, *sides_[1 - from].on); }

bool connection::between(const host& one, const host& other) const {
  return (sides_[0].on == &one && sides_[1].on == &other) || (sides_[0].on == &other && sides_[1].on == &one);
}

// Bytes and the end wait for a program that reads; a reset overtakes them.
const connection::item* connection::head(int from) const {
  const pipe& p = pipes_[from];
  if (p.under_way.empty()) return nullptr;
  const side& to = sides_[1 - from];
  const item& first = p.under_way.front();
  if (to.gone || reading(to) || (first.what != kind::data && first.what != kind::end)) return &first;
  return p.under_way.back().what == kind::reset ? &p.under_way.back() : nullptr;
}

std::optional<core::time_point> connection::due(int from) const {
  const item* const next = head(from);
  if (next == nullptr) return std::nullopt;
  return next->due;
}

choice connection::next(int from) const {
  const item& next = *head(from);
  return {label_ + (from == 0 ? '>' : '<') + std::to_string(next.number) + ' ' + name_of(next.what),
          sides_[1 - from].on->name};
}

std::optional<core::time_point> connection::expires(int from) const {
  const pipe& p = pipes_[from];
  if (p.under_way.empty()) return std::nullopt;
  const item& first = p.under_way.front();
  const network_settings& settings = network_.settings();
  return first.sent + (first.what == kind::syn ? settings.dial_limit : settings.stream_limit);
}

std::size_t connection::arrive(int from) {
  pipe& p = pipes_[from];
  if (const item* const next = head(from); next == &p.under_way.back()) {
    p.under_way.erase(p.under_way.begin(), p.under_way.end() - 1);
  }
  item one = p.under_way.front();
  if (one.what == kind::data) {
    one.bytes = take_slice(p);
  } else {
    p.under_way.pop_front();
  }
  const std::size_t size = one.what == kind::data ? one.bytes.size() : 0;
  put(1 - from, std::move(one));
  return size;
}

// A slice of the bytes that could have arrived by now, however they were written: all of them, a few, or
// anything between.
std::string connection::take_slice(pipe& p) {
  const network_settings& settings = network_.settings();
  std::string out = std::move(p.under_way.front().bytes);
  if (settings.scheduled || !settings.slices) {
    p.under_way.pop_front();
    return out;
  }
  const item first{
      kind::data, {}, p.under_way.front().sent, p.under_way.front().due, p.under_way.front().number};
  p.under_way.pop_front();
  while (!p.under_way.empty() && p.under_way.front().what == kind::data &&
         p.under_way.front().due <= network_.now()) {
    out += p.under_way.front().bytes;
    p.under_way.pop_front();
  }
  std::size_t size = out.size();
  switch (network_.luck().below(4)) {
    case 0:
      size = 1 + network_.luck().below(size);
      break;
    case 1:
      size = std::min<std::size_t>(size, 1 + network_.luck().below(16));
      break;
    default:
      break;
  }
  if (size < out.size()) {
    item rest = first;
    rest.bytes = out.substr(size);
    out.resize(size);
    p.under_way.push_front(std::move(rest));
  }
  return out;
}

void connection::put(int at, item arrived) {
  side& to = sides_[at];
  switch (arrived.what) {
    case kind::syn:
      return accept(std::move(arrived));
    case kind::accepted:
      return establish();
    case kind::refused:
      return refuse(net::dial_error(sides_[1].here, code_of(ECONNREFUSED)));
    case kind::data:
      if (!to.gone) break;
      make_room(1 - at, arrived.bytes.size());
      if (!to.lingering) send(at, kind::reset);
      return;
    case kind::end:
      if (to.gone) return;
      break;
    case kind::reset:
      to.mute = true;
      if (at == 0 && dialled_) return refuse(net::dial_error(sides_[1].here, code_of(ECONNRESET)));
      if (to.gone) return;
      to.arrived.clear();
      break;
  }
  to.arrived.push_back(std::move(arrived));
  post(at, &connection::deliver);
}

void connection::accept(item syn) {
  const auto listener = network_.listener_at(*sides_[1].on, sides_[1].here);
  if (!listener) {
    send(1, kind::refused);
    sides_[1].gone = true;
    return;
  }
  const network_settings& settings = network_.settings();
  const bool full = settings.accept_queue != 0 && listener->waiting >= settings.accept_queue;
  if (full && !settings.scheduled) return knock_again(std::move(syn));
  ++listener->waiting;
  sides_[1].owner = listener->owner;
  network_.accepted_by(*listener->owner, *this);
  send(1, kind::accepted);
  listener->owner->post([self = shared_from_this(), listener] { self->take(listener); });
}

// A SYN that meets a full queue gets no answer. TCP repeats it a second later, then after twice as long each
// time.
void connection::knock_again(item syn) {
  const core::time_point end = syn.sent + network_.settings().dial_limit;
  if (network_.now() >= end) return time_out(0);
  syn.due = std::min(end, network_.now() + (network_.now() - syn.sent) + std::chrono::seconds(1));
  pipes_[0].last_due = std::max(pipes_[0].last_due, syn.due);
  pipes_[0].under_way.push_front(std::move(syn));
}

void connection::take(const std::shared_ptr<listening>& listener) {
  const change noted{*this};
  process& owner = *listener->owner;
  if (!listener->closed && !owner.may_open()) {
    owner.short_of_descriptors.push_back([self = shared_from_this(), listener] { self->take(listener); });
    return;
  }
  --listener->waiting;
  if (listener->closed) {
    send(1, kind::reset);
    sides_[1].gone = true;
    return;
  }
  sides_[1].open.emplace(listener->owner);
  listener->each(make_stream(shared_from_this(), 1));
}

void connection::establish() {
  if (!dialled_) return;
  sides_[0].owner->post([self = shared_from_this()] {
    if (const auto done = std::exchange(self->dialled_, nullptr)) done(make_stream(self, 0));
  });
}

void connection::refuse(aemp::error why) {
  for (side& s : sides_) s.mute = true;
  sides_[0].gone = true;
  if (!sides_[1].owner) sides_[1].gone = true;
  if (!dialled_) return;
  sides_[0].owner->post([self = shared_from_this(), why = std::move(why)] {
    if (const auto done = std::exchange(self->dialled_, nullptr)) done(why);
  });
}

void connection::time_out(int from) {
  pipes_[from].under_way.clear();
  if (!sides_[1].owner) sides_[1].gone = true;
  if (from == 0 && dialled_) return refuse(net::dial_error(sides_[1].here, code_of(ETIMEDOUT)));
  const std::string why = net::closing_text(code_of(ETIMEDOUT));
  put(from, {kind::reset, why, network_.now(), network_.now(), 0});
}

void connection::break_now() {
  for (const int from : {0, 1}) {
    if (sides_[from].mute) continue;  // its reset is under way
    pipes_[from].under_way.clear();
    send(from, kind::reset);
  }
  if (!sides_[1].owner) sides_[1].gone = true;
}

void connection::end_process(int side, bool silently) {
  if (!silently) return side == 0 && dialled_ ? give_up_dialling() : close(side);
  sides_[side].gone = true;
  sides_[side].events = nullptr;
  if (side == 0) dialled_ = nullptr;
}

}  // namespace aemp::sim
