#include <aemp/log.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "core/guarded.hpp"
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
  log_sink sink = {};
  std::vector<const core::log_hook*> hooks = {};
  int level = level_from_environment();
  std::uint64_t unprinted = 0;
  bool sink_threw = false;
};

struct log_of_process {
  core::guarded<log_state> state;
  std::atomic<int> highest{state.lock()->level};  // level that the sink or a hook wants
};

// Never destroyed: destructors of static objects may log.
log_of_process& the_log() {
  static auto* l = new log_of_process;
  return *l;
}

thread_local int unhooked = 0;

constexpr std::size_t longest_text = 3500;  // so that a line fits into PIPE_BUF

std::string_view shortened(std::string_view text) {
  std::size_t end = std::min(text.size(), longest_text);
  while (end != text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end);
}

// Sinks and hooks get one line without control characters, whatever the text was.
std::string line_of(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  // What is printed can be longer than what was given.
  std::string line = data::printable(shortened(text));
  const bool too_long = text.size() > longest_text || line.size() > longest_text;
  line.resize(shortened(line).size());
  if (too_long) line += "…";
  return line;
}

std::string printed(int level, std::string_view text) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", &local);
  return std::string(time) + " <" + std::to_string(level) + "> " + std::string(text) + '\n';
}

// Standard error may be a pipe that nobody reads, and a node must not block on it. So a line that does not fit is left
// out. A pipe that polls as writable takes PIPE_BUF bytes without blocking (pipe(7)).
bool write_now(std::string_view line) {
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standard_error, 1, 0) != 1 || (standard_error.revents & POLLOUT) == 0) return false;
  while (!line.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
    if (n <= 0) return false;
    line.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void print(log_state& s, int level, std::string_view text) {
  if (s.unprinted != 0 && write_now(printed(level, std::to_string(s.unprinted) +
                                                       " lines were left out: standard error took no more")))
    s.unprinted = 0;
  if (s.unprinted != 0 || !write_now(printed(level, text))) ++s.unprinted;
}

void write(log_state& s, int level, std::string_view text) {
  if (!s.sink) return print(s, level, text);
  try {
    s.sink(level, text);
  } catch (...) {
    if (!std::exchange(s.sink_threw, true))
      print(s, 1, "the log's sink throws exceptions, which are ignored");
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

// The sink, the hooks and the level change only through this, so that `highest` always fits them.
template <class F>
void change(F&& f) {
  log_of_process& all = the_log();
  const auto s = all.state.lock();
  f(*s);
  int highest = s->sink ? INT_MAX : s->level;
  for (const core::log_hook* h : s->hooks) highest = std::max(highest, core::log_hooks::level(*h));
  all.highest = highest;
}

}  // namespace

void set_log_sink(log_sink sink) {
  change([&](log_state& s) {
    s.sink.swap(sink);
    s.sink_threw = false;
  });
}

void set_log_level(int level) noexcept {
  change([level](log_state& s) { s.level = level; });
}

bool log_enabled(int level) noexcept { return level <= the_log().highest.load(std::memory_order_relaxed); }

void log(int level, std::string_view text) {
  if (!log_enabled(level)) return;
  const std::string line = line_of(text);
  const auto s = the_log().state.lock();
  if (unhooked == 0) core::log_hooks::call_all(*s, level, line);
  if (s->sink || level <= s->level) write(*s, level, line);
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
  const std::string line = line_of(text);
  const auto s = the_log().state.lock();
  write(*s, level, line);
}

}  // namespace core
}  // namespace aemp
