// A stranger without the secret that does nothing but connect, as fast as it can: what that is to a node that
// is connected already, and what is left of it afterwards. The test prints what it measures; what it insists
// on is far from that, since it shares its processors with the stranger and with other tests.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <fstream>
#include <iostream>

#include "core/instrumented_test.hpp"
#include "net/endpoint.hpp"
#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

using core::is_instrumented;

// Half of the connections say something that is no greeting; each is kept until there are `kept` newer ones.
class stranger {
 public:
  explicit stranger(const std::string& endpoint)
      : port_(net::endpoint::parse(endpoint)->port), thread_([this] { run(); }) {}
  ~stranger() { stop(); }

  int stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return connected_;
  }

 private:
  static constexpr std::size_t kept = 100;

  void run() {
    std::deque<int> open;
    while (!over_) {
      open.push_back(connect());
      if (open.size() <= kept) continue;
      ::close(open.front());
      open.pop_front();
    }
    for (const int s : open) ::close(s);
  }

  int connect() {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const linger at_once{1, 0};  // the port is free again when it is closed
    ::setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return s;
    if (++connected_ % 2 == 0) (void)::send(s, "let me in\n", 10, MSG_NOSIGNAL | MSG_DONTWAIT);
    return s;
  }

  const std::uint16_t port_;
  std::atomic<bool> over_ = false;
  int connected_ = 0;
  std::thread thread_;
};

struct figures {
  std::size_t round_trips = 0;
  milliseconds p99{0}, longest{0}, latest_timer{0};
};

std::ostream& operator<<(std::ostream& to, const figures& f) {
  return to << f.round_trips << " round trips, p99 " << f.p99.count() << " ms, longest " << f.longest.count()
            << " ms; timers at most " << f.latest_timer.count() << " ms late";
}

// A round trip every 5 ms from the one node to the other, and a timer there.
class observer {
 public:
  observer(node& victim, node& innocent) {
    const port_id echo = victim.port([](const message& m) { snd(m[0].as<port_id>(), m[1]); });
    victim.after(0s, [this] { timer_fired(steady::now()); });
    answers_ = innocent.port([this](std::int64_t sent) {
      const std::lock_guard lock(mutex_);
      trips_.push_back(steady::now() - steady::time_point(steady::duration(sent)));
      outstanding_ = false;
      changed_.notify_all();
    });
    ticker_ = innocent.every(5ms, [this, echo] {
      {
        const std::lock_guard lock(mutex_);
        if (std::exchange(outstanding_, true)) return;
      }
      snd(echo, answers_, std::int64_t{steady::now().time_since_epoch().count()});
    });
  }

  // Over so many round trips, or those that come within 20 s.
  figures watch(std::size_t round_trips) {
    std::unique_lock lock(mutex_);
    trips_.clear();
    latest_ = {};
    changed_.wait_for(lock, 20s, [&] { return trips_.size() >= round_trips; });
    std::sort(trips_.begin(), trips_.end());
    if (trips_.empty()) return {};
    return {trips_.size(), trips_[trips_.size() * 99 / 100], trips_.back(), latest_};
  }

 private:
  void timer_fired(steady::time_point due) {
    {
      const std::lock_guard lock(mutex_);
      latest_ = std::max(latest_, steady::now() - due);
    }
    after(10ms, [this, next = steady::now() + 10ms] { timer_fired(next); });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<steady::duration> trips_;
  steady::duration latest_{};
  bool outstanding_ = false;
  port_id answers_;
  timer ticker_;
};

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

TEST(a_stranger_that_only_connects, costs_innocents_little_and_leaves_nothing_behind) {
  log_watch log;
  live_node victim({.nodeid = "victim", .binds = {"127.0.0.1:0"}, .secret = "geheim"});
  live_node innocent({.nodeid = "innocent", .seeds = {victim.endpoint()}, .secret = "geheim"});
  std::atomic<int> losses = 0;
  awaited<bool> up;
  innocent.node.mon_nodes([&](const std::string&, bool is_up) { is_up ? up.set(true) : void(++losses); });
  observer watching(victim.node, innocent.node);
  victim.start();
  innocent.start();
  ASSERT_TRUE(up.get());

  const figures calm = watching.watch(200);
  const double memory = resident_mib();
  stranger knocks(victim.endpoint());
  const auto begin = steady::now();
  const figures flooded = watching.watch(600);
  const std::chrono::duration<double> seconds = steady::now() - begin;
  const int connected = knocks.stop();
  const figures after = watching.watch(200);
  const double grown = resident_mib() - memory;
  std::cout << "calm:  " << calm << "\nflood: " << flooded << "; " << connected / seconds.count()
            << " connects a second\nafter: " << after << "; " << grown << " MiB more\n";
  EXPECT_GT(connected, 1000);
  EXPECT_EQ(flooded.round_trips, 600u);
  EXPECT_EQ(losses, 0);
  if (is_instrumented) return;
  EXPECT_LT(flooded.longest, 200ms);
  EXPECT_LT(flooded.latest_timer, 100ms);
  EXPECT_LT(grown, 8.0);
}

}  // namespace
}  // namespace aemp::testing
