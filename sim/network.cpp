#include "sim/network.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "sim/connection.hpp"

namespace aemp::sim {

network::network(clock& time, std::uint64_t seed, network_settings settings)
    : clock_(time), chance_(seed), settings_(settings) {
  if (settings.window == 0) throw std::invalid_argument("sim::network: the window has to be at least 1");
}

network::~network() = default;

void network::add_host(const std::string& name, std::vector<std::string> addresses) {
  if (hosts_.contains(name))
    throw std::invalid_argument("sim::network: there is a host '" + name + "' already");
  if (addresses.empty()) {
    const std::size_t number = hosts_.size() + 1;
    addresses.push_back("10." + std::to_string(number >> 16) + '.' + std::to_string((number >> 8) & 255) +
                        '.' + std::to_string(number & 255));
  }
  for (std::string& address : addresses) {
    const auto canonical = net::canonical_address(address);
    if (!canonical) throw std::invalid_argument("sim::network: '" + address + "' is no numeric address");
    if (host_of(*canonical) != nullptr)
      throw std::invalid_argument("sim::network: the address " + address + " is taken");
    address = *canonical;
  }
  const auto made = hosts_.emplace(name, std::make_unique<host>(host{name, std::move(addresses)})).first;
  for (const std::string& address : made->second->addresses)
    hosts_by_address_.emplace(address, made->second.get());
}

std::shared_ptr<process> network::start_process(const std::string& name) {
  if (!has_host(name)) add_host(name);
  host& on = host_named(name);
  if (std::exchange(on.silent, false)) look_at_all();
  auto made = std::make_shared<process>();
  made->on = &on;
  made->label = ++on.processes == 1 ? name : name + "." + std::to_string(on.processes);
  return made;
}

host& network::host_named(const std::string& name) {
  const auto found = hosts_.find(name);
  if (found == hosts_.end()) throw std::invalid_argument("sim::network: there is no host '" + name + "'");
  return *found->second;
}

host* network::host_of(std::string_view address) {
  const auto found = hosts_by_address_.find(std::string(address));
  return found == hosts_by_address_.end() ? nullptr : found->second;
}

void network::set_name(const std::string& name, std::vector<std::string> addresses) {
  names_[name] = std::move(addresses);
}

std::vector<std::string> network::addresses_of(const std::string& name) const {
  if (const auto set = names_.find(name); set != names_.end()) return set->second;
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? std::vector<std::string>() : found->second->addresses;
}

std::shared_ptr<listening> network::listener_at(host& at, const net::endpoint& place) const {
  for (const auto& listener : at.listeners) {
    const std::string& bound = listener->at.host;
    const bool any = bound == (place.is_v6() ? "::" : "0.0.0.0");
    if (listener->at.port == place.port && (any || bound == place.host)) return listener;
  }
  return nullptr;
}

link network::link_between(const std::string& from, const std::string& to) const {
  const auto found = links_.find({from, to});
  return found == links_.end() ? settings_.usual : found->second;
}

void network::set_link(const std::string& from, const std::string& to, link l) {
  links_[{host_named(from).name, host_named(to).name}] = l;
  look_at_all();
}

bool network::blocked(const host& from, const host& to) const {
  if (to.silent) return true;
  for (const partition_of_two& p : partitions_) {
    if (p.one.contains(&from) && p.other.contains(&to)) return true;
    if (p.other.contains(&from) && p.one.contains(&to)) return true;
  }
  return !links_.empty() && link_between(from.name, to.name).frozen;
}

void network::partition(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  partition_of_two p;
  for (const std::string& a : one) p.one.insert(&host_named(a));
  for (const std::string& b : other) {
    if (!p.other.insert(&host_named(b)).second || !p.one.contains(&host_named(b))) continue;
    throw std::invalid_argument("sim::network: '" + b + "' cannot be on both sides of a partition");
  }
  partitions_.push_back(std::move(p));
  look_at_all();
}

void network::heal() {
  partitions_.clear();
  look_at_all();
}

void network::cut(const std::string& one, const std::string& other) {
  const host& a = host_named(one);
  const host& b = host_named(other);
  for (const auto& [number, c] : connections_) {
    if (!c->between(a, b)) continue;
    c->break_now();
    look_at(*c);
  }
}

void network::kill(process& p, bool silently) {
  if (std::exchange(p.over, true)) return;
  p.callbacks.clear();
  if (silently) p.on->silent = true;
  std::erase_if(p.on->listeners, [&](const std::shared_ptr<listening>& l) {
    if (l->owner.get() != &p) return false;
    l->closed = true;
    return true;
  });
  for (const std::uint64_t number : std::exchange(p.connections, {})) {
    const auto c = connections_.at(number);
    for (const int side : {0, 1}) {
      if (c->belongs_to(side, p)) c->end_process(side, silently);
    }
    look_at(*c);
  }
  if (silently) look_at_all();
}

void network::add(std::shared_ptr<connection> c) {
  c->number = ++connections_made_;
  c->owner(0)->connections.insert(c->number);
  const auto added = connections_.emplace_hint(connections_.end(), c->number, std::move(c));
  look_at(*added->second);
}

void network::accepted_by(process& p, connection& c) {
  if (!p.over) p.connections.insert(c.number);
}

void network::look_at(connection& c) {
  if (c.number == 0 || c.forgotten) return;
  c.free_descriptors();
  if (c.dead()) {
    c.forgotten = true;
    dead_.push_back(c.number);
  }
  for (const int from : {0, 1}) {
    connection::standing& at = c.stands[static_cast<std::size_t>(from)];
    const bool blocked = c.blocked(from);
    const std::uint64_t number = 2 * c.number + static_cast<std::uint64_t>(from);
    const auto nothing = std::optional<core::time_point>();
    arrivals_.put(at.arrival, c.forgotten || blocked ? nothing : c.due(from), chance_, number, {&c, from});
    limits_.put(at.limit, c.forgotten || !blocked ? nothing : c.expires(from), chance_, number, {&c, from});
  }
}

void network::look_at_all() {
  for (const auto& [number, c] : connections_) look_at(*c);
}

std::vector<direction> network::offered() const {
  std::vector<direction> out;
  for (const auto& [number, c] : connections_) {
    for (const int from : {0, 1}) {
      if (!c->forgotten && c->due(from) && !c->blocked(from)) out.push_back({c.get(), from});
    }
  }
  return out;
}

std::vector<choice> network::choices() const {
  std::vector<choice> out;
  for (const direction& d : offered()) out.push_back(d.on->next(d.from));
  return out;
}

void network::take(std::size_t which) { let_happen(offered().at(which)); }

bool network::step() {
  if (expire()) return true;
  const auto* const next = arrivals_.due(now());
  if (next == nullptr) return false;
  let_happen(next->what);
  return true;
}

void network::let_happen(direction d) {
  const auto kept = d.on->shared_from_this();
  const std::string what = trace_ ? d.on->next(d.from).what : std::string();
  const std::size_t size = d.on->arrive(d.from);
  look_at(*d.on);
  ++carried_.events;
  carried_.bytes += size;
  if (trace_) {
    char time[32];
    const auto elapsed = clock_.elapsed().count();
    std::snprintf(time, sizeof time, "%lld.%09lld ", static_cast<long long>(elapsed / 1'000'000'000),
                  static_cast<long long>(elapsed % 1'000'000'000));
    trace_(time + what + (size == 0 ? "" : ' ' + std::to_string(size)));
  }
  forget_dead();
}

bool network::expire() {
  bool any = false;
  while (const auto* const next = limits_.due(now())) {
    const direction d = next->what;
    const auto kept = d.on->shared_from_this();
    d.on->time_out(d.from);
    look_at(*d.on);
    any = true;
  }
  forget_dead();
  return any;
}

void network::forget_dead() {
  for (const std::uint64_t number : std::exchange(dead_, {})) {
    const auto found = connections_.find(number);
    for (const int side : {0, 1}) {
      if (process* const p = found->second->owner(side)) p->connections.erase(number);
    }
    connections_.erase(found);
  }
}

std::optional<core::time_point> network::next_event() const {
  const auto* const arrival = settings_.scheduled ? nullptr : arrivals_.first();
  const auto* const limit = limits_.first();
  if (arrival == nullptr) return limit == nullptr ? std::nullopt : std::optional(limit->when);
  return limit == nullptr ? arrival->when : std::min(arrival->when, limit->when);
}

}  // namespace aemp::sim
