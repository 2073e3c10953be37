// A node as the core sees it: its workers, its names, the functions others may call, and the monitors that
// its ports have set on ports of other nodes. What is special about the network is behind the gateway.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <aemp/limits.hpp>
#include <aemp/port.hpp>

#include "core/extension.hpp"
#include "core/gateway.hpp"
#include "core/log_budget.hpp"
#include "core/losses.hpp"
#include "core/owned.hpp"
#include "core/port_names.hpp"
#include "core/worker.hpp"

namespace aemp::core {
class registry;
}

namespace aemp::detail {

// A function that other nodes may call, and the worker it runs on.
struct defined_function {
  std::uint32_t worker;
  handler_ref handler;
  std::optional<std::vector<std::string>> callers;  // the only other nodes that may call it; not given: all
};

// What a node is built from. `make_poller` is called once per worker.
struct core_settings {
  std::string node_id;
  std::string uniq;  // prefix of port names; random per start
  unsigned workers = 1;
  bool network_thread = false;  // one worker more, for the network alone
  bool secure = false;          // no function runs here because another node wants it to
  core::clock* clock = nullptr;
  std::function<std::unique_ptr<core::poller>(unsigned worker, bool network)> make_poller;
  core::duration spin = {};  // how long a worker looks for work before it sleeps; zero: not at all
  aemp::limits limits = {};
};

class local_node {
 public:
  explicit local_node(core_settings settings);
  local_node(const local_node&) = delete;
  local_node& operator=(const local_node&) = delete;
  ~local_node();

  // The first step of the end: the process's free functions do not find this node any more, other threads
  // do not get in by handles and port IDs, and none of them is inside.
  void let_nobody_in() noexcept;
  // Ends all ports, and all that waits for them, while the gateway still exists. The destructor does both
  // otherwise.
  void shut_down() noexcept;
  bool is_shut_down() const noexcept { return shut_down_; }

  // The network, if there is one. Not while run() runs.
  void set_gateway(core::gateway* g) noexcept { gateway_ = g; }
  core::gateway* gateway() const noexcept { return gateway_; }

  // What rooms above add, once each, when the node is made.
  void extend(std::unique_ptr<core::extension> e) { extensions_.push_back(std::move(e)); }
  template <class T>
  T& extension() {
    for (const auto& e : extensions_) {
      if (auto* found = dynamic_cast<T*>(e.get())) return *found;
    }
    throw std::logic_error("this node was made without what is asked for");
  }

  // Groups and the database, as this node knows them.
  core::registry& registry() noexcept { return *registry_; }

  // Throws std::logic_error when it is running already, on whatever thread, and std::system_error when there
  // is no thread for a worker; then nothing runs.
  int run();
  void stop(int code) noexcept;
  // Ends the run without leaving: the connections stay for the next one.
  void pause(int code) noexcept;
  // What run() does when all workers have stopped: says goodbye to the other nodes. For drivers with a loop
  // of their own.
  void leave() noexcept;
  bool is_leaving() const noexcept;
  // Nothing is spawned for other nodes any more (node_is_leaving). Any thread.
  void refuse_spawns() noexcept { leaving_.store(true, std::memory_order_relaxed); }

  const node_identity& identity() const noexcept { return *identity_.load(std::memory_order_acquire); }
  std::string id() const { return identity().node; }
  void rename(std::string node_id);  // before run(), or on the network worker

  // A line of the log that others, or a loop, can cause: so many of each subject (core/log_budget.hpp).
  // text() makes it. Any thread.
  template <class F>
  void report(int level, std::string_view subject, F&& text) const {
    log_budget_.log(workers_[0]->clock().now(), level, subject, std::forward<F>(text));
  }

  // Exceptions that left a function which no port runs. Any thread.
  void count_internal_error() noexcept { internal_errors_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t internal_errors() const noexcept { return internal_errors_.load(std::memory_order_relaxed); }

  core::worker& worker(std::uint32_t index) noexcept { return *workers_[index]; }
  core::worker& network_worker() noexcept { return *network_worker_; }
  unsigned worker_count() const noexcept { return static_cast<unsigned>(workers_.size()); }
  // The first so many of them may have ports; the network worker, if it has none, is the last.
  unsigned port_worker_count() const noexcept { return port_workers_; }
  // The worker of this node that runs on this thread, or null.
  core::worker* here() const noexcept;
  core::worker& worker_of(std::uint64_t number) noexcept;  // of a number that resolve() gave

  // The number of a local port, by its ID or by the part behind '#'. Empty: not of this node; zero: the node
  // port; std::nullopt also for a name that no port has. Any thread.
  std::optional<std::uint64_t> resolve(const port_id& id) const;
  std::optional<std::uint64_t> resolve_name(std::string_view name) const;
  // The number that such a name spells: what it means now, it means as long as the node lives. Empty for a
  // name that was given to a port, and for one that no port of this node can have.
  std::optional<std::uint64_t> number_in(std::string_view name) const;
  bool is_local(const port_id& id) const;

  // Names of ports that are not numbers (port_names.hpp). Any thread. name_port gives the port of that name,
  // and whether it is new: then the caller opens it.
  std::pair<std::uint64_t, bool> name_port(std::string_view name, std::uint32_t worker);
  core::port_names& names() noexcept { return names_; }

  // ---- for the gateway's side, on the network worker ----

  // A message for a local port, by name; "" is the node port (without mon/kil messages, which are the mesh's
  // business).
  void deliver(std::string_view port_name, message m);
  // The same by a number that resolve() or number_in() gave, at any time.
  void deliver(std::uint64_t port, message&& m);
  // Workers that were given something by deliver() since this was last asked: a bit for each index, the last
  // one for all from 63 on.
  std::uint64_t take_delivered_to() noexcept { return std::exchange(delivered_to_, 0); }
  // Somebody outside wants to know when a local port ends: `fired` gets the reason, later, on the network
  // worker; when there is no such port, with no_such_port. Cancelled by the handle. In order with deliver(),
  // kill_local() and spawn_named().
  handle watch_local(std::string_view port_name, std::function<void(const message& reason)> fired);
  void kill_local(std::string_view port_name, message reason);
  // A monitored port of another node is dead (kil0): its monitors fire.
  void remote_died(const port_id& port, const message& reason);
  // Everything on the way to a node is lost: a loss begins (core/losses.hpp). The monitors of the node and of
  // all its ports fire with `reason`; if it was up, the callbacks of mon_nodes are told that it is down.
  void node_lost(const std::string& node, const message& reason);
  // The same for one port of a node that stays up: a message to it cannot be sent.
  void port_lost(const port_id& port, const message& reason);
  // A node is up: mon_nodes callbacks, and what up_nodes() says. Strictly in turn with node_lost().
  void node_came(const std::string& node);
  std::vector<std::string> nodes_up() const;  // any thread
  bool node_is_up(const std::string& node) const;
  // Whether anything here monitors the node or a port of it, and how many of its ports.
  bool is_watching(const std::string& node) const { return remote_watches_.contains(node); }
  std::size_t watched_port_count(const std::string& node) const {
    const auto found = remote_watches_.find(node);
    return found == remote_watches_.end() ? 0 : found->second.size();
  }
  // Ports of a node that are monitored here: after a reconnect the mesh asks for them again.
  std::vector<port_id> watched_ports(const std::string& node) const;

  const aemp::limits& limits() const noexcept { return limits_; }
  // Throws unsendable for what is too large or too deep to leave this node; `what` begins the text: "snd to
  // a#b".
  void check_size(const std::function<std::string()>& what, const message& m) const;
  void check_leaving(const port_id& to, const message& m) const;  // a message that is not empty

  // Messages to the node port, calls and spawns of defined functions (core/node_port.cpp). `from` is the node
  // that wants it, null this one: who it is decides what it may call. Others than the network worker only
  // call for this node.
  void node_message(const message& m, const std::string* from);
  void call_function(std::string_view name, message arguments, const std::string* from);
  // A function that is part of every node, and that others call by name like one that was defined: `f` gets
  // the arguments and who calls, on the network worker. It is called on secure nodes, too, and decides
  // itself. When the node is made.
  using service = std::function<void(const message& arguments, const std::string& from)>;
  void serve(std::string name, service f) { services_.insert_or_assign(std::move(name), std::move(f)); }
  bool serves(std::string_view name) const { return services_.contains(name); }
  // Messages to the node port that somebody else answers: `can` says yes. When the node is made.
  void offer(const std::vector<std::string>& names) { offered_.insert(names.begin(), names.end()); }
  bool offers(std::string_view name) const { return offered_.contains(name); }
  bool is_secure() const noexcept { return secure_; }
  void spawn_named(std::string_view name, std::string_view function, message arguments,
                   const std::string* from);

  // Does f(heard) with the last loss that this thread has heard of; what it sends with that is on its way
  // when f returns. Any thread.
  template <class F>
  decltype(auto) tagged(F&& f) {
    if (const core::worker* w = here()) return f(w->heard());
    const core::losses::tagger tag(losses_);
    return f(workers_[0]->heard_by_others());
  }
  // Calls f on the network worker when the workers of this set (a bit for each index; from 63 on, the last
  // bit is for all) have handled what was delivered to them so far.
  void when_handled(std::uint64_t workers, std::function<void()> f);
  // A worker has told all its part of the news. On that worker.
  void loss_was_heard(core::epoch when);
  const core::losses& losses() const noexcept { return losses_; }

  // ---- for the entry points (core/entry.cpp) ----
  void send(const port_id& to, block* b);
  void kill(const port_id& port, message reason);
  void define(std::string name, handler_ref f, std::optional<std::vector<std::string>> callers);
  std::shared_ptr<defined_function> function(std::string_view name) const;
  // The function, if that node may call it. Errors: no_such_function, remote_execution_not_allowed.
  result<std::shared_ptr<defined_function>> callable(std::string_view name, const std::string* from) const;
  // A port died of its birth, and nobody monitored it: whoever does so a little later gets this reason.
  void remember_stillborn(port_id port, const message& reason);
  void watch(owned* w);                  // a monitor that is linked to its owner begins to watch
  void clean_up(owned* o);               // it is over before it happened: nothing waits for it any more
  void watch_nodes(owned* w);            // the same for mon_nodes
  core::worker& home_worker() noexcept;  // this thread's worker of this node, else the first
  const core::worker& home_worker() const noexcept { return const_cast<local_node*>(this)->home_worker(); }
  std::string new_unique_name();
  std::uint32_t next_worker() noexcept;

 private:
  using watch_list = owned_list;

  void say_last_words() noexcept;
  void send_anywhere(const port_id& to, block* b);
  void send_remote(const port_id& to, block* b);
  void report_no_such_port(const std::string& port) const;
  // Does f(heard) on the network worker: with the last loss that this thread has heard of, and in order with
  // what it sends.
  template <class F>
  void at_network(F&& f);
  std::vector<std::unique_ptr<core::loss_news>> begin_loss(const std::string& node, std::string_view port,
                                                           const message& reason);  // one for each worker
  void tell_loss(std::vector<std::unique_ptr<core::loss_news>> news);
  static message node_news(const std::string& node, bool up, const message& reason);
  bool mark_up(const std::string& node, bool up);  // false: it was so already
  // A forged number may name a worker that is not there; then its port is not there either.
  std::optional<std::uint64_t> existing(std::uint64_t number) const noexcept;
  std::uint64_t running_here() const noexcept;
  message why_gone(const port_id& port) const;
  void watch_on(core::worker& w, std::uint64_t number, owned* o);
  void watch_remote(owned* o);
  void unwatch(owned* o);
  // Now, if this thread is that worker, else posted: at once, so that nobody who hears of it from this thread
  // is there before.
  template <class F>
  void on_worker(core::worker& w, F&& f) {
    if (here() == &w) {
      f();
    } else {
      w.post_now(make_task(std::decay_t<F>(std::forward<F>(f))));
    }
  }

  std::atomic<const node_identity*> identity_;
  std::vector<node_identity*> former_identities_;
  const unsigned port_workers_;
  std::vector<std::unique_ptr<core::worker>> workers_;
  core::worker* network_worker_ = nullptr;
  core::losses losses_;
  std::uint64_t delivered_to_ = 0;  // the network worker's
  mutable core::log_budget log_budget_;
  std::atomic<std::uint64_t> internal_errors_{0};
  core::gateway* gateway_ = nullptr;
  std::unique_ptr<core::registry> registry_;
  std::vector<std::unique_ptr<core::extension>> extensions_;
  std::map<std::string, service, std::less<>> services_;
  std::set<std::string, std::less<>> offered_;
  const bool secure_;
  const aemp::limits limits_;
  bool closed_ = false;     // let_nobody_in()
  bool shut_down_ = false;  // on the thread that destroys the node

  core::port_names names_;

  mutable std::shared_mutex functions_mutex_;
  std::map<std::string, std::shared_ptr<defined_function>, std::less<>> functions_;

  // Monitors of remote ports, by node and then by port; the network worker's.
  std::unordered_map<std::string, std::map<port_id, watch_list>> remote_watches_;
  watch_list node_watches_;
  watch_list self_watches_;  // monitors of the own node port, which never fire

  mutable std::shared_mutex nodes_mutex_;
  std::set<std::string> nodes_up_;

  mutable std::mutex stillborn_mutex_;
  std::deque<std::pair<port_id, message>> stillborn_;  // the newest of them

  std::atomic<std::uint64_t> names_made_{0};
  std::atomic<std::uint32_t> round_robin_{0};
  mutable std::mutex stop_mutex_;
  bool running_ = false;
  bool leaves_ = false;  // when the run is over
  int exit_code_ = 0;
  std::atomic<bool> leaving_{false};
};

template <class F>
void local_node::at_network(F&& f) {
  tagged([&](core::epoch heard) {
    if (here() == network_worker_) return f(heard);
    network_worker_->post(
        make_task([f = std::decay_t<F>(std::forward<F>(f)), heard]() mutable { f(heard); }));
  });
}

}  // namespace aemp::detail
