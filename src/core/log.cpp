#include <aemp/log.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <vector>

#include "core/log_hook.hpp"
#include "data/printable.hpp"

namespace aemp {
namespace {

int level_from_environment() {
  for (const char* name : {"AEMP_WARNLEVEL", "PERL_ANYEVENT_MP_WARNLEVEL"}) {
    if (const char* text = std::getenv(name)) return std::atoi(text);
  }
  return 5;
}

struct log_state {
  std::mutex mutex;
  log_sink sink;
  std::vector<const core::log_hook*> hooks;
  int level = level_from_environment();
  std::atomic<int> highest{level};  // that anybody wants
};

// Leaked on purpose: destructors of static objects may log.
log_state& state() {
  static log_state* s = new log_state;
  return *s;
}

thread_local int unhooked = 0;

void print(int level, std::string_view text) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", &local);
  std::string line = std::string(time) + " <" + std::to_string(level) + "> ";
  if (text.ends_with('\n')) text.remove_suffix(1);
  line += data::printable(text) + '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void write(log_state& s, int level, std::string_view text) {
  if (s.sink) {
    s.sink(level, text);
  } else {
    print(level, text);
  }
}

}  // namespace

namespace core {

struct log_hooks {
  static int level(const log_hook& h) { return h.level_; }
  static void call_all(log_state& s, int level, std::string_view text) {
    for (const log_hook* h : s.hooks) {
      if (level <= h->level_) h->f_(level, text);
    }
  }
};

}  // namespace core

namespace {

// Changes what is under the lock, and then works out what anybody wants.
template <class F>
void change(F&& f) {
  log_state& s = state();
  const std::lock_guard lock(s.mutex);
  f(s);
  int highest = s.sink ? INT_MAX : s.level;
  for (const core::log_hook* h : s.hooks) highest = std::max(highest, core::log_hooks::level(*h));
  s.highest = highest;
}

}  // namespace

void set_log_sink(log_sink sink) {
  change([&](log_state& s) { s.sink.swap(sink); });
}

void set_log_level(int level) noexcept {
  change([level](log_state& s) { s.level = level; });
}

bool log_enabled(int level) noexcept { return level <= state().highest.load(std::memory_order_relaxed); }

void log(int level, std::string_view text) {
  if (!log_enabled(level)) return;
  log_state& s = state();
  const std::lock_guard lock(s.mutex);
  if (unhooked == 0) core::log_hooks::call_all(s, level, text);
  if (s.sink || level <= s.level) write(s, level, text);
}

namespace core {

log_hook::log_hook(int level, function f) : level_(level), f_(std::move(f)) {
  change([this](log_state& s) { s.hooks.push_back(this); });
}

log_hook::~log_hook() {
  change([this](log_state& s) { std::erase(s.hooks, this); });
}

unhooked_log::unhooked_log() noexcept { ++unhooked; }
unhooked_log::~unhooked_log() { --unhooked; }

void log_to_sink(int level, std::string_view text) {
  log_state& s = state();
  const std::lock_guard lock(s.mutex);
  write(s, level, text);
}

}  // namespace core
}  // namespace aemp
