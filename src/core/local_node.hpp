// A node as a whole: its parts, how it runs and stops, and the ways that messages and kills take through it. What is
// special about the network is behind the gateway.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/limits.hpp>
#include <aemp/port.hpp>

#include "core/crew.hpp"
#include "core/extension.hpp"
#include "core/functions.hpp"
#include "core/gateway.hpp"
#include "core/guarded.hpp"
#include "core/monitors.hpp"
#include "core/names.hpp"
#include "core/node_context.hpp"
#include "core/node_port.hpp"
#include "core/port_question.hpp"
#include "core/presence.hpp"

namespace aemp::core {

class registry;

// What a node is built from.
struct node_settings {
  std::string node_id;
  std::string uniq;     // prefix of port names; random per start
  bool secure = false;  // no function runs here because another node wants it to
  aemp::limits limits = {};
  crew_settings crew = {};
  std::size_t memory_limit = 0;  // bytes; zero: none
  bool blocks_when_memory_full =
      true;  // threads outside of callbacks that send; false: they get an exception
};

}  // namespace aemp::core

namespace aemp::detail {

class local_node final : public core::node_context {
 public:
  explicit local_node(core::node_settings settings);
  ~local_node();

  // The node's parts, each of which says which thread may call it.
  core::crew& workers() noexcept { return crew_; }
  core::names& names() noexcept { return names_; }
  core::presence& presence() noexcept { return presence_; }
  const core::presence& presence() const noexcept { return presence_; }
  core::monitors& monitors() noexcept { return monitors_; }
  core::registry& registry() noexcept { return *registry_; }  // groups and the database
  core::functions& functions() noexcept { return functions_; }
  core::node_port& node_port() noexcept { return node_port_; }
  const aemp::limits& limits() const noexcept { return limits_; }

  core::worker& worker(std::uint32_t index) noexcept { return crew_.at(index); }
  core::worker& network_worker() noexcept { return crew_.network(); }
  unsigned worker_count() const noexcept { return crew_.size(); }
  core::worker* here() const noexcept { return crew_.here(); }
  core::worker& home_worker() noexcept { return crew_.home(); }
  const node_identity& identity() const noexcept { return names_.identity(); }
  std::string id() const { return names_.id(); }

  // The network, if there is one. Not while run() runs.
  void set_gateway(core::gateway* g) noexcept;
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

  // ---- running and stopping ----
  // Throws std::logic_error when it is running already, on whatever thread, and std::system_error when there is no
  // thread for a worker; then nothing runs.
  int run();
  // The same in pieces, for a first worker that is driven by a loop which is not ours: begin_run(), then run_a_turn()
  // whenever there may be something to do, until the node was stopped; then end_run(), which returns what run() does.
  enum class turn_outcome : std::uint8_t { more, rest, stopped };
  void begin_run();
  turn_outcome run_a_turn();
  int end_run();
  void stop(int code) noexcept;
  // Ends the run without leaving: the connections stay for the next one.
  AEMP_PRIVATE_API void pause(int code) noexcept;
  // What run() does when all workers have stopped: says goodbye to the other nodes. For drivers with a loop of their
  // own.
  AEMP_PRIVATE_API void leave() noexcept;
  bool is_leaving() const noexcept;
  // The first step of the end: the process's free functions do not find this node any more, other threads do not get
  // in by handles and port IDs, and none of them is inside.
  void let_nobody_in() noexcept;
  // Ends all ports, and all that waits for them, while the gateway still exists. The destructor does both otherwise.
  void shut_down() noexcept;

  // ---- from the API, on any thread ----
  void send(const port_id& to, block* b) override;
  void kill(const port_id& port, message reason);
  // Asks a port, behind what this thread has sent to it. Only a port that lives answers.
  void ask(const port_id& port, core::port_question what, const port_id& who, const port_id& reply);
  // An owned thing was cancelled: nothing waits for it any more.
  void clean_up(owned* o);
  // Throws unsendable for what is too large or too deep to leave this node; `what` begins the text: "snd to a#b".
  void check_size(const std::function<std::string()>& what, const message& m) const;
  void check_leaving(const port_id& to, const message& m) const;  // a message that is not empty

  // ---- from the network, on the network worker ----
  // A message for a local port, by name; "" is the node port (without mon/kil messages, which are the mesh's business).
  void deliver(std::string_view port_name, message m);
  // The same by a number that resolve() or number_in() gave, at any time.
  void deliver(std::uint64_t port, message&& m);
  // Workers that were given something by deliver() since this was last asked: a bit for each index, the last one for
  // all from 63 on.
  std::uint64_t take_delivered_to() noexcept { return std::exchange(delivered_to_, 0); }
  // Calls f on the network worker when the workers of such a set have handled what was delivered to them so far.
  void when_handled(std::uint64_t workers, std::function<void()> f);
  void kill_local(std::string_view port_name, message reason);

  // ---- from the node's parts ----
  void post(std::uint32_t worker, block* task) override { crew_.at(worker).post(task); }
  void to_node_port(const message& m) override { node_port_.handle(m, nullptr); }
  void name_ended(std::string_view name, std::uint64_t port) override {
    names_.given().has_ended(name, port);
  }
  void was_stillborn(port_id port, const message& reason) override {
    monitors_.was_stillborn(std::move(port), reason);
  }
  void loss_was_heard(core::epoch when) override { monitors_.loss_was_heard(when); }

 private:
  void mark_running();
  int finish_run();

  struct run_state {
    bool running = false;
    bool leaves = false;  // when the run is over
    int exit_code = 0;
  };

  void say_last_words() noexcept;
  void send_anywhere(const port_id& to, block* b);
  void send_remote(const port_id& to, block* b);
  void wait_for_memory(block* b) const;
  void report_no_such_port(const std::string& port) const;

  core::crew crew_;
  core::names names_;
  core::presence presence_;
  core::monitors monitors_;
  std::unique_ptr<core::registry> registry_;
  core::functions functions_;
  core::node_port node_port_;
  core::gateway* gateway_ = nullptr;
  std::vector<std::unique_ptr<core::extension>> extensions_;
  const aemp::limits limits_;
  bool closed_ = false;             // let_nobody_in()
  std::uint64_t delivered_to_ = 0;  // the network worker's
  core::guarded<run_state> run_;
};

}  // namespace aemp::detail
