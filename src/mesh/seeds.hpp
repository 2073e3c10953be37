// Keeps the node connected to the places it was given as seeds (aemp-protocol B.11): each is dialled right
// after the start, and from then on one at a time, at random, that is neither connected nor being tried. A
// seed that turns out to be this node is forgotten.
//
// A seed that is a name is looked up at each attempt, since its addresses may change; when nobody answers,
// the addresses that it had are tried. Nothing waits for a name server, and a name that has no address now
// may have one later.
//
// Belongs to the network worker.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/timer.hpp"
#include "core/worker.hpp"
#include "mesh/address.hpp"
#include "mesh/dice.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

// What seeding needs from the mesh.
class seed_owner {
 public:
  virtual void seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) = 0;
  // A seed has failed, or is not tried any more.
  virtual void seed_failed() = 0;
  // Connected, and not by a circuit: that may lead through another seed, and is no way to reach others.
  virtual bool is_in_touch(const std::string& node) const = 0;
  virtual std::size_t up_count() const = 0;
  virtual std::size_t known_count() const = 0;
  // How long that node is not to be dialled yet (mesh/backoff.hpp).
  virtual core::duration wait_for(const std::string& node) const = 0;

 protected:
  ~seed_owner() = default;
};

class seeds {
 public:
  seeds(core::worker& worker, net::transport& network, const settings& s, dice& chance, seed_owner& owner);

  void start();
  // Further places, to which the node has to be connected at any time (a hidden node's master): while one is
  // missing, there is no waiting for others.
  void add_masters(const std::vector<net::endpoint>& places);

  // What became of a stream: the node there said its name; its handshake ended without a connection; it is
  // this node.
  void named(const net::endpoint& at, const std::string& node);
  void ended(const net::endpoint& at, const error& why);
  void is_myself(const net::endpoint& at);

  // A node is gone. If it was the last one, a seed is tried as soon as one may be dialled again.
  void node_lost();

  // Whether a seed answered by this name.
  bool is_seed(const std::string& node) const;

  // Whether one is being tried, or about to, for the first time since it worked.
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
    std::unique_ptr<core::timer> timer =
        std::make_unique<core::timer>();  // until the first attempt, then its limit
  };
  struct name {
    place where;
    std::string failure = {};                     // of the last time it was looked up
    std::unique_ptr<net::attempt> question = {};  // nobody has answered yet
    std::unique_ptr<core::timer> timer = std::make_unique<core::timer>();
  };

  bool is_up(const seed& s) const { return !s.node.empty() && owner_.is_in_touch(s.node); }
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
  // Looks the name up, and then dials its new addresses, or else that one, if it still has it.
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
  seed_owner& owner_;
  std::vector<seed> list_;
  std::vector<name> names_;
  std::vector<net::endpoint> myself_;
  core::timer timer_;
  bool started_ = false;
  bool complained_ = false;
};

}  // namespace aemp::mesh
