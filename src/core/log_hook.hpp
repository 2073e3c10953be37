// The log for those who pass it on: hooks get its lines before the sink does, up to a level of their own.
// What a hook's owner causes while it passes a line on must not become a line again, so a thread can close
// its ears.
#pragma once

#include <functional>
#include <string_view>

namespace aemp::core {

// Gets every line of the process up to its level while it lives: on any thread, one call at a time. The
// function must not log, nor wait; posting to a worker is fine. Once the destructor is through, it is not
// called any more.
class log_hook {
 public:
  using function = std::function<void(int level, std::string_view text)>;

  log_hook(int level, function f);
  log_hook(const log_hook&) = delete;
  log_hook& operator=(const log_hook&) = delete;
  ~log_hook();

 private:
  friend struct log_hooks;
  const int level_;
  const function f_;
};

// While it lives, what this thread logs is for the sink alone.
class unhooked_log {
 public:
  unhooked_log() noexcept;
  unhooked_log(const unhooked_log&) = delete;
  unhooked_log& operator=(const unhooked_log&) = delete;
  ~unhooked_log();
};

// To the sink alone, whatever the process's level is.
void log_to_sink(int level, std::string_view text);

}  // namespace aemp::core
