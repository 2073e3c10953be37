// A node in a world, and its workers, which take turns on the world's one thread. Internal to the world.
//
// A worker has a turn when it has work: a callback of the network waits, somebody has posted to it, or a
// timer is due. It announces that itself, by its poller and its process, so the world need not ask all of
// them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <aemp/node.hpp>

#include "api/environment.hpp"
#include "core/local_node.hpp"
#include "sim/agenda.hpp"
#include "sim/clock.hpp"
#include "sim/connection.hpp"
#include "sim/network.hpp"

namespace aemp::sim {

struct inhabitant;
struct turns;

// One worker of a node, as the world sees it.
struct seat {
  seat(turns& all, inhabitant& of, unsigned worker);
  seat(const seat&) = delete;
  seat& operator=(const seat&) = delete;
  ~seat();

  turns& all;
  inhabitant& of;
  const unsigned worker;
  const std::uint64_t number;  // in the order of making
  bool called = false;         // waits for its turn
  core::time_point rests_until{};
  agenda<seat*>::place alarm = {};
};

// The workers that wait for a turn, now or at a moment.
struct turns {
  void call(seat& s);
  // Calls every worker whose moment has come.
  void ring(core::time_point now);

  std::vector<seat*> called;
  agenda<seat*> alarms;
  std::uint64_t seats_made = 0;
};

// The clocks of one machine: the world's time, and that machine's own calendar.
class own_clock final : public core::clock {
 public:
  explicit own_clock(const clock& worlds) noexcept : worlds_(worlds) {}
  core::time_point now() const noexcept override { return worlds_.now(); }
  double unix_time() const noexcept override { return worlds_.unix_time() + ahead_; }
  bool stands_still() const noexcept override { return true; }
  void step(double seconds) noexcept { ahead_ += seconds; }

 private:
  const clock& worlds_;
  double ahead_ = 0;
};

struct inhabitant {
  inhabitant(const clock& time, network& net, turns& all, chance luck, const std::string& host,
             config settings);
  inhabitant(const inhabitant&) = delete;
  inhabitant& operator=(const inhabitant&) = delete;
  ~inhabitant();

  node& self() const noexcept;
  core::worker& worker(const seat& s) const;
  const std::vector<std::unique_ptr<seat>>& seats() const noexcept { return seats_; }
  void call_all();
  // Gives that worker one turn.
  void turn(seat& s);
  // From now on each worker has at most one turn in that time. Zero: whenever it wants.
  void set_pace(core::duration between_turns);
  bool over() const noexcept { return process->over || left_; }

  std::shared_ptr<sim::process> process;
  own_clock time;

 private:
  class reachable_node;

  seat& seat_of(unsigned worker);
  bool serves_network(const seat& s) const;
  void leave();

  turns& turns_;
  network& net_;
  chance luck_;
  environment where_;
  std::vector<std::unique_ptr<seat>> seats_;
  core::duration pace_{};
  bool left_ = false;  // was stopped
  std::unique_ptr<reachable_node> node_;
};

}  // namespace aemp::sim
