#include "tool/terminal/console.hpp"

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace aemp::tool {
namespace {

sigset_t told_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP}) sigaddset(&set, signal);
  return set;
}

happening meaning_of(std::uint32_t signal) {
  switch (signal) {
    case SIGINT:
      return happening::interrupt;
    case SIGWINCH:
      return happening::resized;
    case SIGTSTP:
      return happening::suspension;
    default:
      return happening::ending;
  }
}

}  // namespace

signals_at_start::signals_at_start() {
  thread_ = std::thread([this] {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&set, signal);
    for (;;) {
      const int signal = sigwaitinfo(&set, nullptr);
      if (over_) return;
      if (signal > 0) std::_Exit(128 + signal);  // as shells say it
    }
  });
}

// A signal wakes the thread, which then sees that it is over.
signals_at_start::~signals_at_start() {
  over_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
}

void console::block_signals() {
  const sigset_t set = told_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool console::is_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0; }

console::console(node& me, bool signals)
    : me_(me), port_(me.port([](const message&) {})), wake_(::eventfd(0, EFD_CLOEXEC)) {
  if (signals) {
    block_signals();
    const sigset_t set = told_signals();
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  thread_ = std::thread([this] { watch(); });
}

console::~console() {
  over_ = true;
  ::eventfd_write(wake_, 1);
  thread_.join();
  ::close(wake_);
  if (signals_ >= 0) ::close(signals_);
}

void console::want_input() { ::eventfd_write(wake_, 1); }

void console::watch() {
  const auto told = [this](happening what) {
    me_.peval(port_, [this, what] {
      if (tell) tell(what);
    });
  };
  bool wanted = false;
  for (;;) {
    pollfd fds[] = {{wake_, POLLIN, 0}, {signals_, POLLIN, 0}, {wanted ? STDIN_FILENO : -1, POLLIN, 0}};
    if (::poll(fds, std::size(fds), -1) < 0) {
      if (errno == EINTR) continue;
      return told(happening::ending);
    }
    if (fds[0].revents != 0) {
      eventfd_t n;
      ::eventfd_read(wake_, &n);
      if (over_) return;
      wanted = true;
    }
    // Signals come before input, even if poll saw only input: Ctrl-C was pressed before what is typed behind
    // it.
    signalfd_siginfo what;
    while (signals_ >= 0 && ::read(signals_, &what, sizeof what) == sizeof what)
      told(meaning_of(what.ssi_signo));
    if (fds[2].revents != 0) {
      wanted = false;
      told(happening::input);
    }
  }
}

bool input_is_there() {
  pollfd in = {STDIN_FILENO, POLLIN, 0};
  return ::poll(&in, 1, 0) > 0;
}

std::optional<std::size_t> read_input(std::span<char> bytes) {
  const ssize_t size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (size >= 0) return static_cast<std::size_t>(size);
  if (errno == EINTR || errno == EAGAIN) return {};
  return 0;
}

void suspend_self() { ::kill(::getpid(), SIGSTOP); }

screen_size size_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

void raw_keys::take() {
  ::tcgetattr(STDIN_FILENO, &before_);
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void raw_keys::give_back() const { ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }

void raw_keys::suspend() {
  give_back();
  suspend_self();
  take();
}

full_screen::full_screen() {
  std::cout << "\033[?1049h\033[?25l" << std::flush;  // another screen, no cursor
}

full_screen::~full_screen() { std::cout << "\033[?25h\033[?1049l" << std::flush; }

}  // namespace aemp::tool
