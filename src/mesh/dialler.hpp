// Tries the places of one node in a circle, one attempt per interval, until a connection is up or the time is
// over (aemp-protocol B.11). It makes streams; ended() tells it which of them failed in the handshake.
//
// Results of the network are handled in core::worker::enter: an exception fails that attempt, with
// internal_error.
//
// Belongs to the network worker. May be destroyed inside its callbacks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/own_timer.hpp"
#include "core/worker.hpp"
#include "mesh/address.hpp"
#include "mesh/dice.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class dialler {
 public:
  struct callbacks {
    std::function<void(const net::endpoint&, std::unique_ptr<net::stream>)> stream;
    // No connection came up within monitor_timeout. `text` says what was tried, and what came of it.
    std::function<void(std::string text)> gave_up;
    // Opens a circuit through that node, and begins the handshake on it. ended() names it by the result.
    std::function<result<net::endpoint>(const std::string& node)> through = {};
  };

  // The first attempt is made after `wait` (backoff.hpp).
  dialler(core::worker& worker, net::transport& network, const settings& s, dice& chance, callbacks tell,
          core::duration wait = {});
  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;
  ~dialler();

  // Puts places in front of the known ones, and begins with them. A name is resolved when its turn comes.
  void add(const std::vector<place>& places);
  void add(const std::vector<net::endpoint>& endpoints);
  // That node may pass a circuit on. It is tried in its turn, and as soon as it has come up.
  void add_way(const std::string& through);
  void way_is_open(const std::string& through);

  // A stream's handshake came to nothing.
  void ended(const net::endpoint& at, const error& why);

  std::string outcomes() const;  // what was tried, and what came of it

  bool knows_places() const noexcept { return !targets_.empty(); }

 private:
  struct target;

  template <class F>
  void enter(target& t, F&& f);
  void turn();
  void begin(target& t);
  void dial(target& t);
  void dialled_to(target& t, result<std::unique_ptr<net::stream>> dialled);
  void dial_through(target& t);
  void resolve(target& t);
  void resolved(target& t, const result<std::vector<net::endpoint>>& found);
  void schedule(core::duration delay);
  void schedule_first(core::duration delay);
  bool waits() const { return worker_.now() < not_before_; }
  core::duration interval();
  void give_up();

  core::worker& worker_;
  net::transport& network_;
  const settings& settings_;
  dice& chance_;
  const callbacks tell_;
  const core::time_point not_before_;
  std::vector<std::unique_ptr<target>> targets_;
  std::size_t next_ = 0;
  core::own_timer attempt_timer_;
  core::own_timer limit_timer_;
};

}  // namespace aemp::mesh
