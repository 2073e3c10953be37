// The wish to reach a node, while it lasts: its places are tried in a circle, one attempt per interval, until
// a connection is up or the time is over (aemp-protocol B.11). It makes streams; what becomes of them in the
// handshake it is told by ended().
//
// What the network brings is the library's (core::worker::enter): an exception ends that attempt, which
// counts as one that came to nothing, with internal_error.
//
// Belongs to the network worker. May be destroyed inside its callbacks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/timer.hpp"
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
    // Nobody came up within monitor_timeout since the beginning. What was tried, and what came of it.
    std::function<void(std::string text)> gave_up;
    // Opens a circuit through that node, and begins the handshake on it. The result stands for it in ended().
    std::function<result<net::endpoint>(const std::string& node)> through = {};
  };

  // The first attempt is made when `wait` is over (mesh/backoff.hpp).
  dialler(core::worker& worker, net::transport& network, const settings& s, dice& chance, callbacks tell,
          core::duration wait = {});
  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;
  ~dialler();

  // Puts places in front of those that are known, and begins with them. Names are resolved when their turn
  // comes.
  void add(const std::vector<place>& places);
  void add(const std::vector<net::endpoint>& endpoints);
  // Another node may pass a circuit on. Tried in its turn, and when that node has come up.
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
  core::timer attempt_timer_;
  core::timer limit_timer_;
};

}  // namespace aemp::mesh
