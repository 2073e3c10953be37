// Two nodes in a world that open data connections to each other, and a record of what they heard.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <aemp/aemp.hpp>

#include "sim/world.hpp"

namespace aemp::sim {

using namespace std::chrono_literals;

// Both nodes have functions: "echo" sends back what it gets, "sink" keeps it, "faulty" dies of it, "hold" and
// "drop" do nothing, and only "hold" keeps the connection. The client has the store as a seed.
class data_world {
 public:
  explicit data_world(std::uint64_t seed = 1, config s = store_config(), config c = client_config())
      : w(seed), store(w.make_node("store", std::move(s))), client(w.make_node("client", std::move(c))) {
    set_log_sink([this](int, std::string_view text) { logged += std::string(text) + '\n'; });
    for (node* n : {&store, &client}) {
      n->define_data("echo", [this](std::string greeting, data_connection c) {
        served = self();
        met.push_back(c.node());
        c.write(greeting);
        c.on_data([c](std::string_view bytes) mutable { c.write(bytes); });
        c.on_closed([this](const std::string& why) { closed += "echo:" + why + ";"; });
      });
      n->define_data("sink", [this](data_connection c) {
        served = self();
        sink = c;
        c.on_data([this](std::string_view bytes) { sunk += bytes; });
        c.on_closed([this](const std::string& why) { closed += "sink:" + why + ";"; });
      });
      n->define_data("faulty", [](data_connection c) {
        c.on_data([](std::string_view) { throw std::runtime_error("cannot read this"); });
      });
      n->define_data("hold", [this](data_connection c) {
        served = self();
        held = c;
      });
      n->define_data("drop", [this](data_connection) { served = self(); });
    }
    (void)w.run_until([&] { return client.node_is_up("store") && store.node_is_up("client"); }, 10s);
  }
  ~data_world() { set_log_sink({}); }

  static config store_config() { return {.nodeid = "store", .binds = {"store:4040"}, .seeds = {}}; }
  static config client_config() {
    return {.nodeid = "client", .binds = {"client:4040"}, .seeds = {"store:4040"}};
  }

  // Runs in a port of its own, which records what comes.
  template <class... Initdata>
  port_id open(node& from, const std::string& where, const std::string& function, Initdata... initdata) {
    const port_id p = from.port([] {});
    from.mon(p, [this](const message& m) { reasons.push_back(m.to_string()); });
    from.peval(p, [this, &from, where, function, initdata...] {
      from.connect_to(where, 5s, function, initdata..., [this](data_connection c) {
        ++opened;
        mine = c;
        c.on_data([this](std::string_view bytes) { heard += bytes; });
        c.on_closed([this](const std::string& why) { closed += "mine:" + why + ";"; });
      });
    });
    return p;
  }
  bool run_until(std::function<bool()> reached) { return w.run_until(reached, 20s); }

  world w;
  node& store;
  node& client;
  data_connection mine, sink, held;
  port_id served;
  int opened = 0;
  std::string heard, sunk, closed, logged;
  std::vector<std::string> reasons, met;
};

}  // namespace aemp::sim
