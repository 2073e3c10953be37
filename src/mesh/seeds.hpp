// Keeps the node connected to its seeds, the places that it was given (aemp-protocol B.11). Each is dialled
// right after the start. From then on one at a time is dialled, at random, among those that are neither
// connected nor being tried. A seed that turns out to be this node itself is forgotten.
//
// A seed that is a name is looked up at each attempt, because its addresses may change. While the name server
// does not answer, the addresses that the name had last are tried. Nothing else waits for a name server, and a
// name without an address may get one later.
//
// Belongs to the network worker.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/own_timer.hpp"
#include "core/worker.hpp"
#include "mesh/address.hpp"
#include "mesh/backoff.hpp"
#include "mesh/dice.hpp"
#include "mesh/peers.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

// What seeding needs from the mesh.
class seed_owner {
 public:
  virtual void seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) = 0;
  // A seed has failed, or is not tried any more.
  virtual void seed_failed() = 0;

 protected:
  ~seed_owner() = default;
};

class seeds {
 public:
  // All of these outlive it.
  seeds(core::worker& worker, net::transport& network, const settings& s, dice& chance, const peers& all,
        const backoff& pauses, seed_owner& owner);

  void start();
  // Further places, to which the node has to be connected at any time (a hidden node's master). While one of
  // them is not connected, seeds are tried as often as when no node is connected.
  void add_masters(const std::vector<net::endpoint>& places);

  // What became of a stream: the node there has said its name, the handshake has ended (without an error: it
  // came up), or the node there is this node.
  void named(const net::endpoint& at, const std::string& node);
  void ended(const net::endpoint& at, const error& why);
  void is_myself(const net::endpoint& at);

  // A node is lost. If it was the last one, a seed is tried as soon as one may be dialled again.
  void node_lost();

  // Whether a seed answered by this name.
  bool is_seed(const std::string& node) const;

  // Whether a seed is being tried, or is about to be, that has not failed since it worked last.
  bool trying() const;

  std::size_t size() const noexcept { return list_.size(); }

 private:
  struct seed {
    net::endpoint at;
    std::string name = {};  // whose address it is; empty: it was given as an address
    bool master = false;
    std::string node = {};  // who answered there last
    bool trying = false;
    std::string failure = {};  // of the last attempt; empty: none yet, or it worked
    std::unique_ptr<net::attempt> attempt = {};
    std::unique_ptr<core::own_timer> timer =
        std::make_unique<core::own_timer>();  // until the first attempt, then its limit
  };
  struct name {
    place where;
    std::string failure = {};                     // of the last time it was looked up
    std::unique_ptr<net::attempt> question = {};  // nobody has answered yet
    std::unique_ptr<core::own_timer> timer = std::make_unique<core::own_timer>();
  };

  // Connected, and not by a circuit: that may lead through another seed, and is no way to reach others.
  bool is_up(const seed& s) const { return !s.node.empty() && peers_.leg_to(s.node) != nullptr; }
  core::duration wait_for(const seed& s) const;
  bool misses_master() const;
  seed* find(const net::endpoint& at);
  name* find(const std::string& where);
  bool has_address(const name& n) const;
  void begin(seed& s);
  void dial(const net::endpoint& at);
  void call(seed& s);
  void dialled(const net::endpoint& at, result<std::unique_ptr<net::stream>> outcome);
  template <class F>
  void enter(const net::endpoint& at, F&& f);
  // Looks the name up, and then dials its new addresses; if there are none, `then`, if the name still has it.
  void ask(const std::string& where, const std::optional<net::endpoint>& then);
  void answered(const std::string& where, const std::optional<net::endpoint>& then,
                const result<std::vector<net::endpoint>>& found);
  void not_found(name& n, const error& why);
  std::vector<net::endpoint> take_over(const name& n, const std::vector<net::endpoint>& addresses);
  void dial_any();
  void schedule();
  void schedule(core::duration delay);
  void failed(seed& s, std::string why);
  void complain();

  core::worker& worker_;
  net::transport& network_;
  const settings& settings_;
  dice& chance_;
  const peers& peers_;
  const backoff& backoff_;
  seed_owner& owner_;
  std::vector<seed> list_;
  std::vector<name> names_;
  std::vector<net::endpoint> myself_;
  core::own_timer timer_;
  bool started_ = false;
  bool complained_ = false;
};

}  // namespace aemp::mesh
