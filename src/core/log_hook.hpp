// Hooks of the log, for those who pass its lines on: a hook gets each line before the sink does, up to a level of its
// own. Lines that are logged while a line is passed on must not be passed on again, so a thread can turn hooks off.
#pragma once

#include <functional>
#include <string_view>

namespace aemp::core {

// While it lives, the function gets every line of the process up to that level: on any thread, one call at a time. The
// function must neither log nor wait; posting to a worker is fine. It is not called after the destructor has returned.
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

// While it lives, lines of this thread go to the sink only.
class unhooked_log {
 public:
  unhooked_log() noexcept;
  unhooked_log(const unhooked_log&) = delete;
  unhooked_log& operator=(const unhooked_log&) = delete;
  ~unhooked_log();
};

// To the sink only, whatever the process's level is.
void log_to_sink(int level, std::string_view text);

}  // namespace aemp::core
