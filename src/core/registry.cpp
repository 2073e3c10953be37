#include "core/registry.hpp"

#include <algorithm>
#include <mutex>

#include "core/local_node.hpp"

namespace aemp::core {
namespace {

// Keys that a worker takes into a roster before others have their turn: a matter of milliseconds.
constexpr std::size_t most_at_once = 4096;
// Telling of a family that takes longer is done for a tenth of the time at most.
constexpr duration worth_a_rest = std::chrono::milliseconds(1);

value list_of(const std::set<std::string>& names) { return value(value::array(names.begin(), names.end())); }

value ports_of(const std::set<std::string>& keys) {
  value::array ports;
  for (const std::string& key : keys) {
    if (auto port = member_of(key)) ports.emplace_back(*port);
  }
  return value(std::move(ports));
}

}  // namespace

value answer_of(const family_content& content, query_kind what) {
  if (what == query_kind::family) return value(content);
  value::array list;
  for (const auto& [key, v] : content) list.push_back(what == query_kind::keys ? value(key) : v);
  return value(std::move(list));
}

// ---- reading and writing ----

family_content registry::family(const std::string& name) {
  bool first = false;
  family_content known;
  {
    const std::shared_lock lock(mutex_);
    known = view_.family(name);
    first = !asked_.contains(name);
  }
  if (first) {
    {
      const std::unique_lock lock(mutex_);
      first = asked_.insert(name).second;
    }
    if (first) node_.network_worker().post(detail::make_task([this, name] { want(name); }));
  }
  return known;
}

void registry::set(const std::string& family, const std::string& key, const value& v) {
  const auto before = own().find(family);
  if (before != own().end()) {
    const auto same = before->second.find(key);
    if (same != before->second.end() && same->second.type() == v.type() && same->second == v) return;
  }
  update({}, family, {{key, v}}, {});
  if (backend_ != nullptr) backend_->local_changed({family, {{key, v}}, {}});
}

void registry::erase(const std::string& family, const std::string& key) {
  if (!view_.has({}, family, key)) return;
  const std::vector<std::string> keys{key};
  serials_.erase({family, key});
  update({}, family, {}, keys);
  if (backend_ != nullptr) backend_->local_changed({family, {}, keys});
}

void registry::update(const std::string& source, const std::string& family, const family_content& set,
                      std::span<const std::string> deleted) {
  family_change c;
  std::set<std::string> fresh;
  {
    const std::unique_lock lock(mutex_);
    const family_content& before = view_.family(family);
    for (const auto& [key, v] : set) {
      if (!before.contains(key)) fresh.insert(key);
    }
    c = view_.update(source, family, set, deleted);
  }
  if (c.empty() || !watches_.contains(family)) return;
  news& n = news_[family];
  for (const auto& [key, v] : c.set) {
    if (n.deleted.erase(key) != 0) {
      n.changed.insert(key);
    } else if (fresh.contains(key)) {
      n.added.insert(key);
    } else if (!n.added.contains(key)) {
      n.changed.insert(key);
    }
  }
  for (const std::string& key : c.deleted) {
    n.changed.erase(key);
    if (n.added.erase(key) == 0) n.deleted.insert(key);
  }
  node_.network_worker().when_idle(*this);
}

void registry::replace(const std::string& source, const families& content) {
  const families before = of(source);
  for (const auto& [family, keys] : before) {
    const auto now = content.find(family);
    std::vector<std::string> gone;
    for (const auto& [key, v] : keys) {
      if (now == content.end() || !now->second.contains(key)) gone.push_back(key);
    }
    if (!gone.empty()) update(source, family, {}, gone);
  }
  for (const auto& [family, keys] : content) update(source, family, keys, {});
}

// ---- who wants to know ----

void registry::attach(registry_backend* b) {
  backend_ = b;
  if (b == nullptr) return;
  for (const auto& [family, n] : wanted_) b->subscribe(family);
}

std::vector<std::string> registry::wanted() const {
  std::vector<std::string> names;
  for (const auto& [family, n] : wanted_) names.push_back(family);
  return names;
}

void registry::want(const std::string& family) {
  if (++wanted_[family] == 1 && backend_ != nullptr) backend_->subscribe(family);
}

void registry::drop(const std::string& family) {
  const auto found = wanted_.find(family);
  if (found == wanted_.end() || --found->second != 0) return;
  wanted_.erase(found);
  if (backend_ != nullptr) backend_->unsubscribe(family);
}

// ---- entries ----

registry::entry::entry(detail::local_node& node, std::string family, std::string key, value v, port_id with)
    : owned(kind::record, node, 0, 0, {}),
      family(std::move(family)),
      key(std::move(key)),
      content(std::move(v)),
      with(std::move(with)) {}

void registry::entry::taken_back() { node.registry().end(*this); }

void registry::begin(entry& e) {
  e.serial = ++entries_made_;
  entries_.push(e, e.watched_hook);
  serials_[{e.family, e.key}] = e.serial;
  set(e.family, e.key, e.content);
  if (!e.with) return;
  detail::retain(&e);
  e.port_watch = node_.watch_local(e.with.name(), [this, keep = aemp::handle(&e), &e](const message&) {
    if (e.finish()) end(e);
  });
}

// Whoever has registered the key anew since then, keeps it.
void registry::end(entry& e) {
  if (!e.watched_hook.linked()) return;
  const aemp::handle keep = (detail::retain(&e), aemp::handle(&e));
  e.watched_hook.unlink();
  detail::release(&e);
  std::exchange(e.port_watch, {}).cancel();
  const auto current = serials_.find({e.family, e.key});
  if (current != serials_.end() && current->second == e.serial) erase(e.family, e.key);
}

// ---- monitors ----

registry::watch::watch(detail::local_node& node, std::uint32_t worker, std::uint64_t port,
                       detail::handler_ref f, std::string family, bool group)
    : owned(kind::record, node, worker, port, std::move(f)), family(std::move(family)), group(group) {}

void registry::watch::taken_back() { node.registry().end(*this); }
std::string registry::watch::description() const {
  return (group ? "the callback of grp_mon of group '" : "the callback of db_mon of family '") + family + "'";
}
std::string registry::question::description() const {
  return "the callback of a question about family '" + family + "'";
}

void registry::begin(watch& w) {
  watches_[w.family].push(w, w.watched_hook);
  want(w.family);
  unknown_.insert(w.family);
  look_again();
}

void registry::look_again() {
  if (!unknown_.empty()) node_.network_worker().when_idle(*this);
}

void registry::end(watch& w) {
  if (!w.watched_hook.linked()) return;
  w.watched_hook.unlink();
  const std::string family = w.family;
  detail::release(&w);
  const auto found = watches_.find(family);
  if (found != watches_.end() && found->second.empty()) {
    watches_.erase(found);
    news_.erase(family);
    unknown_.erase(family);
    rosters_.erase(family);
    rests_.erase(family);
  }
  drop(family);
}

void registry::on_idle() {
  tell_news();
  tell_first_states();
}

// True: it is filled, or nobody watches the family as a group.
bool registry::fill_roster(const std::string& family) {
  bool is_group = false;
  watches_[family].for_each([&](detail::owned& o) { is_group |= static_cast<watch&>(o).group; });
  return !is_group || rosters_[family].fill(view_.family(family), most_at_once);
}

// A first state has in it what became different until then, so there are no news for who waits for one.
void registry::tell_first_states() {
  for (const std::string& family : std::set<std::string>(unknown_)) {
    if (backend_ != nullptr && !backend_->is_known(family)) continue;
    if (!fill_roster(family)) {
      node_.network_worker().when_idle(*this);
      continue;
    }
    unknown_.erase(family);
    if (const auto rested = news_.extract(family)) tell_news_of(family, rested.mapped());
    std::vector<value> as_family;
    watches_[family].for_each([&](detail::owned& o) {
      auto& w = static_cast<watch&>(o);
      if (std::exchange(w.began, true)) return;
      if (w.group) {
        const value& ports = rosters_[family].ports();
        if (!ports.elements().empty()) tell(w, {ports, ports, list_of({})});
        return;
      }
      if (as_family.empty()) {
        const family_content& all = view_.family(family);
        as_family = {value(all), answer_of(all, query_kind::keys), list_of({}), list_of({})};
      }
      tell(w, as_family);
    });
  }
}

// To tell of a large family is dear, and after a large loss there is much to tell: so its watches rest for a
// while, in which the news of a family add up.
void registry::tell_news() {
  clock& time = node_.network_worker().clock();
  std::map<std::string, news> later;
  time_point next = time_point::max();
  for (auto& [family, n] : std::exchange(news_, {})) {
    const time_point begin = time.now();
    if (const auto rest = rests_.find(family); rest != rests_.end()) {
      if (begin < rest->second) {
        next = std::min(next, rest->second);
        later.emplace(family, std::move(n));
        continue;
      }
      rests_.erase(rest);
    }
    tell_news_of(family, n);
    const duration took = time.now() - begin;
    if (took > worth_a_rest) rests_[family] = begin + 10 * took;
  }
  if (later.empty()) return;
  news_.merge(later);
  later_.start(node_.network_worker(), next - time.now(),
               [this] { node_.network_worker().when_idle(*this); });
}

void registry::tell_news_of(const std::string& family, const news& n) {
  const auto found = watches_.find(family);
  if (found == watches_.end()) return;
  if (n.added.empty() && n.changed.empty() && n.deleted.empty()) return;
  const auto members = rosters_.find(family);
  if (members != rosters_.end()) members->second.change(n.added, n.deleted);
  std::vector<value> as_group, as_family;
  const value added = ports_of(n.added), deleted = ports_of(n.deleted);
  const bool concerns_members = added.size() != 0 || deleted.size() != 0;
  found->second.for_each([&](detail::owned& o) {
    auto& w = static_cast<watch&>(o);
    if (!w.began || (w.group && !concerns_members)) return;
    if (w.group && as_group.empty()) as_group = {rosters_[family].ports(), added, deleted};
    if (!w.group && as_family.empty())
      as_family = {value(view_.family(family)), list_of(n.added), list_of(n.changed), list_of(n.deleted)};
    tell(w, w.group ? as_group : as_family);
  });
}

void registry::tell(watch& w, std::vector<value> news) {
  detail::retain(&w);
  detail::block* task = detail::make_task([&w, keep = aemp::handle(&w), news = message::of(std::move(news))] {
    if (!w.over.load(std::memory_order_acquire)) worker::call_back(w, news);
  });
  task->port = w.owner;
  node_.worker(w.worker).post(task);
}

// ---- questions ----

registry::question::question(detail::local_node& node, std::uint32_t worker, std::uint64_t port,
                             detail::handler_ref f, std::string family, query_kind asked)
    : owned(kind::record, node, worker, port, std::move(f)), family(std::move(family)), asked(asked) {}

void registry::begin(question& q) {
  if (backend_ == nullptr) return worker::fire(q, message(answer_of(view_.family(q.family), q.asked)));
  detail::retain(&q);
  backend_->query(q.family, q.asked,
                  [&q, keep = aemp::handle(&q)](const value& answer) { worker::fire(q, message(answer)); });
}

void registry::shut_down() noexcept {
  backend_ = nullptr;
  later_.cancel();
  const auto end_all = [](detail::owned_list& list) {
    while (detail::owned* o = list.pop()) {
      o->finish();
      detail::release(o);
    }
  };
  for (auto& [family, list] : watches_) end_all(list);
  // An entry and the monitor of its port hold each other until one of them ends.
  entries_.for_each([](detail::owned& o) { static_cast<entry&>(o).port_watch = {}; });
  end_all(entries_);
  watches_.clear();
}

}  // namespace aemp::core
