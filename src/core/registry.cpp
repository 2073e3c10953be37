#include "core/registry.hpp"

#include <algorithm>

namespace aemp::core {
namespace {

// How many keys are taken into a roster in one step, which lasts some milliseconds. Other work comes between the steps.
constexpr std::size_t most_at_once = 4096;
// When telling the watches of a family takes longer than this, they rest for ten times as long. So a large family takes
// a tenth of the worker's time at most.
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
    const auto locked = known_.shared();
    known = locked->view.family(name);
    first = !locked->asked.contains(name);
  }
  if (first) {
    first = known_.lock()->asked.insert(name).second;
    if (first) workers_.network().post(detail::make_task([this, name] { want(name); }));
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
  if (!view().has({}, family, key)) return;
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
    const auto known = known_.lock();
    const family_content& before = known->view.family(family);
    for (const auto& [key, v] : set) {
      if (!before.contains(key)) fresh.insert(key);
    }
    c = known->view.update(source, family, set, deleted);
  }
  if (c.empty() || !watches_.contains(family)) return;
  news& n = news_[family];
  for (const auto& [key, v] : c.set) {
    if (n.deleted.erase(key) == 0 && fresh.contains(key)) {
      n.added.insert(key);
    } else if (!n.added.contains(key)) {
      n.changed.insert(key);
    }
  }
  for (const std::string& key : c.deleted) {
    n.changed.erase(key);
    if (n.added.erase(key) == 0) n.deleted.insert(key);
  }
  workers_.network().when_idle(*this);
}

void registry::forget(const std::string& source) {
  const families before = of(source);
  for (const auto& [family, keys] : before) {
    std::vector<std::string> gone;
    for (const auto& [key, v] : keys) gone.push_back(key);
    update(source, family, {}, gone);
  }
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

registry::entry::entry(registry& of, std::string family, std::string key, value v, port_id with)
    : owned(kind::record, of.workers_.node(), 0, 0, {}),
      family(std::move(family)),
      key(std::move(key)),
      content(std::move(v)),
      with(std::move(with)),
      registry_(of) {}

void registry::entry::taken_back() { registry_.end(*this); }

void registry::begin(entry& e) {
  e.serial = ++entries_made_;
  entries_.push(e, e.watched_hook);
  serials_[{e.family, e.key}] = e.serial;
  set(e.family, e.key, e.content);
  if (!e.with) return;
  detail::retain(&e);
  e.port_watch = monitors_.watch_local(e.with.name(), [this, keep = aemp::handle(&e), &e](const message&) {
    if (e.finish()) end(e);
  });
}

// If the same key was registered again later, that registration stays.
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

registry::watch::watch(registry& of, std::uint32_t worker, std::uint64_t port, detail::handler_ref f,
                       std::string family, bool group)
    : owned(kind::record, of.workers_.node(), worker, port, std::move(f)),
      family(std::move(family)),
      group(group),
      registry_(of) {}

void registry::watch::taken_back() { registry_.end(*this); }
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
  if (!unknown_.empty()) workers_.network().when_idle(*this);
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

// True: the roster is complete, or nobody watches the family as a group.
bool registry::fill_roster(const std::string& family) {
  bool is_group = false;
  watches_[family].for_each([&](detail::owned& o) { is_group |= static_cast<watch&>(o).group; });
  return !is_group || rosters_[family].fill(view().family(family), most_at_once);
}

// A first state contains all changes so far, so a watch gets no news before its first state.
void registry::tell_first_states() {
  for (const std::string& family : std::set<std::string>(unknown_)) {
    if (backend_ != nullptr && !backend_->is_known(family)) continue;
    if (!fill_roster(family)) {
      workers_.network().when_idle(*this);
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
        const family_content& all = view().family(family);
        as_family = {value(all), answer_of(all, query_kind::keys), list_of({}), list_of({})};
      }
      tell(w, as_family);
    });
  }
}

// News of a large family is expensive to tell, and a large loss causes a lot of it. So the family's watches rest in
// between, and get what has added up in one piece.
void registry::tell_news() {
  clock& time = workers_.network().clock();
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
  later_.start(workers_.network(), next - time.now(), [this] { workers_.network().when_idle(*this); });
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
      as_family = {value(view().family(family)), list_of(n.added), list_of(n.changed), list_of(n.deleted)};
    tell(w, w.group ? as_group : as_family);
  });
}

void registry::tell(watch& w, std::vector<value> news) {
  detail::retain(&w);
  detail::block* task = detail::make_task([&w, keep = aemp::handle(&w), news = message::of(std::move(news))] {
    if (!w.over.load(std::memory_order_acquire)) w.call_handler(news);
  });
  task->port = w.owner;
  workers_.at(w.worker).post(task);
}

// ---- questions ----

registry::question::question(registry& of, std::uint32_t worker, std::uint64_t port, detail::handler_ref f,
                             std::string family, query_kind asked)
    : owned(kind::record, of.workers_.node(), worker, port, std::move(f)),
      family(std::move(family)),
      asked(asked) {}

void registry::begin(question& q) {
  if (backend_ == nullptr) return q.fire(message(answer_of(view().family(q.family), q.asked)));
  detail::retain(&q);
  backend_->query(q.family, q.asked,
                  [&q, keep = aemp::handle(&q)](const value& answer) { q.fire(message(answer)); });
}

void registry::shut_down() noexcept {
  backend_ = nullptr;
  later_.cancel();
  for (auto& [family, list] : watches_) list.finish_all();
  // An entry and the monitor of its port hold references to each other; this breaks the cycle.
  entries_.for_each([](detail::owned& o) { static_cast<entry&>(o).port_watch = {}; });
  entries_.finish_all();
  watches_.clear();
}

}  // namespace aemp::core
