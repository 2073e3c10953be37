#include "core/local_node.hpp"

#include <algorithm>
#include <stdexcept>

#include <aemp/log.hpp>
#include <aemp/unsendable.hpp>

#include "core/extras.hpp"
#include "core/registry.hpp"
#include "core/trace.hpp"
#include "core/words.hpp"
#include "data/weight.hpp"

namespace aemp::detail {

namespace {

// The process's nodes in the order they were made: free functions outside callbacks act on the first.
struct node_list {
  std::mutex mutex;
  std::vector<local_node*> nodes;
};

node_list& all_nodes() {
  static node_list* list = new node_list;
  return *list;
}

}  // namespace

local_node* node_at_hand::running_node() noexcept {
  const core::worker* const w = core::worker::current();
  return w == nullptr ? nullptr : &w->node();
}

void node_at_hand::enter_first(const char* function) {
  node_list& all = all_nodes();
  const std::lock_guard lock(all.mutex);
  if (all.nodes.empty()) {
    throw std::logic_error("aemp::" + std::string(function) +
                           "(): there is no node in this process; make one first: aemp::node me;");
  }
  node_ = all.nodes.front();
  entered_ = &node_->identity();
  enter(*entered_);  // it is in the list, so it lets others in
}

void node_at_hand::leave_first() noexcept { leave(*entered_); }

namespace {

unsigned worker_count_of(const core_settings& settings) {
  constexpr unsigned most = (1u << core::port_number::worker_bits) - 1;  // and one for the network
  const unsigned wanted =
      settings.workers == 0 ? std::max(1u, std::thread::hardware_concurrency()) : settings.workers;
  if (wanted > most) {
    throw std::invalid_argument("a node has at most " + std::to_string(most) + " workers, " +
                                std::to_string(wanted) + " were asked for");
  }
  return wanted;
}

}  // namespace

local_node::local_node(core_settings settings)
    : port_workers_(worker_count_of(settings)),
      losses_(port_workers_ + (settings.network_thread ? 1 : 0)),
      secure_(settings.secure),
      limits_(settings.limits) {
  node_identity& identity = make_identity(std::move(settings.node_id), std::move(settings.uniq));
  identity.owner = this;
  identity_ = &identity;
  const unsigned count = port_workers_ + (settings.network_thread ? 1 : 0);
  const unsigned network = settings.network_thread ? port_workers_ : 0;
  for (unsigned i = 0; i < count; ++i) {
    workers_.push_back(
        std::make_unique<core::worker>(*this, i, *settings.clock, settings.make_poller(i, i == network)));
    workers_.back()->set_identity(&identity);
    workers_.back()->set_spin(settings.spin);
  }
  network_worker_ = workers_[network].get();
  registry_ = std::make_unique<core::registry>(*this);
  node_list& all = all_nodes();
  std::lock_guard lock(all.mutex);
  all.nodes.push_back(this);
}

local_node::~local_node() {
  shut_down();
  {
    const core::worker::scope here(*network_worker_);
    extensions_.clear();
    registry_.reset();
    services_.clear();
  }
  workers_.clear();
  const_cast<node_identity&>(identity()).owner = nullptr;
  for (node_identity* former : former_identities_) former->owner = nullptr;
}

void local_node::let_nobody_in() noexcept {
  if (std::exchange(closed_, true)) return;
  {
    node_list& all = all_nodes();
    std::lock_guard lock(all.mutex);
    std::erase(all.nodes, this);
  }
  detail::let_nobody_in(identity());
  for (const node_identity* former : former_identities_) detail::let_nobody_in(*former);
}

// Everything that may still refer to this node is told that it is over, so handles and port IDs may outlive
// it. What is destroyed meanwhile may belong to users: it is destroyed as if on a worker, where their
// destructors find the node, and do no harm.
void local_node::shut_down() noexcept {
  if (shut_down_) return;
  let_nobody_in();
  shut_down_ = true;
  const core::worker::scope here(*network_worker_);
  for (auto& e : extensions_) e->shut_down();
  for (auto& w : workers_) w->shut_down();
  const auto end_all = [](owned_list& list) {
    while (owned* o = list.pop()) {
      o->finish();
      release(o);
    }
  };
  for (auto& [node, ports] : std::exchange(remote_watches_, {})) {
    for (auto& [port, list] : ports) end_all(list);
  }
  registry_->shut_down();
  end_all(node_watches_);
  end_all(self_watches_);
  const auto functions = std::exchange(functions_, {});
}

void local_node::rename(std::string node_id) {
  const node_identity& before = identity();
  node_identity& after = make_identity(std::move(node_id), before.uniq);
  after.owner = this;
  former_identities_.push_back(const_cast<node_identity*>(&before));
  identity_.store(&after, std::memory_order_release);
  for (auto& w : workers_) w->set_identity(&after);
}

core::worker* local_node::here() const noexcept {
  core::worker* w = core::worker::current();
  return w != nullptr && &w->node() == this ? w : nullptr;
}

core::worker& local_node::home_worker() noexcept {
  core::worker* w = here();
  return w != nullptr ? *w : *workers_[0];
}

core::worker& local_node::worker_of(std::uint64_t number) noexcept {
  return *workers_[core::port_number::worker(number)];
}

std::optional<std::uint64_t> local_node::existing(std::uint64_t number) const noexcept {
  if (core::port_number::worker(number) < workers_.size()) return number;
  return {};
}

std::uint32_t local_node::next_worker() noexcept {
  return port_workers_ == 1 ? 0 : round_robin_.fetch_add(1, std::memory_order_relaxed) % port_workers_;
}

std::string local_node::new_unique_name() {
  return identity().uniq + "-" + std::to_string(names_made_.fetch_add(1, std::memory_order_relaxed) + 1);
}

// ---- names ----

bool local_node::is_local(const port_id& id) const {
  if (const node_identity* i = id.identity()) return i->owner.load(std::memory_order_relaxed) == this;
  return id && halves(*id.shared_text()).node == identity().node;
}

std::optional<std::uint64_t> local_node::resolve(const port_id& id) const {
  if (id.identity() != nullptr) return existing(id.number());
  return resolve_name(halves(*id.shared_text()).name);
}

std::optional<std::uint64_t> local_node::number_in(std::string_view name) const {
  const auto number = number_of(identity(), name);
  return number ? existing(*number) : number;
}

std::optional<std::uint64_t> local_node::resolve_name(std::string_view name) const {
  if (name.empty()) return 0;
  if (const auto number = number_of(identity(), name)) return existing(*number);
  return names_.find(name, running_here());
}

std::pair<std::uint64_t, bool> local_node::name_port(std::string_view name, std::uint32_t worker) {
  return names_.find_or_add(name, running_here(), [&] { return workers_[worker]->ports().reserve(); });
}

std::uint64_t local_node::running_here() const noexcept {
  const core::worker* const w = here();
  return w == nullptr ? 0 : w->running_port();
}

// ---- messages ----

// A look at the elements is needed only where one of them is of no fixed size.
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
  if (gateway_ != nullptr && core::worker::current() == network_worker_ && b->what != block::kind::shared &&
      !b->ops->has_objects) {
    message m = message::adopt(b);
    if (gateway_->send_again(to, m)) return;
    b = m.leak();
  }
  send_anywhere(to, b);
}

void local_node::report_no_such_port(const std::string& port) const {
  report(5, "messages to ports that do not exist",
         [&] { return "a message to " + port + " was dropped: no such port"; });
}

void local_node::send_anywhere(const port_id& to, block* b) {
  if (!is_local(to)) return send_remote(to, b);
  const auto number = resolve(to);
  if (!number) {
    report_no_such_port(to.str());
    return release(*b);
  }
  if (core::is_tracing()) [[unlikely]]
    core::trace("SND", to.str(), *b);
  b->port = *number;
  worker_of(*number).post(b);
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
  // A number of another node of this process: to us it is as far away as any other.
  port_id there = to.identity() == nullptr ? to : make_named_port(to.node(), to.name());
  if (gateway_ == nullptr) {
    return report(5, "messages to other nodes", [&] {
      return "a message to " + there.str() + " was dropped: node " + id() +
             " is private; give it seeds or binds to reach others";
    });
  }
  at_network([this, there = std::move(there), m = std::move(m)](core::epoch heard) mutable {
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
  if (!is_local(port)) {
    check_size([&] { return "kil of " + port.str() + ": the reason"; }, reason);
    return at_network([this, port, reason = std::move(reason)](core::epoch heard) {
      if (gateway_ != nullptr) gateway_->kill(port, reason, heard);
    });
  }
  const auto number = resolve(port);
  if (!number) return;
  if (port.shared_text() != nullptr) names_.will_end(port.name(), *number);
  core::worker& w = worker_of(*number);
  w.post(make_task([&w, n = *number, reason = std::move(reason)] { w.end_port(n, reason); }));
}

// ---- for the gateway's side ----

void local_node::deliver(std::string_view port_name, message m) {
  if (port_name.size() > core::longest_name)
    return report_no_such_port(id() + "#" + std::string(port_name.substr(0, 64)) + "…");
  const auto number = resolve_name(port_name);
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
  core::worker& w = worker_of(port);
  if (core::worker::current() == &w) [[likely]]
    return w.enqueue(b);
  delivered_to_ |= std::uint64_t{1} << std::min(w.index(), std::uint32_t{63});
  w.post(b);
}

void local_node::when_handled(std::uint64_t workers, std::function<void()> f) {
  // The last copy goes when all have come back.
  const auto waiting = std::make_shared<std::function<void()>>(std::move(f));
  const auto all = std::shared_ptr<void>(
      nullptr, [this, waiting](void*) { network_worker().post(make_task([waiting] { (*waiting)(); })); });
  for (const auto& w : workers_) {
    if ((workers >> std::min(w->index(), std::uint32_t{63}) & 1) == 0) continue;
    w->post(
        make_task([this, all]() mutable { network_worker().post(make_task([all = std::move(all)] {})); }));
  }
}

void local_node::kill_local(std::string_view port_name, message reason) {
  const auto number = resolve_name(port_name);
  if (!number || *number == 0) return;
  names_.will_end(port_name, *number);
  kill(make_local_port(identity(), *number), std::move(reason));
}

}  // namespace aemp::detail
