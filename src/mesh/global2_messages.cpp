// What other nodes say in the protocol of version 2, from whom it is believed, and what follows.
#include <algorithm>

#include <aemp/log.hpp>

#include "mesh/elements.hpp"
#include "mesh/global2.hpp"

namespace aemp::mesh {
namespace {

constexpr std::size_t most_subscriptions = 100'000;  // of one node

bool is_reserved(const std::string& family) { return family.empty() || family[0] == '\''; }

}  // namespace

const std::vector<std::string> global2::messages = {
    "g_global", "g_slave",     "g_set",     "g_upd",       "g_mon1",  "g_mon0", "g_find",
    "g_found",  "g_db_family", "g_db_keys", "g_db_values", "g_reply", "g_chg1", "g_chg2"};

void global2::handle(const std::string& node, const message& m) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  peer& p = found->second;
  const std::string tag = m[0].to_string();
  if (tag == "g_global") return on_global(node, p);
  if (tag == "g_slave") return on_slave(node, m);
  if (tag == "g_set") return on_set(node, p, m);
  if (tag == "g_upd") return on_upd(node, p, m);
  if (tag == "g_mon1") return on_mon1(node, p, m);
  if (tag == "g_mon0") {
    p.subscribed.erase(m[1].to_string());
    return;
  }
  if (tag == "g_find") {
    const std::vector<std::string> where = addresses(m[1].to_string());
    if (!where.empty()) return send(node, {"g_found", m[1], value_of(where)});
    const std::vector<std::string> relays = relays_for(m[1].to_string());
    if (relays.empty()) return send(node, {"g_found", m[1], value()});
    return send(node, {"g_found", m[1], value(), value_of(relays)});
  }
  if (tag == "g_db_family") return on_query(node, m, core::query_kind::family);
  if (tag == "g_db_keys") return on_query(node, m, core::query_kind::keys);
  if (tag == "g_db_values") return on_query(node, m, core::query_kind::values);
  const bool answer = tag == "g_found" || tag == "g_reply" || tag == "g_chg1" || tag == "g_chg2";
  if (!answer) return malformed(node, m);
  if (node != master_) return;  // it was the master once
  if (tag == "g_found") return on_found(m);
  if (tag == "g_reply") return on_reply(m);
  on_chg(m, tag == "g_chg1");
}

void global2::malformed(const std::string& node, const message& m) {
  log(node, 2, "malformed " + m[0].to_string().substr(0, 64) + " dropped: " + m.to_json().substr(0, 200));
}

// ---- between global nodes ----

void global2::on_global(const std::string& node, peer& p) {
  p.global = true;
  if (!global_) return;
  p.slave = false;
  p.subscribed.clear();
  replace_near("s" + node, {});
  for (const core::family_change& c : all_.replace("g" + node, {})) all_happened(c);
  change_near("m", "'g", {{node, nullptr}}, {});
  send(node, {"g_set", value_of(near_.merged())});
}

bool global2::fits(const std::string& node, std::size_t has, std::size_t more) {
  if (has + more <= settings_.limits.max_registered) return true;
  log(node, 1,
      "has registered about " + std::to_string(has) + " bytes in the database; " + std::to_string(more) +
          " more are refused");
  return false;
}

void global2::on_set(const std::string& node, const peer& p, const message& m) {
  auto content = families_of(m[1]);
  if (!content) return malformed(node, m);
  if (!global_ || !p.global)
    return log(node, 2, "sends the data of a global node but has not said that it is one; dropped");
  std::size_t weight = 0;
  for (const auto& [family, keys] : *content) weight += core::weight_of(keys);
  if (!fits(node, 0, weight)) return;
  for (const core::family_change& c : all_.replace("g" + node, *content)) all_happened(c);
  mirror_address(node);
}

// Whoever knows a global node says where it is, so that others find it when they have lost it.
void global2::mirror_address(const std::string& node) {
  const core::families& its = all_.of("g" + node);
  const auto places = its.find("'l");
  if (places == its.end()) return;
  const auto own = places->second.find(node);
  if (own == places->second.end()) return;
  const value where = own->second;
  if (auto list = strings_of(where); list && !list->empty()) owner_.learn_addresses(node, *list);
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
  auto content = families_of(m[1]);
  if (!content) return malformed(node, m);
  become_global("node " + node + " is its slave");
  const auto now = peers_.find(node);
  if (now == peers_.end()) return;
  now->second.slave = true;
  now->second.global = false;
  core::families allowed = allowed_of_slave(node, std::move(*content));
  std::size_t weight = 0;
  for (const auto& [family, keys] : allowed) weight += core::weight_of(keys);
  if (fits(node, 0, weight)) replace_near("s" + node, allowed);
}

void global2::on_upd(const std::string& node, const peer& p, const message& m) {
  const auto set = family_of(m[2]);
  const auto deleted = strings_of(m[3]);
  if (!m[1].is_text() || !set || !deleted) return malformed(node, m);
  const std::string family = m[1].to_string();
  if (!global_ || (!p.slave && !p.global)) {
    return log(node, 2, "changes the database but has not said that it is a slave or a global node; dropped");
  }
  const std::string owner = (p.slave ? "s" : "g") + node;
  if (!fits(node, (p.slave ? near_ : all_).weight(owner), core::weight_of(*set))) return;
  if (!p.slave) {
    change_all(owner, family, *set, *deleted);
    if (family == "'l" && set->contains(node)) mirror_address(node);
    return;
  }
  core::families allowed = allowed_of_slave(node, {{family, *set}});
  if (is_reserved(family) && family != "'l") return;
  change_near(owner, family, allowed[family], *deleted);
}

void global2::on_mon1(const std::string& node, peer& p, const message& m) {
  const std::string family = m[1].to_string();
  if (p.subscribed.size() >= most_subscriptions)
    return log(node, 1, "subscribes to too many families; refused");
  p.subscribed.insert(family);
  const core::family_content& content = all_.family(family);
  send(node, {"g_chg1", family, content.empty() ? value() : value(content)});
}

void global2::on_query(const std::string& node, const message& m, core::query_kind what) {
  send(node, {"g_reply", m[2], core::answer_of(all_.family(m[1].to_string()), what)});
}

// ---- from the master ----

void global2::on_found(const message& m) {
  const std::string node = m[1].to_string();
  if (finds_.erase(node) == 0) return;
  const auto where = strings_of(m[2]);
  if (!where) return malformed(master_, m);
  if (const auto relays = strings_of(m[3]); where->empty() && relays && !relays->empty())
    return owner_.is_behind(node, *relays);
  if (where->empty()) return owner_.has_no_address(node);
  owner_.learn_addresses(node, *where);
}

void global2::on_reply(const message& m) {
  const auto found = questions_.find(m[1].to_string());
  if (found == questions_.end()) return;
  const auto answer = std::move(found->second.answer);
  questions_.erase(found);
  answer(m[2]);
}

void global2::on_chg(const message& m, bool all) {
  const std::string family = m[1].to_string();
  const auto set = family_of(m[2]);
  auto deleted = strings_of(m[3]);
  if (!set || !deleted) return malformed(master_, m);
  if (!node_.registry().wants(family)) return;
  if (all) {
    deleted->clear();
    if (const auto before = known().find(family); before != known().end()) {
      for (const auto& [key, v] : before->second) {
        if (!set->contains(key)) deleted->push_back(key);
      }
    }
  }
  node_.registry().update("2", family, *set, *deleted);
  changed_();
}

}  // namespace aemp::mesh
