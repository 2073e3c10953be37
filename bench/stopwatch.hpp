// What every benchmark program does beside its workload: it reads how much to do, takes the time and the CPU
// time of what counts, and prints one line of JSON for bench/run. Units: counts of messages (or ports, or
// hops), seconds inside, and what the line says outside.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// The first argument, or what a run is worth by itself.
inline long count_of(int argc, char** argv, long normal) { return argc > 1 ? std::atol(argv[1]) : normal; }

// Whether a word is among the arguments.
inline bool has_argument(int argc, char** argv, std::string_view word) {
  return std::any_of(argv + 1, argv + argc, [word](const char* a) { return word == a; });
}

[[noreturn]] inline void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline double seconds(const timespec& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// All threads of a process, in user and in kernel mode, since it began. 0: this process.
inline double cpu_seconds(pid_t process) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  if (process != 0 && clock_getcpuclockid(process, &clock) != 0) return 0;
  timespec t{};
  clock_gettime(clock, &t);
  return seconds(t);
}

// Bytes of a process that are in memory now. 0: this process.
inline double resident_bytes(pid_t process = 0) {
  std::ifstream statm("/proc/" + (process == 0 ? std::string("self") : std::to_string(process)) + "/statm");
  long all = 0, resident = 0;
  statm >> all >> resident;
  return static_cast<double>(resident) * 4096;
}

class stopwatch {
 public:
  // The other process of the benchmark, whose CPU time counts too; 0: there is none.
  explicit stopwatch(pid_t partner = 0) {
    if (partner != 0) also(partner);
  }
  void also(pid_t other) { others_.push_back(other); }

  void start() {
    cpu_ = cpu_now();
    begin_ = std::chrono::steady_clock::now();
  }
  void stop() {
    took_ = std::chrono::steady_clock::now() - begin_;
    cpu_ = cpu_now() - cpu_;
  }

  // So many things in the time from start to stop; `scale` of them make one of the unit.
  void print_rate(long things, double scale = 1) const {
    const double n = static_cast<double>(things);
    std::printf("{\"value\": %.6g, \"cpu_ns\": %.2f}\n", n * scale / took_.count(), cpu_ * 1e9 / n);
  }

  // How long each round trip took, in nanoseconds. The value is the median, in microseconds.
  void print_round_trips(std::vector<long>& each) const {
    std::sort(each.begin(), each.end());
    const double n = static_cast<double>(each.size());
    const auto at = [&](double part) {
      return static_cast<double>(each[static_cast<std::size_t>(part * (n - 1))]) / 1e3;
    };
    std::printf("{\"value\": %.3f, \"p99\": %.3f, \"rate\": %.6g, \"cpu_ns\": %.1f}\n", at(0.5), at(0.99),
                n / took_.count(), cpu_ * 1e9 / n);
  }

 private:
  double cpu_now() const {
    double all = cpu_seconds(0);
    for (const pid_t p : others_) all += cpu_seconds(p);
    return all;
  }

  std::vector<pid_t> others_ = {};
  double cpu_ = 0;
  std::chrono::steady_clock::time_point begin_ = {};
  std::chrono::duration<double> took_ = {};
};

// One round trip after another, each taken with the clock.
class round_trips {
 public:
  explicit round_trips(long count) { each_.reserve(static_cast<std::size_t>(count)); }
  void begin() { sent_ = std::chrono::steady_clock::now(); }
  void end() {
    each_.push_back(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - sent_)
            .count());
  }
  std::vector<long>& nanoseconds() { return each_; }

 private:
  std::vector<long> each_;
  std::chrono::steady_clock::time_point sent_ = {};
};

}  // namespace bench
