// The captured sessions of real nodes, played against this library: one node of the session is ours, with the
// ID, the ports and the seeds that the real one had; all others say, at the time and on the connection on
// which they said it, byte for byte what they said. What ours answers has to be what the real node answered,
// up to what is random: names of ports, order in maps, the time of day. When packets are sent again after two
// to three seconds (`nodes`, aemp-protocol E.1) is random too, so these are compared as a set.
#pragma once

#include <functional>
#include <optional>
#include <set>

#include <aemp/group.hpp>

#include "mesh/captured_session_test.hpp"

namespace aemp::mesh {

// What is known of a node of a session.
struct part {
  std::string session, node;
  std::vector<std::string> seeds = {};                 // nodes
  std::map<std::string, std::string> registered = {};  // port names, and their groups, from the start
  std::vector<std::string> monitored = {};             // groups that it asks for at the start
  bool acts = false;                             // its program did something by itself, beyond answering
  core::duration until = std::chrono::hours(1);  // when the real one ended
  bool global = false;
  core::duration monitor_timeout = 30s;
  std::string last =
      {};  // the node that it connected to last of those that it had heard of at once, which was chance
  // How packets begin that the real node said and this library does not, and what it says instead; "":
  // nothing.
  std::vector<std::pair<std::string, std::string>> differs = {};
};

inline const std::map<std::string, std::map<std::string, std::string>> addresses = {
    {"two_nodes_1x", {{"seed1", "127.0.0.1:45411"}}},
    {"mesh_four_nodes_1x",
     {{"seedN", "127.0.0.1:45431"}, {"nodeA", "127.0.0.1:45432"}, {"nodeB", "127.0.0.1:45433"}}},
    {"four_nodes_2x_json",
     {{"gA", "127.0.0.1:45481"},
      {"gB", "127.0.0.1:45482"},
      {"slave/7keIsOnCfL", "127.0.0.1:45483"},
      {"s2", "127.0.0.1:45484"}}}};

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// Between the end of a connection and its being noticed there.
constexpr core::duration noticing = 500us;

class replay {
 public:
  explicit replay(part p) : part_(std::move(p)), session_(load_session(part_.session)) {
    settings s = plain_settings();
    s.global_1 = s.global_2 = true;
    s.global = part_.global;
    s.framings = {"json"};
    s.monitor_timeout = part_.monitor_timeout;
    const auto& known = addresses.at(part_.session);
    // Hosts get their addresses in the order in which they are made; ours is the first.
    std::vector<std::string> hosts{part_.node};
    for (const captured_connection& c : session_.connections) {
      for (const std::string& n : {c.dialler, c.other}) {
        if (std::ranges::find(hosts, n) == hosts.end()) hosts.push_back(n);
      }
    }
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      world_.net.add_host(hosts[i]);
      const auto at = known.find(hosts[i]);
      if (at == known.end()) continue;
      const std::string port = at->second.substr(at->second.rfind(':'));
      names_[at->second] = "10.0.0." + std::to_string(i + 1) + port;
      place_[hosts[i]] = *net::endpoint::parse(names_[at->second]);
    }
    for (const std::string& seed : part_.seeds)
      s.seeds.push_back({place_.at(seed).host, place_.at(seed).port});
    if (!part_.last.empty()) {
      sim::link far;
      far.latency = 30ms;
      world_.net.set_link(part_.node, part_.last, far);
      world_.net.set_link(part_.last, part_.node, far);
    }
    self_ = &world_.add_on(part_.node, part_.node, s);
    groups_ = std::make_unique<group_functions>(self_->core);
    if (place_.contains(part_.node)) self_->listen(place_.at(part_.node));
    self_->act([&] { set_up(); });
  }

  void play() {
    core::duration first = part_.until;
    for (const captured_connection& c : session_.connections) {
      if (concerns_us(c)) first = std::min(first, c.opened);
    }
    start_ = world_.time.now() - first + 150ms;  // a seed is dialled up to 100 ms after the start
    self_->start();
    begin_connections();
    for (const captured_packet& p : session_.packets) {
      if (p.at >= part_.until || ::testing::Test::HasFatalFailure()) break;
      advance(p.at);
      if (p.to == part_.node) {
        say(p);
      } else if (p.from == part_.node) {
        if (const auto said = as_we_say_it(p.content)) {
          expected_[p.to].push_back(*said);
          act(p);
        }
      }
    }
    advance(std::min(part_.until, session_.packets.back().at + 5s));
    compare();
  }

 private:
  bool concerns_us(const captured_connection& c) const {
    return c.dialler == part_.node || c.other == part_.node;
  }

  void advance(core::duration to) {
    // What happens to connections meanwhile, in its time.
    for (;;) {
      auto next = events_.begin();
      if (next == events_.end() || next->first > to) break;
      world_.run(start_ + next->first - world_.time.now());
      auto f = std::move(next->second);
      events_.erase(next);
      f();
    }
    if (start_ + to > world_.time.now()) world_.run(start_ + to - world_.time.now());
  }

  void begin_connections() {
    for (const captured_connection& c : session_.connections) {
      if (!concerns_us(c)) continue;
      const std::string peer = c.dialler == part_.node ? c.other : c.dialler;
      plain_peer::options how;
      how.line = c.lines.at(peer)[0];
      how.nonce = c.lines.at(peer)[1];
      peers_[peer] = &world_.join(std::make_unique<plain_peer>(world_.net, peer, peer, how));
      if (place_.contains(peer)) {
        const core::duration when = c.dialler == part_.node ? core::duration{} : c.opened;
        events_.emplace(when, [this, peer] { peers_.at(peer)->listen(place_.at(peer)); });
      }
      if (c.dialler != part_.node) {
        events_.emplace(c.opened, [this, peer] { peers_.at(peer)->dial(place_.at(part_.node)); });
      }
      if (c.closed != core::duration{} && c.closed < part_.until) {
        events_.emplace(c.closed - noticing,
                        [this, peer] { world_.net.kill(*peers_.at(peer)->process, false); });
      }
    }
  }

  // ---- what others say ----

  void say(const captured_packet& p) {
    plain_peer& peer = *peers_.at(p.from);
    ASSERT_TRUE(world_.run_until([&] { return peer.up() == 1; }, 3s))
        << p.from << " is not connected before " << p.content.to_json();
    std::vector<value> all = p.content.elements();
    if (p.content.size() > 2 && all[1] == value("g_reply"))
      all[2] = questions_[p.from].at(all[2].to_string());
    peer.write(here(message::of(std::move(all)).to_json()));
  }
  std::string here(std::string text) const {
    for (const auto& [captured, actual] : names_) text = replaced(std::move(text), captured, actual);
    return text;
  }

  // ---- what the program did that the real node ran ----

  void set_up() {
    node_functions& api = self_->api;
    watcher_ = api.port([](const message&) {});
    api.define("main::echo", [this](const message& m) {
      const auto watched = m[0].is_text() ? port_id::parse(m[0].text()) : result<port_id>(port_id());
      // Not as this port: the real function's monitor outlives it.
      if (m[0].is_text()) aemp::peval(watcher_, [&] { aemp::mon(*watched, [](const message&) {}); });
      aemp::rcv(
          aemp::self(), "ping",
          [](const port_id& to, rest more) {
            std::vector<value> answer{"pong"};
            for (value& v : more.elements) answer.push_back(std::move(v));
            aemp::snd(to, message::of(std::move(answer)));
          },
          "die", [] { throw std::runtime_error("asked to die"); });
    });
    api.define("main::plain", [](const message&) {});
    for (const auto& [name, group] : part_.registered) {
      const port_id id = port_named(name);
      api.rcv(
          id, "hello", [](const port_id& to) { aemp::snd(to, "hi", "there"); }, "cal",
          [](rest all) {
            std::vector<value> answer{"answer"};
            for (std::size_t i = 0; i + 1 < all.elements.size(); ++i)
              answer.push_back(2 * *all.elements[i].to<int>());
            aemp::snd(*port_id::parse(all.elements.back().text()), message::of(std::move(answer)));
          },
          aemp::otherwise, [](const message&) {});
      groups_->grp_reg(group, id);
    }
    for (const std::string& group : part_.monitored)
      watches_.emplace(group, groups_->db_mon(group, [](value::map) {}));
  }
  port_id port_named(const std::string& name) const { return *port_id::parse(part_.node + "#" + name); }

  // A port of this node, made when it is first spoken of.
  port_id own_port(const std::string& id) {
    const port_id p = *port_id::parse(id);
    if (own_.insert(id).second && !part_.registered.contains(p.name()))
      self_->api.rcv(p, [](const message&) {});
    return p;
  }

  void act(const captured_packet& p) {
    const std::vector<value> all = p.content.elements();
    const std::string port = all.empty() ? std::string() : all[0].to_string();
    const std::string tag = all.size() > 1 ? all[1].to_string() : std::string();
    for (const value& v : all) {
      if (v.is_text() && v.text().starts_with(part_.node + "#") && tag != "kil0")
        own_port_in_context(v.to_string());
    }
    if (part_.acts) self_->act([&] { act(p.to, port, tag, all); });
    // Names come into being here that others will use.
    const bool spawns = tag == "AnyEvent::MP::_spawn";
    if (!spawns && !tag.starts_with("g_db_")) return;
    const auto of_this_kind = [&](const std::vector<message>& list) {
      std::vector<message> found;
      std::ranges::copy_if(list, std::back_inserter(found), [&](const message& m) { return m[1] == all[1]; });
      return found;
    };
    const std::size_t n = of_this_kind(expected_[p.to]).size();
    const auto& seen = peers_.at(p.to)->seen;
    ASSERT_TRUE(world_.run_until([&] { return of_this_kind(seen).size() >= n; }, 3s)) << p.content.to_json();
    const message actual = of_this_kind(seen)[n - 1];
    if (spawns) {
      names_[all[2].to_string()] = actual[2].to_string();
    } else {
      questions_[p.to][all[3].to_string()] = actual[3].to_string();
    }
  }
  void own_port_in_context(const std::string& id) {
    self_->act([&] { own_port(id); });
  }

  void act(const std::string& peer, const std::string& port, const std::string& tag,
           const std::vector<value>& all) {
    node_functions& api = self_->api;
    const auto remote = [&](const std::string& name) { return *port_id::parse(peer + "#" + here(name)); };
    const auto from = [&](std::size_t n) {
      return message::of({all.begin() + static_cast<std::ptrdiff_t>(n), all.end()});
    };
    if (tag == "reg1") {
      registrations_[all[3].to_string()] = groups_->grp_reg(all[2].to_string(), own_port(all[3].to_string()));
    } else if (tag == "reg0") {
      registrations_.at(all[3].to_string()).cancel();
    } else if (is_said_by_itself(port, tag) ||
               (all.size() > 3 && all[3] == value("AnyEvent::MP::Global::connect"))) {
      return;
    } else if (!port.empty()) {
      api.snd(remote(port), from(1));
    } else if (tag == "mon1") {
      monitors_[all[2].to_string()] = api.mon(remote(all[2].to_string()), [](const message&) {});
    } else if (tag == "mon0") {
      monitors_.at(all[2].to_string()).cancel();
    } else if (tag == "kil" || tag == "kil1") {
      api.kil(remote(all[2].to_string()), from(3));
    } else if (tag == "kil0") {
      if (const std::string id = part_.node + "#" + all[2].to_string(); own_.contains(id))
        api.kil(*port_id::parse(id), from(3));
    } else if (tag == "AnyEvent::MP::_spawn") {
      if (all.size() == 5) api.spawn(peer, all[3].to_string(), all[4]);
      if (all.size() == 6) api.spawn(peer, all[3].to_string(), all[4], all[5]);
    } else if (tag == "g_upd") {
      if (all[3].type() == value::kind::map) {
        for (const auto& [key, v] : all[3].entries()) groups_->db_set(all[2].to_string(), key, v);
      }
      for (const value& key : all.size() > 4 ? all[4].elements() : value::array())
        groups_->db_del(all[2].to_string(), key.to_string());
    } else if (tag == "g_db_family") {
      groups_->db_family(all[2].to_string(), [](const value&) {});
    } else if (tag == "g_db_keys") {
      groups_->db_keys(all[2].to_string(), [](const value&) {});
    } else if (tag == "g_db_values") {
      groups_->db_values(all[2].to_string(), [](const value&) {});
    } else if (tag == "g_mon0") {
      watches_.at(all[2].to_string()).cancel();
    } else if (tag == "g_find") {
      self_->mesh.connect(all[2].to_string());
    } else {
      api.snd(*port_id::parse(peer), from(1));
    }
  }
  // What a node says without being told to by its program.
  bool is_said_by_itself(const std::string& port, const std::string& tag) const {
    static const std::set<std::string> rendezvous = {"addr", "nodes",   "set",    "setup",
                                                     "find", "seedme0", "seedme1"};
    static const std::set<std::string> global = {"",        "g_global", "g_slave", "g_set", "g_found",
                                                 "g_reply", "g_chg1",   "g_chg2",  "g_mon1"};
    if (!port.empty()) return rendezvous.contains(tag);
    if (tag == "g_upd") return part_.global;
    return global.contains(tag);
  }

  // ---- what this node said ----

  std::optional<message> as_we_say_it(const message& m) const {
    const std::string text = m.to_json();
    for (const auto& [head, ours] : part_.differs) {
      if (!text.starts_with(head)) continue;
      if (ours.empty()) return {};
      return *message::from_json(ours);
    }
    return m;
  }
  // What is random, made the same.
  std::string normal(const message& m) const {
    std::vector<value> all = m.elements();
    if (all.size() == 1 && all[0] == value("")) all.clear();  // the empty packet, in either of its forms
    if (all.size() > 2 && (all[1] == value("timereply") || all[1] == value("time")) && all[2].is_number())
      all[2] = "now";
    if (all.size() > 3 && all[1].to_string().starts_with("g_db_")) all[3] = "a question";
    return here(message::of(std::move(all)).to_json());
  }
  void compare() {
    for (auto& [peer, packets] : expected_) {
      std::string expected, actual;
      std::multiset<std::string> expected_nodes, actual_nodes;
      const auto take = [&](const message& m, std::string& list, std::multiset<std::string>& nodes) {
        if (m[1] == value("nodes")) {
          nodes.insert(normal(m));
        } else {
          list += normal(m) + "\n";
        }
      };
      for (const message& m : packets) {
        take(m, expected, expected_nodes);
      }
      for (const message& m : peers_.at(peer)->seen) take(m, actual, actual_nodes);
      EXPECT_EQ(expected, actual) << part_.node << " to " << peer;
      EXPECT_EQ(expected_nodes, actual_nodes) << part_.node << " to " << peer;
    }
  }

  const part part_;
  const captured_session session_;
  test_world world_;
  test_node* self_ = nullptr;
  port_id watcher_;
  std::unique_ptr<group_functions> groups_;
  core::time_point start_{};
  std::map<std::string, net::endpoint> place_;
  std::map<std::string, std::string> names_;  // captured to actual
  std::map<std::string, std::map<std::string, std::string>> questions_;
  std::map<std::string, plain_peer*> peers_;
  std::multimap<core::duration, std::function<void()>> events_;
  std::map<std::string, std::vector<message>> expected_;
  std::set<std::string> own_;
  std::map<std::string, registration> registrations_;
  std::map<std::string, monitor> monitors_, watches_;
};

}  // namespace aemp::mesh
