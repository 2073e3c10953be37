// The connection's timer: the time limits of the handshake, and afterwards heartbeats in both directions.
#include "mesh/heartbeat.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "mesh/connection.hpp"

namespace aemp::mesh {
namespace {

using seconds = std::chrono::duration<double>;

// A peer that sends one byte now and then would hold a connection for ever without this.
constexpr int most_handshake_timeouts = 2;

}  // namespace

std::string in_seconds(core::duration d) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, seconds(d).count()).ptr;
  return {text, end};
}

std::pair<std::string, std::string> heartbeat_key(core::duration silence) {
  return {"heartbeat", in_seconds(silence)};
}

std::optional<core::duration> announced_silence(const wire::greeting& peer) {
  const auto text = peer.key("heartbeat");
  if (!text) return {};
  double n = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (failure != std::errc() || end != text->data() + text->size() || !std::isfinite(n) || n <= 0) return {};
  return std::chrono::duration_cast<core::duration>(seconds(std::clamp(n, 0.05, 86400.0)));
}

void connection::start_timer(core::time_point due) {
  timer_.start(worker_, std::max(due - worker_.now(), core::duration(0)), [this] { tick(); });
}

void connection::tick() {
  if (is_closed()) return;
  const auto next = ready_ ? ready_tick() : handshake_tick();
  if (next) start_timer(*next);
}

std::optional<core::time_point> connection::handshake_tick() {
  const core::time_point due = std::min(last_heard_ + settings_.monitor_timeout,
                                        began + most_handshake_timeouts * settings_.monitor_timeout);
  if (worker_.now() < due) return due;
  close({"handshake_timeout", (named_ ? "node " + peer_id() : std::string("the peer")) +
                                  " did not finish the handshake in time (" +
                                  in_seconds(settings_.monitor_timeout) + " s without a word, or too slow)"});
  return {};
}

std::optional<core::time_point> connection::ready_tick() {
  const core::time_point now = worker_.now();
  std::optional<core::time_point> next;
  const auto at_latest = [&](core::time_point due) { next = next ? std::min(*next, due) : due; };

  if (listen_for_ > core::duration(0)) {
    if (paused_) last_heard_ = now;
    // The first time we only become suspicious: if this process was held up itself, what the peer sent is
    // waiting to be read; or the stream waits for more of it.
    const core::duration patience = suspicious_ ? listen_for_ : listen_for_ - listen_for_ / 10;
    if (now - last_heard_ >= patience) {
      if (suspicious_) {
        close({"heartbeat_lost",
               "nothing came from node " + peer_id() + " for " + in_seconds(listen_for_) + " s"});
        return {};
      }
      suspicious_ = true;
      look();
      at_latest(now + listen_for_ / 10);
    } else {
      at_latest(last_heard_ + patience);
    }
  }
  if (speak_every_ > core::duration(0)) {
    // What has not left yet will be heard when the peer reads; more would not help.
    if (now - writer_.last_write() >= speak_every_ && !writer_.writing()) {
      keep_alive();
      if (is_closed()) return {};
      at_latest(now + speak_every_);
    } else {
      at_latest(std::max(writer_.last_write() + speak_every_, now + speak_every_ / 10));
    }
  }
  return next;
}

void connection::keep_alive() {
  if (writer_.queued() == 0) send({}, message());
}

}  // namespace aemp::mesh
