// Supervisors in virtual time: a node, children that say when they begin and end, and what is asked of both.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

#include "sim/world.hpp"

namespace aemp::sim {

using namespace std::chrono_literals;

class supervisors : public testing::TestWithParam<unsigned> {
 protected:
  supervisors() {
    set_log_sink([](int, std::string_view) {});
  }
  ~supervisors() override {
    ending_ = true;
    set_log_sink({});
  }

  config settings(const std::string& id, std::vector<std::string> seeds = {}) {
    return {.nodeid = id, .binds = {id + ":4040"}, .seeds = seeds, .workers = GetParam()};
  }

  // A port that says when it ends, and does what it is told.
  port_id begin(const std::string& name) {
    note("+" + name);
    return spawn([this](std::string n) { return life(std::move(n)); }, name);
  }
  task<> life(std::string name) {
    struct end {
      supervisors& of;
      std::string name;
      ~end() { of.note("-" + name); }
    } said{*this, name};
    const auto broken = [] { throw std::runtime_error("broken"); };
    bool done = false;
    const auto finish = [&] { done = true; };
    while (!done) co_await receive(on("break", broken), on("finish", finish));
  }
  child_spec one(const std::string& name) {
    return child(name, [this, name] { return begin(name); });
  }
  void note(const std::string& what) {
    if (!ending_) notes_ += what + " ";
  }
  std::string take() { return std::exchange(notes_, {}); }

  void watch(const port_id& p) {
    n.mon(p, [this](const message& reason) { note("died:" + reason.to_string()); });
  }
  // The child is told that, and everything happens that follows.
  void tell(const port_id& sup, const std::string& name, const std::string& what,
            std::chrono::nanoseconds wait = 100ms) {
    n.cal(port_to<supervision::api>(sup), supervision::child_of, name)
        .then([what](port_id p) { snd(p, what); }, [this](const message& m) { note(m.to_string()); });
    w.run_for(wait);
  }
  void show(const port_id& sup) {
    n.cal(port_to<supervision::api>(sup), supervision::children)
        .then([this](const std::vector<child_info>& all) {
          for (const child_info& c : all) note(c.name + ":" + c.state + ":" + std::to_string(c.restarts));
        });
    w.run_for(100ms);
  }

  bool ending_ = false;
  std::string notes_;
  world w{7};
  node& n = w.make_node("home", settings("home"));
};

}  // namespace aemp::sim
