// Where scripts are played (script_fuzz.hpp): a node, `victim`, and peers that have proven themselves, on a
// network in memory. Whatever the peers a, b and c say, the node must not leave an exception to nobody, and
// must stay a good node for an honest peer that is there all the time: its connection stays, and its messages
// arrive. All else is the sanitizers' matter.
//
//     a ["", "mon1", "log"]   the peer sends a packet: the port's name, and the message
//     a "[1,"                 or these bytes
//     a null                  hangs up; `a true` dials anew
//     = ["mon", "a#x"]        the victim's own program: snd, mon, kil, grp
//     + 2000                  milliseconds pass; after any other line it is 5
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/group.hpp>

#include "core/words.hpp"
#include "data/port_value.hpp"
#include "mesh/plain_peer_test.hpp"
#include "mesh/script_fuzz.hpp"

namespace aemp::mesh {

// The input of whoever breaks this is kept; what the node has logged meanwhile says more than a number of a
// line.
inline void require(bool holds, const char* what, const test_world& w) {
  if (holds) return;
  std::fprintf(stderr, "%s\n%s", w.whole_log().c_str(), what);
  std::abort();
}

using greeting_keys = std::vector<std::pair<std::string, std::string>>;

class stage {
 public:
  // One peer for each of `keys`, which it greets with: a, b, c.
  stage(settings s, const std::vector<greeting_keys>& keys) : victim(w.add("victim", std::move(s))) {
    GTEST_FLAG_SET(break_on_failure, true);
    victim.listen(place);
    victim.record("log");
    victim.record("victim.last");
    for (std::size_t i = 0; i < keys.size(); ++i) join(std::string(1, static_cast<char>('a' + i)), keys[i]);
  }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  virtual ~stage() {
    victim.act([&] { registered_.clear(); });
  }

  void play(std::string_view text) {
    plain_peer& honest = join("honest", {});
    victim.start();
    for (plain_peer* p : peers)
      require(w.run_until([&] { return p->up() == 1; }, 5s), "a peer does not get in", w);
    for (const script_line& l : script::parse(text).lines) {
      const auto peer = static_cast<std::size_t>(l.who - 'a');
      if (l.who == '+') {
        w.run(std::chrono::milliseconds(std::clamp<std::int64_t>(l.what.to<int>().value_or(0), 0, 40'000)));
        continue;
      }
      if (l.who == '=') {
        own(l.what);
      } else if (l.who >= 'a' && peer + 1 < peers.size()) {
        say(*peers[peer], l.what);
      } else {
        act(l.who, l.what);
      }
      w.run(5ms);
    }
    w.run(100ms);
    require(victim.is_up("honest") && honest.up() == 1, "the honest peer has lost its connection", w);
    honest.send("victim.last", message(last_word));
    const auto arrived = [&] { return std::count(victim.heard.begin(), victim.heard.end(), last_word) == 1; };
    require(w.run_until(arrived, 1s), "the honest peer's message does not arrive", w);
    require(victim.core.internal_errors() == 0, "an exception reached nobody", w);
  }

 protected:
  // Lines of others than those above.
  virtual void act(char, const value&) {}

  static constexpr std::string_view last_word = "the last word";
  const net::endpoint place{"10.0.0.1", 4040};
  test_world w;
  test_node& victim;
  std::vector<plain_peer*> peers;

 private:
  plain_peer& join(const std::string& id, greeting_keys keys) {
    plain_peer::options how;
    how.keys = std::move(keys);
    auto& p = w.join(std::make_unique<plain_peer>(w.net, id, id, how));
    p.dial(place);
    peers.push_back(&p);
    return p;
  }

  void say(plain_peer& p, const value& what) {
    if (what.is_null()) return p.hang_up();
    if (what.is_text()) return p.write(what.text());
    if (what.type() == value::kind::boolean) return p.dial(place);
    if (what.size() == 0 || what.type() != value::kind::array) return;
    std::vector<value> all = what.elements();
    const std::string port = all[0].to_string();
    all.erase(all.begin());
    p.send(port, message::of(std::move(all)));
  }

  void own(const value& what) {
    const std::string verb = what[0].to_string();
    const auto port = detail::to_port_or_node(what[1]);
    if (!port || what.type() != value::kind::array) return;
    std::vector<value> all = what.elements();
    if (verb == "mon") return victim.mon(port->str());
    if (verb == "kil" && port->is_node_port()) return;  // that would be misuse
    victim.act([&] {
      if (verb == "snd") return victim.core.send(*port, detail::make_values_block(std::span(all).subspan(2)));
      if (verb == "kil") return victim.api.kil(*port, what[2].to_string());
      if (verb != "grp" || port->node() != "victim" || port->is_node_port()) return;
      const std::string group = what[2].to_string();
      if (!group.empty() && group[0] != '\'' && core::is_name(group))  // all else would be misuse
        registered_.push_back(group_functions(victim.core).grp_reg(group, *port));
    });
  }

  std::vector<registration> registered_;
};

}  // namespace aemp::mesh
