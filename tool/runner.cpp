#include "tool/runner.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <unistd.h>

#include <aemp/aemp.hpp>

#include "api/effective_config.hpp"
#include "tool/service_objects.hpp"
#include "tool/supervisor.hpp"

namespace aemp::tool {
namespace {

using namespace std::chrono_literals;

constexpr int reload_code = -1;  // of node::run(), not of the process

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

// What a node with the configuration as it is now would be made with, besides that; or why it cannot be used.
result<std::vector<service_object>> load_services(const context& all, const config& wanted) {
  const auto file = config_file::read(find_config_place());
  if (!file) return file.error();
  config_remarks remarks;  // the node logs them when it is made
  const auto effective = effective_config(wanted, *file, remarks);
  if (!effective) return effective.error();
  return load_service_objects(effective->services, service_folders(all));
}

bool makes_sense(const context& all, const config& wanted) {
  const auto services = load_services(all, wanted);
  if (!services) log(1, "SIGHUP: the configuration stays as it was: " + services.error().text);
  return static_cast<bool>(services);
}

// A node that was made anew is better off with fewer services than with none, so there failures are logged.
void define_services(node& me, const std::vector<service_object>& services, bool anew) {
  for (const service_object& service : services) {
    std::string thrown;
    try {
      service.define(me);
      continue;
    } catch (const std::exception& e) {
      thrown = e.what();
    } catch (...) {
      thrown = "something that is no std::exception";
    }
    const std::string text = "the service " + service.file + " failed to define its functions: " + thrown;
    if (!anew) throw config_error{{"service_failed", text}};
    log(1, text);
  }
}

// Waits for signals on a thread of its own, until it goes away; they are blocked on all others.
class signal_watch {
 public:
  signal_watch(node& n, const context& all, const config& wanted)
      : node_(n), all_(all), wanted_(wanted), port_(n.port([](const message&) {})) {
    thread_ = std::thread([this] { watch(); });
  }
  ~signal_watch() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

 private:
  void watch() {
    const sigset_t set = ending_signals();
    for (bool ending = false;;) {
      int signal = 0;
      sigwait(&set, &signal);
      if (signal == SIGUSR1) return;
      if (signal == SIGHUP) {
        if (makes_sense(all_, wanted_)) stop_behind_what_waits(reload_code);
      } else if (std::exchange(ending, true)) {
        std::_Exit(failed);
      } else {
        stop_behind_what_waits(done);
      }
    }
  }

  void stop_behind_what_waits(int code) {
    node_.peval(port_, [this, code] { node_.stop(code); });
  }

  node& node_;
  const context& all_;
  const config& wanted_;
  const port_id port_;
  std::thread thread_;
};

void beat(node& me, int heartbeat) {
  const auto patience = supervisor_patience();
  if (heartbeat < 0 && !patience) return;
  me.peval(me.port([](const message&) {}), [heartbeat, patience] {
    if (heartbeat >= 0) {
      every(1s, [heartbeat] {
        const char alive = '.';
        (void)!::write(heartbeat, &alive, 1);
      });
    }
    if (patience) every(*patience / 2, [] { tell_supervisor("WATCHDOG=1"); });
  });
}

int run_once(const context& all, const config& wanted, int heartbeat, bool anew) {
  const auto services = load_services(all, wanted);
  if (!services) throw config_error{services.error()};
  node me(wanted);
  me.define("aemp::stop", [&me] { me.stop(done); });
  if (heartbeat >= 0) me.define("aemp::restart", [&me] { me.stop(restart_status); });
  define_services(me, *services, anew);
  const signal_watch signals(me, all, wanted);
  beat(me, heartbeat);
  std::string places;
  for (const std::string& place : me.listening()) places += (places.empty() ? "" : ", ") + place;
  std::cout << "node " << me.id() << (places.empty() ? " listens nowhere" : " listens on " + places)
            << std::endl;
  tell_supervisor("READY=1\nSTATUS=node " + me.id());
  const int code = me.run();
  tell_supervisor(code == reload_code ? "RELOADING=1" : "STOPPING=1");
  return code;
}

}  // namespace

int run_node(context& all, const config& wanted, int heartbeat) {
  if (all.has("--config")) ::setenv("AEMP_CONFIG", all.option_or("--config", {}).c_str(), 1);
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  try {
    for (bool anew = false;; anew = true) {
      const int code = run_once(all, wanted, heartbeat, anew);
      if (code != reload_code) return code;
    }
  } catch (const start_error& e) {
    throw config_error{{e.name(), e.what()}};
  }
}

}  // namespace aemp::tool
