#include "mesh/liveness.hpp"

#include <algorithm>

namespace aemp::mesh {
namespace {

// Without this limit, a peer that sends one byte now and then would hold a connection for ever.
constexpr int most_handshake_timeouts = 2;

}  // namespace

liveness::liveness(core::worker& worker, const settings& s, liveness_owner& owner)
    : worker_(worker), settings_(s), owner_(owner), began_(worker.now()), last_heard_(began_) {}

void liveness::start() { start_timer(began_ + settings_.monitor_timeout); }

void liveness::begin_heartbeats(std::optional<core::duration> announced) {
  ready_ = true;
  if (announced) {
    speak_every_ = *announced / 3;
    listen_for_ = settings_.monitor_timeout;
  } else {
    // The peer has not asked for heartbeats, but they keep a NAT or a firewall on the way from forgetting an
    // idle connection (aemp-protocol C.11).
    speak_every_ = settings_.monitor_timeout;
  }
  tick();
}

void liveness::stop() noexcept {
  stopped_ = true;
  timer_.cancel();
}

void liveness::start_timer(core::time_point due) {
  timer_.start(worker_, std::max(due - worker_.now(), core::duration(0)), [this] { tick(); });
}

void liveness::tick() {
  if (stopped_) return;
  const auto next = ready_ ? ready_tick() : handshake_tick();
  if (next) start_timer(*next);
}

std::optional<core::time_point> liveness::handshake_tick() {
  const core::time_point due = std::min(last_heard_ + settings_.monitor_timeout,
                                        began_ + most_handshake_timeouts * settings_.monitor_timeout);
  if (worker_.now() < due) return due;
  owner_.handshake_timed_out();
  return {};
}

std::optional<core::time_point> liveness::ready_tick() {
  const core::time_point now = worker_.now();
  const std::optional<core::time_point> heard = listen(now);
  if (stopped_) return {};
  const std::optional<core::time_point> said = speak(now);
  if (stopped_) return {};
  return heard && said ? std::min(*heard, *said) : heard ? heard : said;
}

// listen() and speak() return when they are to be called again.
std::optional<core::time_point> liveness::listen(core::time_point now) {
  if (listen_for_ == core::duration(0)) return {};
  if (paused_) last_heard_ = now;
  const core::duration patience = suspicious_ ? listen_for_ : listen_for_ - listen_for_ / 10;
  if (now - last_heard_ < patience) return last_heard_ + patience;
  if (suspicious_) {
    owner_.fell_silent(listen_for_);
    return {};
  }
  suspicious_ = true;
  owner_.look();
  return now + listen_for_ / 10;
}

std::optional<core::time_point> liveness::speak(core::time_point now) {
  if (speak_every_ == core::duration(0)) return {};
  const core::time_point last = owner_.last_write();
  if (now - last < speak_every_ || owner_.is_writing())
    return std::max(last + speak_every_, now + speak_every_ / 10);
  owner_.send_heartbeat();
  return now + speak_every_;
}

}  // namespace aemp::mesh
