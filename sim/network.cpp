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
  hosts_.emplace(name, std::make_unique<host>(host{name, std::move(addresses)}));
}

std::shared_ptr<process> network::start_process(const std::string& name) {
  if (!has_host(name)) add_host(name);
  host& on = host_named(name);
  on.silent = false;
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
  for (const auto& [name, h] : hosts_) {
    if (std::find(h->addresses.begin(), h->addresses.end(), address) != h->addresses.end()) return h.get();
  }
  return nullptr;
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
}

bool network::blocked(const host& from, const host& to) const {
  if (to.silent) return true;
  if (!partitioned_.empty() && partitioned_.contains({from.name, to.name})) return true;
  return !links_.empty() && link_between(from.name, to.name).frozen;
}

void network::partition(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  for (const std::string& a : one) {
    for (const std::string& b : other) {
      if (a == b)
        throw std::invalid_argument("sim::network: '" + a + "' cannot be on both sides of a partition");
      partitioned_.emplace(host_named(a).name, host_named(b).name);
      partitioned_.emplace(b, a);
    }
  }
}

void network::cut(const std::string& one, const std::string& other) {
  const host& a = host_named(one);
  const host& b = host_named(other);
  for (const auto& c : connections_) {
    if (c->between(a, b)) c->break_now();
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
  for (const auto& c : connections_) {
    for (const int side : {0, 1}) {
      if (c->belongs_to(side, p)) c->end_process(side, silently);
    }
  }
}

std::vector<network::direction> network::ready() const {
  std::vector<direction> out;
  for (const auto& c : connections_) {
    for (const int from : {0, 1}) {
      const auto due = c->due(from);
      if (due && (settings_.scheduled || *due <= now()) && !c->blocked(from)) out.push_back({c, from});
    }
  }
  return out;
}

std::vector<choice> network::choices() const {
  std::vector<choice> out;
  for (const direction& d : ready()) out.push_back(d.on->next(d.from));
  return out;
}

void network::take(std::size_t which) { let_happen(ready().at(which)); }

bool network::step() {
  if (expire()) return true;
  std::vector<direction> now = ready();
  if (now.empty()) return false;
  auto earliest = *now.front().on->due(now.front().from);
  for (const direction& d : now) earliest = std::min(earliest, *d.on->due(d.from));
  std::erase_if(now, [&](const direction& d) { return *d.on->due(d.from) != earliest; });
  let_happen(now[chance_.below(now.size())]);
  return true;
}

void network::let_happen(const direction& d) {
  const std::string what = trace_ ? d.on->next(d.from).what : std::string();
  const std::size_t size = d.on->arrive(d.from);
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
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    for (const int from : {0, 1}) {
      const auto limit = connections_[i]->expires(from);
      if (!limit || *limit > now() || !connections_[i]->blocked(from)) continue;
      connections_[i]->time_out(from);
      any = true;
    }
  }
  forget_dead();
  return any;
}

void network::forget_dead() {
  std::erase_if(connections_, [](const std::shared_ptr<connection>& c) { return c->dead(); });
}

std::optional<core::time_point> network::next_event() const {
  std::optional<core::time_point> out;
  for (const auto& c : connections_) {
    for (const int from : {0, 1}) {
      const bool blocked = c->blocked(from);
      if (!blocked && settings_.scheduled) continue;
      const auto moment = blocked ? c->expires(from) : c->due(from);
      if (moment && (!out || *moment < *out)) out = moment;
    }
  }
  return out;
}

}  // namespace aemp::sim
