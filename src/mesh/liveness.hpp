// The timer of one connection. While the handshake lasts, it ends one that takes too long. Afterwards it sends
// a heartbeat whenever this node has been silent for long, and notices when the peer is (heartbeat.hpp).
//
// Silence has a second chance. If this process was held up itself, what the peer has sent waits to be read. So
// the timer first asks for a look at the stream, and takes the peer for dead only when nothing has come a
// tenth of the time later. While the connection reads nothing on purpose, the peer's silence does not count.
//
// Belongs to the network worker, and to its connection. Cost of heard(): two stores.
#pragma once

#include <optional>

#include "core/clock.hpp"
#include "core/own_timer.hpp"
#include "core/worker.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

// What the timer asks of its connection. Each of these may stop() the timer.
class liveness_owner {
 public:
  virtual void handshake_timed_out() = 0;
  // Nothing has come from the peer for that long.
  virtual void fell_silent(core::duration silence) = 0;
  // What has arrived is to be read now; heard() may be called later.
  virtual void look() = 0;
  // Bytes are on their way to the peer: a heartbeat behind them would not arrive any sooner.
  virtual bool is_writing() const = 0;
  virtual core::time_point last_write() const = 0;
  virtual void send_heartbeat() = 0;

 protected:
  ~liveness_owner() = default;
};

class liveness {
 public:
  liveness(core::worker& worker, const settings& s, liveness_owner& owner);
  liveness(const liveness&) = delete;
  liveness& operator=(const liveness&) = delete;

  // Begins with the time limits of the handshake.
  void start();
  // The handshake is done. `announced` is how much silence the peer puts up with, if it said so. If it did not,
  // it may be silent itself.
  void begin_heartbeats(std::optional<core::duration> announced);
  // For good.
  void stop() noexcept;

  // Bytes have come.
  void heard(core::time_point now) noexcept {
    last_heard_ = now;
    suspicious_ = false;
  }
  // Between pause() and resume() the connection reads nothing.
  void pause() noexcept { paused_ = true; }
  void resume(core::time_point now) noexcept {
    paused_ = false;
    last_heard_ = now;
  }
  bool is_paused() const noexcept { return paused_; }

  core::time_point began() const noexcept { return began_; }
  core::time_point last_heard() const noexcept { return last_heard_; }

 private:
  void start_timer(core::time_point due);
  void tick();
  std::optional<core::time_point> handshake_tick();
  std::optional<core::time_point> ready_tick();
  std::optional<core::time_point> listen(core::time_point now);
  std::optional<core::time_point> speak(core::time_point now);

  core::worker& worker_;
  const settings& settings_;
  liveness_owner& owner_;
  const core::time_point began_;
  core::time_point last_heard_;
  bool ready_ = false;
  bool stopped_ = false;
  bool paused_ = false;
  bool suspicious_ = false;        // of the peer's silence, once
  core::duration speak_every_{0};  // zero: no need to
  core::duration listen_for_{0};   // zero: the peer may be silent
  core::own_timer timer_;
};

}  // namespace aemp::mesh
