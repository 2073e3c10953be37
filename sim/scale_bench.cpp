// What a network of n nodes costs each of them: when it starts, when a seed is killed, when it falls into two
// halves, and when these meet again. Prints bytes, packets, memory and CPU time a node as a table with tabs.
// The same seed gives the same numbers each time, except for CPU time.
//
//     scale_bench [--version 1|2] [--watch] n...
//
// Four seeds know each other, and every node knows all four and registers one port in a group. With --watch
// each node also keeps the whole group, so it has to hear of n ports. bench/plot_scaling.py makes a picture.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/aemp.hpp>
#include <aemp/sim/world.hpp>

namespace {

using namespace std::chrono_literals;
using aemp::sim::world;

constexpr std::size_t seed_count = 4;

struct options {
  int version = 2;
  bool watch = false;
  std::vector<std::size_t> sizes;
};

struct counters {
  double cpu;
  std::uint64_t bytes, packets;
  std::size_t memory;
  std::chrono::nanoseconds time;
};

class network {
 public:
  network(const options& what, std::size_t n) : what_(what), memory_before_(mallinfo2().uordblks) {
    for (std::size_t i = 0; i < n; ++i) start(i);
  }

  // Measures from here until `reached`, or without it for all the time, and prints the line.
  void measure(const char* phase, std::chrono::nanoseconds at_most, const std::function<bool()>& reached) {
    const bool at_rest = reached == nullptr;
    const counters before = now();
    const auto end = w_.elapsed() + at_most;
    auto step = std::chrono::nanoseconds(20ms);
    double looking = 0;
    bool done = false;
    while (!done && w_.elapsed() < end) {
      w_.run_for(step);
      step = std::min<std::chrono::nanoseconds>(step * 5 / 4, 1s);
      const double begin = cpu();
      done = !at_rest && reached();
      looking += cpu() - begin;
    }
    const counters after = now();
    const auto each = static_cast<double>(nodes_.size());
    std::printf("%zu\t%s\t%.1f\t%.0f\t%.1f\t%.1f\t%.2f%s\n", size_, phase,
                std::chrono::duration<double>(after.time - before.time).count(),
                static_cast<double>(after.bytes - before.bytes) / each,
                static_cast<double>(after.packets - before.packets) / each,
                static_cast<double>(after.memory - memory_before_) / each / 1024,
                (after.cpu - before.cpu - looking) / each * 1e3, done || at_rest ? "" : "\tnot reached");
    std::fflush(stdout);
  }

  void run() {
    size_ = nodes_.size();
    measure("start", 120s, [&] { return everybody_knows(0, size_, size_); });
    measure("rest", 60s, nullptr);
    w_.kill(*nodes_[0]);
    nodes_.erase(nodes_.begin());
    const std::size_t left = size_ - 1;
    measure("seed killed", 120s, [&] { return everybody_knows(0, left, left); });
    // The seeds come first: one of three is in the first half, two are in the other.
    std::vector<std::string> one{"n1"}, other{"n2", "n3"};
    for (std::size_t i = seed_count; i < size_; ++i) (i % 2 == 0 ? one : other).push_back(name_of(i));
    w_.partition(one, other);
    measure("partition", 300s, [&] {
      return knows(*nodes_[0], one.size()) && knows(*nodes_[1], other.size()) &&
             knows(*nodes_.back(), size_ % 2 == 1 ? one.size() : other.size());
    });
    w_.heal();
    measure("heal", 300s, [&] { return everybody_knows(0, left, left); });
  }

 private:
  static std::string name_of(std::size_t i) { return "n" + std::to_string(i); }
  static double cpu() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }
  counters now() const {
    return {cpu(), w_.bytes_carried(), w_.events_carried(), mallinfo2().uordblks, w_.elapsed()};
  }

  void start(std::size_t i) {
    const std::string name = name_of(i);
    aemp::config c{.nodeid = name, .binds = {name + ":4040"}};
    c.seeds = {"n0:4040", "n1:4040", "n2:4040", "n3:4040"};
    if (what_.version == 1) c.global_versions = {"1"};
    aemp::node& made = w_.make_node(name, std::move(c));
    made.grp_reg("all", made.port([](const aemp::message&) {}));
    if (what_.watch || i < seed_count) (void)made.grp_get("all");
    nodes_.push_back(&made);
  }
  static bool knows(aemp::node& n, std::size_t ports) { return n.grp_get("all").size() == ports; }
  bool everybody_knows(std::size_t from, std::size_t to, std::size_t ports) {
    const std::size_t last = what_.watch ? to : from + seed_count - 1;
    for (std::size_t i = from; i < last; ++i) {
      if (!knows(*nodes_[i], ports)) return false;
    }
    return true;
  }

  const options& what_;
  const std::size_t memory_before_;
  world w_{1, {.slices = false}};
  std::vector<aemp::node*> nodes_;
  std::size_t size_ = 0;
};

options options_of(int argc, char** argv) {
  options out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--watch") {
      out.watch = true;
    } else if (word == "--version" && i + 1 < argc) {
      out.version = std::atoi(argv[++i]);
    } else if (const int n = std::atoi(argv[i]); n > static_cast<int>(seed_count)) {
      out.sizes.push_back(static_cast<std::size_t>(n));
    } else {
      throw std::invalid_argument("scale_bench: what is '" + std::string(word) +
                                  "'? usage: scale_bench [--version 1|2] [--watch] n..., n above 4");
    }
  }
  if (out.sizes.empty()) out.sizes = {50, 100, 200, 500, 1000};
  return out;
}

}  // namespace

int main(int argc, char** argv) try {
  const options what = options_of(argc, argv);
  aemp::set_log_sink([](int, std::string_view) {});
  std::printf("nodes\tphase\tseconds\tbytes/node\tpackets/node\tkB/node\tms/node\n");
  for (const std::size_t n : what.sizes) network(what, n).run();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
