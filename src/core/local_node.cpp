#include "core/local_node.hpp"

#include <algorithm>

#include <aemp/unsendable.hpp>

#include "core/call_record.hpp"
#include "core/process_nodes.hpp"
#include "core/registry.hpp"
#include "core/trace.hpp"
#include "core/words.hpp"
#include "data/weight.hpp"

namespace aemp::core {

node_context& context_of(detail::local_node& node) noexcept { return node; }

}  // namespace aemp::core

namespace aemp::detail {

namespace {

std::unique_ptr<core::memory_gate> gate_for(const core::node_settings& s) {
  if (s.memory_limit == 0) return {};
  return std::make_unique<core::memory_gate>(s.memory_limit, s.blocks_when_memory_full);
}

}  // namespace

local_node::local_node(core::node_settings settings)
    : node_context(*settings.crew.clock, gate_for(settings)),
      crew_(*this, *this, settings.crew),
      names_(crew_, std::move(settings.node_id), std::move(settings.uniq)),
      presence_(crew_),
      monitors_(crew_, names_, presence_),
      registry_(std::make_unique<core::registry>(crew_, monitors_)),
      functions_(*this, crew_, names_, *registry_, settings.secure),
      node_port_(*this, crew_, names_, functions_, presence_),
      limits_(settings.limits) {
  core::process_nodes::add(*this);
}

local_node::~local_node() {
  shut_down();
  {
    const core::worker::scope here(network_worker());
    extensions_.clear();
    registry_.reset();
    functions_.forget_served();
  }
  crew_.clear();
}

void local_node::set_gateway(core::gateway* g) noexcept {
  gateway_ = g;
  monitors_.set_gateway(g);
  functions_.set_gateway(g);
  node_port_.set_gateway(g);
  if (memory() == nullptr) return;
  network_worker().set_turns_end([this] {
    memory()->set_unsent(gateway_ == nullptr ? 0 : gateway_->unsent_in_all());
    memory()->look();
  });
}

// ---- running and stopping ----

namespace {

// How long a stopping node waits for what its extensions still have to send, such as closed data connections.
constexpr core::duration longest_last_words = std::chrono::seconds(5);
// How long a stopping node waits for the other nodes to take its goodbye.
constexpr core::duration longest_goodbye = std::chrono::seconds(1);

}  // namespace

int local_node::run() {
  mark_running();
  struct unmark {
    local_node& node;
    ~unmark() {
      if (node.memory() != nullptr) node.memory()->set_running(false);
      node.run_.lock()->running = false;
    }
  } when_over{*this};
  if (memory() != nullptr) memory()->set_running(true);
  crew_.run();
  return finish_run();
}

void local_node::mark_running() {
  if (!std::exchange(run_.lock()->running, true)) return;
  throw std::logic_error(
      "run(): node " + id() +
      " is running already, on this thread or another; run() is called once, and returns after "
      "stop()");
}

int local_node::finish_run() {
  if (is_leaving()) {
    say_last_words();
    leave();
  }
  const auto state = run_.lock();
  state->leaves = false;
  crew_.forget_stop();
  return std::exchange(state->exit_code, 0);
}

void local_node::begin_run() {
  mark_running();
  crew_.start_others();
}

local_node::turn_outcome local_node::run_a_turn() {
  core::worker& w = crew_.at(0);
  if (w.is_stopping()) return turn_outcome::stopped;
  const bool more = w.turn_and_poll();
  if (w.is_stopping()) return turn_outcome::stopped;
  return more ? turn_outcome::more : turn_outcome::rest;
}

int local_node::end_run() {
  crew_.join_others();
  const int code = finish_run();
  run_.lock()->running = false;
  return code;
}

void local_node::say_last_words() noexcept {
  core::worker& w = network_worker();
  const core::time_point end = w.clock().now() + longest_last_words;
  const auto is_owed = [&] {
    return std::ranges::any_of(extensions_, [](const auto& e) { return e->has_last_words(); });
  };
  while (is_owed() && w.clock().now() < end) w.serve_network(end);
}

void local_node::leave() noexcept {
  core::worker& w = network_worker();
  core::worker::scope here(w);
  w.enter("the end of a run", [this, &w] {
    if (gateway_ == nullptr) return;
    gateway_->leave();
    core::clock& clock = w.clock();
    const core::time_point end = clock.now() + longest_goodbye;
    while (gateway_->is_finishing() && clock.now() < end)
      w.poller().wait(std::min(end, clock.now() + std::chrono::milliseconds(10)));
  });
}

// The lock makes a stop reach all workers or none. So a stop that comes while run() ends counts as a whole, for this
// run or for the next one.
void local_node::stop(int code) noexcept {
  const auto state = run_.lock();
  state->leaves = true;
  state->exit_code = code;
  crew_.stop();
}

void local_node::pause(int code) noexcept {
  const auto state = run_.lock();
  state->exit_code = code;
  crew_.stop();
}

bool local_node::is_leaving() const noexcept { return run_.lock()->leaves; }

void local_node::let_nobody_in() noexcept {
  if (std::exchange(closed_, true)) return;
  core::process_nodes::remove(*this);
  names_.let_nobody_in();
}

// Handles and port IDs may outlive the node, so everything that refers to it is told that it has ended. Some of the
// objects that this destroys belong to users. This thread acts as a worker meanwhile, so that their destructors find
// the node; what they ask of it has no effect.
void local_node::shut_down() noexcept {
  if (shut_down_) return;
  let_nobody_in();
  shut_down_ = true;
  const core::worker::scope here(network_worker());
  for (auto& e : extensions_) e->shut_down();
  crew_.shut_down();
  monitors_.shut_down();
  registry_->shut_down();
  presence_.shut_down();
  functions_.forget_defined();
}

// ---- messages ----

// A typed message is measured only if it may be large: if all its elements have a fixed size, it is not.
void local_node::check_leaving(const port_id& to, const message& m) const {
  const block& b = *m.get();
  if (b.what != block::kind::typed || b.ops->may_be_large)
    check_size([&] { return "snd to " + to.str(); }, m);
}

void local_node::check_size(const std::function<std::string()>& what, const message& m) const {
  const data::measure all = data::measure_of(m);
  if (all.weight > limits_.max_message) {
    throw unsendable(
        {"message_too_large", what() + " takes " + std::to_string(all.weight) +
                                  " bytes, and max_message is " + std::to_string(limits_.max_message) +
                                  "; send it in parts, or by connect_to, or raise that limit on both nodes"});
  }
  if (all.depth > limits_.max_depth) {
    throw unsendable({"message_too_deep", what() + " has lists and maps " + std::to_string(all.depth) +
                                              " deep in each other, and max_depth is " +
                                              std::to_string(limits_.max_depth)});
  }
}

void local_node::send(const port_id& to, block* b) {
  if (shut_down_) [[unlikely]]
    return release(*b);
  if (memory() != nullptr && core::worker::current() == nullptr) [[unlikely]]
    wait_for_memory(b);
  if (gateway_ != nullptr && core::worker::current() == &crew_.network() && b->what != block::kind::shared &&
      !b->ops->has_objects) {
    message m = message::adopt(b);
    if (gateway_->send_again(to, m)) return;
    b = m.leak();
  }
  send_anywhere(to, b);
}

void local_node::wait_for_memory(block* b) const {
  message keep = message::adopt(b);
  memory()->pass(id());
  keep.leak();
}

void local_node::report_no_such_port(const std::string& port) const {
  report(5, "messages to ports that do not exist",
         [&] { return "a message to " + port + " was dropped: no such port"; });
}

void local_node::send_anywhere(const port_id& to, block* b) {
  if (!names_.is_local(to)) return send_remote(to, b);
  const auto number = names_.resolve(to);
  if (!number) {
    report_no_such_port(to.str());
    return release(*b);
  }
  if (core::is_tracing()) [[unlikely]]
    core::trace("SND", to.str(), *b);
  b->port = *number;
  crew_.of(*number).post(b);
}

namespace {

std::size_t first_object(const block& b) {
  std::size_t i = 0;
  while (value_of(b, i).type() != value::kind::object) ++i;
  return i;
}

}  // namespace

void local_node::send_remote(const port_id& to, block* b) {
  message m = b->what == block::kind::shared ? message::adopt(static_cast<shared_block*>(b)->message)
                                             : message::adopt(b);
  if (b->what == block::kind::shared) {
    m.get()->refs.fetch_add(1, std::memory_order_relaxed);
    release(*b);
  }
  if (m.get()->ops != nullptr && m.get()->ops->has_objects) {
    const std::size_t i = first_object(*m.get());
    throw unsendable({"object_cannot_leave", "snd to " + to.str() + ": element " + std::to_string(i) +
                                                 " of the message is " + m[i].to_string() +
                                                 ", a C++ object that cannot leave the process"});
  }
  check_leaving(to, m);
  // A numeric ID of another node in this process becomes a named one: that node is as remote as any other.
  port_id there = to.identity() == nullptr ? to : make_named_port(to.node(), to.name());
  if (gateway_ == nullptr) {
    return report(5, "messages to other nodes", [&] {
      return "a message to " + there.str() + " was dropped: node " + id() +
             " is private; give it seeds or binds to reach others";
    });
  }
  if (memory() != nullptr) [[unlikely]] {
    core::memory_gate::share share(*memory(), data::measure_of(m).weight);
    return crew_.at_network([this, there = std::move(there), m = std::move(m),
                             share = std::move(share)](core::epoch heard) mutable {
      if (gateway_ != nullptr) gateway_->send(there, std::move(m), heard);
    });
  }
  crew_.at_network([this, there = std::move(there), m = std::move(m)](core::epoch heard) mutable {
    if (gateway_ != nullptr) gateway_->send(there, std::move(m), heard);
  });
}

void local_node::kill(const port_id& port, message reason) {
  if (!port) throw std::invalid_argument("kil: the port ID is empty");
  if (port.is_node_port()) {
    throw std::invalid_argument("kil: " + port.str() +
                                " is a node port, which cannot be killed; stop the node instead");
  }
  if (shut_down_) return;
  if (!names_.is_local(port)) {
    check_size([&] { return "kil of " + port.str() + ": the reason"; }, reason);
    return crew_.at_network([this, port, reason = std::move(reason)](core::epoch heard) {
      if (gateway_ != nullptr) gateway_->kill(port, reason, heard);
    });
  }
  const auto number = names_.resolve(port);
  if (!number) return;
  if (port.shared_text() != nullptr) names_.given().will_end(port.name(), *number);
  core::worker& w = crew_.of(*number);
  w.post(make_task([&w, n = *number, reason = std::move(reason)] { w.ports().end(n, reason); }));
}

void local_node::ask(const port_id& port, core::port_question what, const port_id& who,
                     const port_id& reply) {
  if (names_.is_local(port)) {
    if (const auto number = names_.resolve(port)) crew_.ask(*number, what, who.str(), reply);
    return;
  }
  crew_.at_network([this, port, m = message(core::tag_of(what), port.name(), reply, who)](core::epoch heard) {
    if (gateway_ != nullptr) gateway_->ask(port, m, heard);
  });
}

// ---- from the network ----

void local_node::deliver(std::string_view port_name, message m) {
  if (port_name.size() > core::longest_name)
    return report_no_such_port(id() + "#" + std::string(port_name.substr(0, 64)) + "…");
  const auto number = names_.resolve_name(port_name);
  if (!number) {
    return report_no_such_port(id() + "#" + std::string(port_name));
  }
  deliver(*number, std::move(m));
}

namespace {

[[gnu::noinline]] block* form_of_shared(message&& m) { return enqueue_form(std::move(m)); }

}  // namespace

void local_node::deliver(std::uint64_t port, message&& m) {
  const bool is_ours = m.get() != nullptr && m.get()->refs.load(std::memory_order_acquire) == 1;
  block* const b = is_ours ? m.leak() : form_of_shared(std::move(m));
  b->port = port;
  core::worker& w = crew_.of(port);
  if (core::worker::current() == &w) [[likely]]
    return w.enqueue(b);
  delivered_to_ |= std::uint64_t{1} << std::min(w.index(), std::uint32_t{63});
  w.post(b);
}

// Each worker sends its copy of `all` back. The deleter runs when the last copy has arrived and is destroyed.
void local_node::when_handled(std::uint64_t workers, std::function<void()> f) {
  const auto waiting = std::make_shared<std::function<void()>>(std::move(f));
  const auto all = std::shared_ptr<void>(
      nullptr, [this, waiting](void*) { network_worker().post(make_task([waiting] { (*waiting)(); })); });
  for (std::uint32_t i = 0; i < crew_.size(); ++i) {
    if ((workers >> std::min(i, std::uint32_t{63}) & 1) == 0) continue;
    crew_.at(i).post(make_task(
        [this, all = all]() mutable { network_worker().post(make_task([all = std::move(all)] {})); }));
  }
}

void local_node::kill_local(std::string_view port_name, message reason) {
  const auto number = names_.resolve_name(port_name);
  if (!number || *number == 0) return;
  names_.given().will_end(port_name, *number);
  kill(make_local_port(identity(), *number), std::move(reason));
}

void local_node::clean_up(owned* o) {
  if (shut_down_) return;
  core::worker& owner = crew_.at(o->worker);
  crew_.on(owner, [&owner, o, keep = (retain(o), handle(o))] {
    o->leave_owner();
    if (o->what == owned::kind::timer) owner.timers().remove(*o);
    if (o->what == owned::kind::own_timer) owner.own_timers().remove(*o);
    if (o->what == owned::kind::call)
      owner.ports().end_call(static_cast<core::call_record*>(o)->reply, nullptr, {});
  });
  if (o->what == owned::kind::record || o->what == owned::kind::stream)
    return crew_.on(network_worker(), [o, keep = (retain(o), handle(o))] { o->taken_back(); });
  if (o->what == owned::kind::monitor || o->what == owned::kind::node_monitor) monitors_.unwatch(o);
}

}  // namespace aemp::detail
