// A node of the torture test (README.md): senders, receivers, and a thread that is none of the node's. The
// driver talks to it over its standard input: "finish" (send the last messages, then print "finished"),
// "report" (print what is waited for). It ends on SIGTERM, cleanly, and when its standard input does. usage:
// torture_node NAME=VALUE...
#include <aemp/aemp.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/torture/journal.hpp"
#include "tests/torture/receivers.hpp"
#include "tests/torture/sender.hpp"
#include "tests/torture/settings.hpp"
#include "tests/torture/stranger.hpp"

using namespace torture;

namespace {

std::mutex output;

void say(const std::string& line) {
  const std::lock_guard lock(output);
  std::cout << line << std::endl;
}

struct torture_node {
  explicit torture_node(const settings& s)
      : log(s.journal, s.index, s.incarnation), me(s.node), own(me, s, log), foreign(me, s, log, senders) {
    for (std::uint32_t i = 0; i < s.senders; ++i) {
      senders.push_back(std::make_unique<sender>(me, s, log, own, i, [this] {
        if (++finished == senders.size()) say("finished");
      }));
    }
  }

  int run() {
    own.open();
    for (const auto& s : senders) s->open();
    const aemp::port_id observer = me.port();
    me.peval(observer, [this] {
      aemp::mon_nodes([this](const std::string& node, bool up, aemp::rest why) {
        log.note(up ? kind::node_up : kind::node_down, {}, up ? node : node + " " + text_of(why));
      });
    });
    std::thread control([this] { obey(); });
    foreign.start();
    say("runs");
    const int code = me.run();
    foreign.stop();
    control.join();
    return code;
  }

 private:
  static std::string text_of(const aemp::rest& why) {
    std::string text;
    for (const aemp::value& v : why.elements) text += v.to_string() + " ";
    return text;
  }

  // Until a signal or the end of the standard input.
  void obey() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pollfd watched[] = {{signalfd(-1, &signals, SFD_CLOEXEC), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    std::string words;
    char bytes[256];
    while (poll(watched, 2, -1) >= 0 && (watched[0].revents & POLLIN) == 0) {
      const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
      if (n <= 0) break;
      words.append(bytes, static_cast<std::size_t>(n));
      for (std::size_t end; (end = words.find('\n')) != std::string::npos; words.erase(0, end + 1)) {
        obey(words.substr(0, end));
      }
    }
    close(watched[0].fd);
    log.note(kind::stopped, {});
    me.stop();
  }

  void obey(const std::string& command) {
    if (command == "finish") {
      own.calm_down();
      foreign.calm_down();
      for (const auto& s : senders) s->finish();
    } else if (command == "report") {
      for (const auto& s : senders) s->report(say);
    }
  }

  journal log;
  aemp::node me;
  receivers own;
  std::vector<std::unique_ptr<sender>> senders;
  stranger foreign;
  std::atomic<std::size_t> finished{0};
};

}  // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    const settings s = settings_of(argc, argv);
    return torture_node(s).run();
  } catch (const std::exception& failure) {
    std::cerr << "torture_node: " << failure.what() << std::endl;
    return 1;
  }
}
