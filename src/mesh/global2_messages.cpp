// The messages of version 2 that other nodes send: from whom they are believed, and what follows.
#include <algorithm>

#include <aemp/log.hpp>

#include "mesh/elements.hpp"
#include "mesh/global2.hpp"

namespace aemp::mesh {
namespace {

// Requests, which are answered or noted in the order in which they came (requests.hpp).
constexpr std::string_view wishes[] = {"g_mon1",      "g_mon0",    "g_find",     "g_more",
                                       "g_db_family", "g_db_keys", "g_db_values"};

bool is_reserved(const std::string& family) { return family.empty() || family[0] == '\''; }

}  // namespace

const std::vector<std::string> global2::messages = {
    "g_global",    "g_slave",   "g_set",       "g_upd",   "g_mon1", "g_mon0", "g_find",  "g_found",
    "g_db_family", "g_db_keys", "g_db_values", "g_reply", "g_chg1", "g_chg2", "g_known", "g_more"};

// Takes a copy of the name: what follows may end the connection that it belongs to.
void global2::handle(std::string node, const message& m) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  peer& p = found->second;
  const std::string tag = m[0].to_string();
  if (tag == "g_global") return on_global(node, p);
  if (tag == "g_slave") return on_slave(node, m);
  if (tag == "g_set") return on_set(node, m);
  if (tag == "g_upd") return on_upd(node, p, m);
  if (tag == "g_known") return on_known(node, p);
  if (std::ranges::find(wishes, tag) != std::end(wishes)) {
    if (!requests_.add(node, m)) log(node, 1, "asks for more than is answered; " + tag + " is refused");
    return;
  }
  const bool answer = tag == "g_found" || tag == "g_reply" || tag == "g_chg1" || tag == "g_chg2";
  if (!answer) return malformed(node, m);
  if (node == master_) handle_answer(tag, m);  // a former master's answer is dropped
}

void global2::handle_wish(const std::string& node, const message& m) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  const peer& p = found->second;
  const std::string tag = m[0].to_string();
  if (tag == "g_mon1") return on_mon1(node, p, m);
  if (tag == "g_mon0") return on_mon0(node, m);
  if (tag == "g_find") return on_find(node, m);
  if (tag == "g_more") return on_more(node, p, m);
  if (tag == "g_db_family") return on_query(node, p, m, core::query_kind::family);
  if (tag == "g_db_keys") return on_query(node, p, m, core::query_kind::keys);
  on_query(node, p, m, core::query_kind::values);
}

void global2::handle_answer(const std::string& tag, const message& m) {
  if (tag == "g_found") return on_found(m);
  if (tag == "g_reply") return on_reply(m);
  on_chg(m, tag == "g_chg1");
}

void global2::malformed(const std::string& node, const message& m) {
  log(node, 2, "malformed " + m[0].to_string().substr(0, 64) + " dropped: " + m.to_json().substr(0, 200));
}

// Only the malformed keys are dropped, so that the rest of what a node has is known.
std::optional<core::family_content> global2::content_of(const std::string& node, const std::string& family,
                                                        const value& v) {
  auto content = family_of(v);
  if (!content) return {};
  const auto is_bad = [&](const auto& entry) { return !is_key_of(family, entry.first); };
  if (const std::size_t bad = std::erase_if(*content, is_bad); bad != 0) {
    log(node, 2,
        "sets " + std::to_string(bad) + " keys in family '" + family.substr(0, 64) +
            "' that are not valid (empty, too long, or no node ID); dropped");
  }
  return content;
}

std::optional<core::families> global2::contents_of(const std::string& node, const value& v) {
  core::families out;
  const auto families = family_of(v);
  if (!families) return {};
  for (const auto& [family, keys] : *families) {
    if (!is_family(family)) {
      log(node, 2, "names a family '" + family.substr(0, 64) + "', which is no valid name; dropped");
      continue;
    }
    auto content = content_of(node, family, keys);
    if (!content) return {};
    if (!content->empty()) out.emplace(family, std::move(*content));
  }
  return out;
}

// ---- between global nodes ----

void global2::on_global(const std::string& node, peer& p) {
  audience_.set_global(node, true);
  if (!global_) return;
  if (std::exchange(p.slave, false)) p.leaving = std::make_unique<core::own_timer>();
  for (const auto& [other, former] : peers_) {
    if (former.leaving != nullptr) keep_former_slave(other);
  }
  change_near("m", "'g", {{node, nullptr}}, {});
  tell_near(node, "g_set");
  say_known(node);
}

// The former slave is global now, but other global nodes, above all the one that came last, may not have met
// it yet. So for a while this node goes on answering for it, with the entries that it has now.
void global2::keep_former_slave(const std::string& node) {
  peers_.at(node).leaving->start(worker_, settings_.monitor_timeout,
                                 [this, node] { end_former_slave(node); });
}

// Takes a copy of the name: the timer that calls this goes.
void global2::end_former_slave(std::string node) {
  peers_.at(node).leaving.reset();
  near_gone_.remove("s" + node);
}

void global2::follow_former_slave(const std::string& node, const std::string& family,
                                  const core::family_content& set, const std::vector<std::string>& deleted) {
  const std::string owner = "s" + node;
  core::family_content changed;
  for (const auto& [key, v] : set) {
    if (near_.has(owner, family, key)) changed.emplace(key, v);
  }
  change_near(owner, family, changed, deleted);
}

void global2::on_known(const std::string& node, peer& p) {
  p.knows = true;
  if (global_) return settle_when_all_told();
  if (node == master_) believe_master();
}

// Whether `more` bytes fit beside the `has` bytes that a node has registered or passed on.
bool global2::fits(const std::string& node, std::size_t has, std::size_t more) {
  if (has + more <= settings_.limits.max_registered) return true;
  log(node, 1,
      "has registered about " + std::to_string(has) + " bytes in the database; " + std::to_string(more) +
          " more are refused");
  return false;
}

bool global2::fits(const std::string& node, const core::database& in, const std::string& owner,
                   const lot& l) {
  const std::size_t replaced = weight_in(in.of(owner), l.marks);
  return fits(node, in.weight(owner) - std::min(in.weight(owner), replaced), core::weight_of(l.content));
}

void global2::on_set(const std::string& node, const message& m) {
  auto content = contents_of(node, m[1]);
  if (!content) return malformed(node, m);
  if (!global_ || !audience_.is_global(node))
    return log(node, 2, "sends the data of a global node but has not said that it is one; dropped");
  const lot l{{bookmark_in(m[3]), bookmark_in(m[2])}, std::move(*content)};
  if (!l.marks.advances()) return malformed(node, m);
  if (fits(node, all_, "g" + node, l)) {
    for (const core::family_change& c : changes(all_.of("g" + node), l))
      change_all("g" + node, c.family, c.set, c.deleted);
    for (const core::family_change& c : changes(near_.of("s" + node), l))
      follow_former_slave(node, c.family, c.set, c.deleted);
    mirror_address(node);
  }
  const auto now = peers_.find(node);
  if (now == peers_.end()) return;
  if (l.marks.upto) return send(node, {"g_more", value_of(l.marks.upto)});
  now->second.told = true;
  settle_when_all_told();
}

void global2::on_more(const std::string& node, const peer& p, const message& m) {
  auto after = bookmark_in(m[1]);
  if (!after || !p.speaks.lots) return malformed(node, m);
  if (global_ && audience_.is_global(node)) return tell_near(node, "g_set", std::move(after));
  if (!global_ && node == master_) return tell_near(node, "g_slave", std::move(after));
}

// A global node repeats the address of each other one, so that others find it when they have lost it.
void global2::mirror_address(const std::string& node) {
  const core::families& its = all_.of("g" + node);
  const auto places = its.find("'l");
  if (places == its.end()) return;
  const auto own = places->second.find(node);
  if (own == places->second.end()) return;
  const value where = own->second;
  if (auto list = places_of(where); list && !list->empty()) owner_.learn_addresses(node, *list);
  change_near("m", "'l", {{node, where}}, {});
}

// ---- slaves ----

// A node speaks for itself only: it cannot say where others are, or who is global.
core::families global2::allowed_of_slave(const std::string& node, core::families content) {
  for (auto f = content.begin(); f != content.end();) {
    if (f->first == "'l") {
      if (std::erase_if(f->second, [&](const auto& entry) { return entry.first != node; }) != 0) {
        log(node, 2, "says where other nodes are; dropped");
      }
    } else if (is_reserved(f->first)) {
      log(node, 2, "sets keys in the reserved family '" + f->first.substr(0, 64) + "'; dropped");
      f->second.clear();
    }
    f = f->second.empty() ? content.erase(f) : std::next(f);
  }
  return content;
}

void global2::on_slave(const std::string& node, const message& m) {
  if (m.size() < 2) return become_global("node " + node + " asked for it");
  auto content = contents_of(node, m[1]);
  if (!content) return malformed(node, m);
  lot l{{bookmark_in(m[3]), bookmark_in(m[2])}, std::move(*content)};
  if (!l.marks.advances()) return malformed(node, m);
  if (!l.marks.after) become_global("node " + node + " is its slave");
  const auto now = peers_.find(node);
  if (now == peers_.end() || (l.marks.after && !now->second.slave)) return;
  now->second.slave = true;
  audience_.set_global(node, false);
  now->second.leaving.reset();
  l.content = allowed_of_slave(node, std::move(l.content));
  if (fits(node, near_, "s" + node, l)) {
    for (const core::family_change& c : changes(near_.of("s" + node), l))
      change_near("s" + node, c.family, c.set, c.deleted);
  }
  if (l.marks.upto) return send(node, {"g_more", value_of(l.marks.upto)});
  say_known(node);
}

void global2::on_upd(const std::string& node, const peer& p, const message& m) {
  const auto named = core::word_in(m[1], is_family);
  if (!named) return malformed(node, m);
  const std::string& family = *named;
  const auto set = content_of(node, family, m[2]);
  const auto deleted = keys_of(m[3]);
  if (!set || !deleted) return malformed(node, m);
  if (!global_ || (!p.slave && !audience_.is_global(node))) {
    return log(node, 2, "changes the database but has not said that it is a slave or a global node; dropped");
  }
  const std::string owner = (p.slave ? "s" : "g") + node;
  if (!fits(node, (p.slave ? near_ : all_).weight(owner), family.size() + core::weight_of(*set))) return;
  if (!p.slave) {
    change_all(owner, family, *set, *deleted);
    follow_former_slave(node, family, *set, *deleted);
    if (family == "'l" && set->contains(node)) mirror_address(node);
    return;
  }
  core::families allowed = allowed_of_slave(node, {{family, *set}});
  if (is_reserved(family) && family != "'l") return;
  change_near(owner, family, allowed[family], *deleted);
}

void global2::on_find(const std::string& node, const message& m) {
  const auto sought = core::word_in(m[1], core::is_node_name);
  if (!sought) return malformed(node, m);
  const std::vector<std::string> where = addresses(*sought);
  if (!where.empty()) return send(node, {"g_found", m[1], value_of(where)});
  const std::vector<std::string> relays = relays_for(*sought);
  if (relays.empty()) return send(node, {"g_found", m[1], value()});
  send(node, {"g_found", m[1], value(), value_of(relays)});
}

void global2::on_mon0(const std::string& node, const message& m) {
  if (const auto family = core::word_in(m[1], is_family)) audience_.unsubscribe(node, *family);
}

void global2::on_mon1(const std::string& node, const peer& p, const message& m) {
  const auto family = core::word_in(m[1], is_family);
  if (!family) return malformed(node, m);
  const std::size_t most = settings_.limits.max_subscriptions;
  if (audience_.subscriptions(node) >= most && !audience_.has_subscribed(node, *family)) {
    return log(node, 1,
               "wants to be told of more than " + std::to_string(most) +
                   " families (limits.max_subscriptions); refused: '" + family->substr(0, 64) + "'");
  }
  audience_.subscribe(node, *family);
  const core::family_content& all = all_.family(*family);
  if (all.empty()) return send(node, {"g_chg1", *family, value()});
  if (!p.speaks.lots) return send(node, {"g_chg1", *family, answer_for(*family, core::query_kind::family)});
  family_lot next = next_lot(all, core::word_in(m[2], core::is_key), p.speaks.max_message);
  report_left_out(node, next.left_out);
  std::vector<value> elements{"g_chg1", *family, std::move(next.content)};
  if (const auto& [after, upto] = next.keys; upto || after) {
    elements.push_back({});
    elements.push_back(upto ? value(*upto) : value());
    elements.push_back(after ? value(*after) : value());
  }
  send(node, std::move(elements));
}

value global2::answer_for(const std::string& family, core::query_kind what) {
  if (last_answer_.family != family || last_answer_.what != what)
    last_answer_ = {family, what, core::answer_of(all_.family(family), what)};
  return last_answer_.content;
}

void global2::on_query(const std::string& node, const peer& p, const message& m, core::query_kind what) {
  const auto family = core::word_in(m[1], is_family);
  const auto id = core::word_in(m[2], core::is_key);
  if (!family || !id) return malformed(node, m);
  if (!p.speaks.lots) return send(node, {"g_reply", m[2], answer_for(*family, what)});
  const family_lot next =
      next_lot(all_.family(*family), core::word_in(m[3], core::is_key), p.speaks.max_message);
  report_left_out(node, next.left_out);
  std::vector<value> elements{"g_reply", m[2], core::answer_of(next.content, what)};
  if (next.keys.upto) elements.push_back(*next.keys.upto);
  send(node, std::move(elements));
}

// ---- from the master ----

void global2::on_found(const message& m) {
  const std::string node = core::word_in(m[1], core::is_node_name).value_or("");
  if (finds_.erase(node) == 0) return;
  const auto where = places_of(m[2]);
  if (!where) return malformed(master_, m);
  if (const auto relays = words_of(m[3], core::is_node_name); where->empty() && relays && !relays->empty())
    return owner_.is_behind(node, *relays);
  if (where->empty()) return owner_.has_no_address(node);
  owner_.learn_addresses(node, *where);
}

void global2::on_reply(const message& m) {
  const std::string from = master_;
  const result<void> taken = questions_.reply(m);
  if (taken) return;
  if (taken.error().name == "malformed_packet") return malformed(from, m);
  log(from, 1, taken.error().text);
}

void global2::on_chg(const message& m, bool all) {
  const auto named = core::word_in(m[1], is_family);
  if (!named) return malformed(master_, m);
  const std::string& family = *named;
  if (!node_.registry().wants(family)) return;
  auto set = content_of(master_, family, m[2]);
  auto deleted = keys_of(m[3]);
  if (!set || !deleted) return malformed(master_, m);
  family_lot l{{core::word_in(m[5], core::is_key), core::word_in(m[4], core::is_key)}, std::move(*set)};
  std::size_t replaced = 0;
  if (all) {
    const auto before = all_.of("m").find(family);
    if (before != all_.of("m").end()) {
      replaced = weight_in(before->second, l.keys);
      *deleted = missing(before->second, l);
    }
  }
  if (!l.keys.advances()) return malformed(master_, m);
  if (fits(master_, all_.weight("m") - std::min(all_.weight("m"), replaced),
           family.size() + core::weight_of(l.content)))
    change_all("m", family, l.content, *deleted);
  if (!all) return;
  if (l.keys.upto) return send(master_, {"g_mon1", family, *l.keys.upto});
  answered_.insert(family);
  if (knows_) estates_.settle(family);
}

}  // namespace aemp::mesh
