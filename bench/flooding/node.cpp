// The two honest nodes of bench/floods, each a process. usage:
//   node_flooding victim [workers N] [ports N] [keys N]
//   node_flooding innocent ENDPOINT
// The victim has its limits at their defaults, and ports: `echo`, which answers; `sink`, which does nothing;
// two slow ones, which sleep 2 ms for each message, on the first and on the last worker; `p0`, `p1`… and keys
// of the family `big`, as many as are asked for. When all is there, it prints where it listens and the slow
// ports. A line on its standard input makes it give memory that it does not use back to the system, which
// glibc does only now and then; then it prints one, too.
// The innocent sends to `echo` every 5 ms, whether the last one has come back or not. A line on its standard
// input ends what it measures and begins anew; when all of the messages of that time are back, or 15 s are
// over, it prints in JSON how often the victim was lost, and for each message when it was sent, in seconds of
// the monotonic clock, and how long its round trip was, in milliseconds, or null.
#include <aemp/aemp.hpp>

#include <malloc.h>
#include <sys/prctl.h>

#include <csignal>
#include <deque>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <thread>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

config settings() {
  config c;
  c.secret = "a secret of the floods";
  c.monitor_timeout = 5s;
  c.norc = true;
  return c;
}

long argument(int argc, char** argv, std::string_view name, long otherwise) {
  for (int i = 2; i + 1 < argc; ++i) {
    if (argv[i] == name) return std::atol(argv[i + 1]);
  }
  return otherwise;
}

void take_2_ms(const message&) { std::this_thread::sleep_for(2ms); }

// f() for each line of the standard input; the process ends with that.
template <class F>
void at_each_line(F f) {
  std::thread([f] {
    for (std::string line; std::getline(std::cin, line);) f();
    std::_Exit(0);
  }).detach();
}

int victim(int argc, char** argv) {
  config c = settings();
  c.nodeid = "victim";
  c.binds = {"127.0.0.1:0"};
  c.global = true;
  const long workers = argument(argc, argv, "workers", 1);
  c.workers = static_cast<unsigned>(workers);
  node me{c};
  me.rcv(port_id::parse("victim#echo").value(), [](const port_id& from, std::int64_t n) { snd(from, n); });
  me.rcv(port_id::parse("victim#sink").value(), [](const message&) {});
  const port_id slow0 = me.port(on_worker(0), take_2_ms);
  const port_id slow1 = me.port(on_worker(static_cast<unsigned>(workers - 1)), take_2_ms);
  for (long i = argument(argc, argv, "ports", 0); i-- > 0;) {
    me.rcv(port_id::parse("victim#p" + std::to_string(i)).value(), [](const message&) {});
  }
  for (long i = argument(argc, argv, "keys", 0); i-- > 0;)
    me.db_set("big", "key number " + std::to_string(i), i);
  me.define_data("take", [](const data_connection&) {});
  me.after(0s, [&] {
    std::cout << me.listening().front() << ' ' << slow0.str() << ' ' << slow1.str() << std::endl;
  });
  at_each_line([] {
    malloc_trim(0);
    std::cout << "trimmed" << std::endl;
  });
  return me.run();
}

class innocent {
 public:
  explicit innocent(const std::string& endpoint) : node_(seeded(endpoint)) {
    node_.mon_nodes([this](const std::string& node, bool up) {
      if (node != "victim") return;
      if (!up) return void(++losses_);
      if (!std::exchange(begun_, true)) begin();
    });
    answers_ = node_.port([this](std::int64_t n) { came_back(n); });
  }

  int run() {
    at_each_line([this] { node_.peval(answers_, [this] { end_of_phase(); }); });
    return node_.run();
  }

 private:
  using milliseconds = std::chrono::duration<double, std::milli>;
  struct phase {
    std::vector<steady::time_point> sent;
    std::vector<double> trips;
    std::size_t back = 0;
    bool over = false, told = false;
  };

  static config seeded(const std::string& endpoint) {
    config c = settings();
    c.nodeid = "innocent";
    c.binds = {"127.0.0.1:0"};
    c.seeds = {endpoint};
    return c;
  }

  void begin() {
    ticker_ = node_.every(5ms, [this] {
      phase& p = phases_.back();
      const auto number = static_cast<std::int64_t>(phases_.size() - 1) * phase_stride;
      p.sent.push_back(steady::now());
      p.trips.push_back(-1);
      snd(echo_, answers_, number + static_cast<std::int64_t>(p.sent.size()) - 1);
    });
    std::cout << "up" << std::endl;
  }

  void came_back(std::int64_t n) {
    phase& p = phases_[static_cast<std::size_t>(n / phase_stride)];
    const auto i = static_cast<std::size_t>(n % phase_stride);
    p.trips[i] = milliseconds(steady::now() - p.sent[i]).count();
    ++p.back;
    if (p.over && p.back == p.sent.size()) tell(p);
  }

  void end_of_phase() {
    const std::size_t which = phases_.size() - 1;
    phases_.back().over = true;
    phases_.emplace_back();
    if (phases_[which].back == phases_[which].sent.size()) return tell(phases_[which]);
    after(15s, [this, which] { tell(phases_[which]); });
  }

  void tell(phase& p) {
    if (std::exchange(p.told, true)) return;
    std::ostringstream text;
    text << "{\"losses\": " << losses_ << ", \"trips\": [" << std::fixed << std::setprecision(3);
    for (std::size_t i = 0; i < p.sent.size(); ++i) {
      const std::chrono::duration<double> at = p.sent[i].time_since_epoch();
      text << (i == 0 ? "[" : ", [") << at.count() << ", ";
      if (p.trips[i] < 0) {
        text << "null]";
      } else {
        text << p.trips[i] << ']';
      }
    }
    std::cout << text.str() << "]}" << std::endl;
    losses_ = 0;
  }

  static constexpr std::int64_t phase_stride = 1'000'000;

  node node_;
  const port_id echo_ = port_id::parse("victim#echo").value();
  port_id answers_;
  timer ticker_;
  bool begun_ = false;
  int losses_ = 0;
  std::deque<phase> phases_{1};
};

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string_view role = argc > 1 ? argv[1] : "";
  if (role == "victim") return victim(argc, argv);
  if (role != "innocent" || argc < 3) bench::fail("usage: node_flooding victim | innocent ENDPOINT");
  return innocent(argv[2]).run();
}
