// Shared by tests of groups in simulated worlds: a network of seeds and nodes that all register a port in one
// group.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

#include "sim/world.hpp"

namespace aemp::sim {

using namespace std::chrono_literals;

class quiet : public testing::Test {
 protected:
  quiet() {
    set_log_sink([](int, std::string_view) {});
  }
  ~quiet() override { set_log_sink({}); }
};

// Two seeds that know each other, and nodes that know both.
struct crowd {
  // The versions of the global protocol that a node speaks.
  using speech = std::function<string_list(const std::string& node)>;

  explicit crowd(
      world& w, int n, speech speaks = [](const std::string&) { return string_list::not_given(); })
      : w(w), speaks(std::move(speaks)) {
    for (const char* name : {"seed1", "seed2"}) start(name);
    for (int i = 0; i < n; ++i) start("n" + std::to_string(i));
  }

  node& start(const std::string& name) {
    const std::string at = name + ":4040";
    node& made = w.make_node(name, {.nodeid = name,
                                    .binds = {at},
                                    .seeds = {"seed1:4040", "seed2:4040"},
                                    .global_versions = speaks(name)});
    nodes[name] = &made;
    const port_id p = made.port([this, name](const std::string& text) { heard[name] += text; });
    made.grp_reg("all", p);
    return made;
  }
  void kill(const std::string& name, death how = death::crash) {
    w.kill(*nodes.at(name), how);
    nodes.erase(name);
  }
  // Whether everybody knows a port of everybody, and nobody else's.
  bool converged() {
    for (auto& [name, n] : nodes) {
      std::set<std::string> known;
      for (const port_id& p : n->grp_get("all")) known.insert(p.node());
      std::set<std::string> expected;
      for (auto& [other, m] : nodes) expected.insert(other);
      if (known != expected) return false;
    }
    return true;
  }
  std::string who_knows_what() {
    std::string out;
    for (auto& [name, n] : nodes) {
      out += name + ":";
      for (const port_id& p : n->grp_get("all")) out += " " + p.str();
      out += "\n";
    }
    return out;
  }

  world& w;
  speech speaks;
  std::map<std::string, node*> nodes;
  std::map<std::string, std::string> heard;
};

}  // namespace aemp::sim
