#include <aemp/log.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>

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
  std::atomic<bool> has_sink{false};
  std::atomic<int> level{level_from_environment()};
};

// Leaked on purpose: destructors of static objects may log.
log_state& state() {
  static log_state* s = new log_state;
  return *s;
}

void print(int level, std::string_view text) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", &local);
  std::string line = std::string(time) + " <" + std::to_string(level) + "> ";
  line += text;
  if (!line.ends_with('\n')) line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void set_log_sink(log_sink sink) {
  log_state& s = state();
  std::lock_guard lock(s.mutex);
  s.sink = std::move(sink);
  s.has_sink = static_cast<bool>(s.sink);
}

void set_log_level(int level) noexcept { state().level = level; }

bool log_enabled(int level) noexcept { return level <= state().level || state().has_sink; }

void log(int level, std::string_view text) {
  if (!log_enabled(level)) return;
  log_state& s = state();
  std::lock_guard lock(s.mutex);
  if (s.sink) {
    s.sink(level, text);
  } else {
    print(level, text);
  }
}

}  // namespace aemp
