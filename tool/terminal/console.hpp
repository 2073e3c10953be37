// What a person does at the terminal while the tool is a node: there is something to read, or a signal came.
// A thread waits for both and tells in a port of the node, so on the node's thread and only while that runs.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <thread>

#include <signal.h>
#include <termios.h>

#include <aemp/aemp.hpp>

namespace aemp::tool {

enum class happening { input, interrupt, ending, resized, suspension };

// While a node is being made, which may take long, nobody could be told of a signal; so those that would end
// the process do, at once. From block_signals() on, to there.
class signals_at_start {
 public:
  signals_at_start();
  ~signals_at_start();
  signals_at_start(const signals_at_start&) = delete;
  signals_at_start& operator=(const signals_at_start&) = delete;

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

class console {
 public:
  // From now on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH and SIGTSTP do nothing by themselves, on this
  // thread and those that it starts. To be called before a node is made, which may start some.
  static void block_signals();
  static bool is_terminal();  // standard input and output are one

  // With signals: they are told, too.
  console(node& me, bool signals);
  ~console();
  console(const console&) = delete;
  console& operator=(const console&) = delete;

  // Who is told; may be changed on the node's thread.
  std::function<void(happening)> tell;
  // Standard input is looked at until there is something to read (or its end), which is told once.
  void want_input();

 private:
  void watch();

  node& me_;
  const port_id port_;
  int wake_ = -1, signals_ = -1;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// Whether a read from standard input would return at once.
bool input_is_there();
// What it returns: so many bytes, 0 at the end and where nothing can be read any more; nothing where there is
// nothing yet.
std::optional<std::size_t> read_input(std::span<char> bytes);
// The process stands still until somebody lets it go on.
void suspend_self();

struct screen_size {
  std::size_t columns = 80, rows = 24;
};
screen_size size_of_terminal();

// Keys come as they are pressed, and are not shown; as it was before once this goes away.
class raw_keys {
 public:
  raw_keys() { take(); }
  ~raw_keys() { give_back(); }
  raw_keys(const raw_keys&) = delete;
  raw_keys& operator=(const raw_keys&) = delete;

  // suspend_self(), with the terminal as it was before.
  void suspend();

 private:
  void take();
  void give_back() const;

  termios before_{};
};

// The whole terminal for a picture; as it was before once this goes away.
class full_screen {
 public:
  full_screen();
  ~full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

 private:
  raw_keys keys_;
};

}  // namespace aemp::tool
