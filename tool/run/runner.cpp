#include "tool/run/runner.hpp"

#include <cstdlib>
#include <iostream>

#include <unistd.h>

#include <aemp/aemp.hpp>

#include "api/effective_config.hpp"
#include "tool/run/service_objects.hpp"
#include "tool/run/signal_watch.hpp"
#include "tool/run/supervisor.hpp"
#include "tool/run/watchdog.hpp"

namespace aemp::tool {
namespace {

using namespace std::chrono_literals;

// Loads the services of a node that is made with the file as it is now; or says why the file cannot be used.
result<std::vector<service_object>> load_services(const context& all, const config& wanted) {
  const auto file = api::config_file::read(api::find_config_place());
  if (!file) return file.error();
  api::config_remarks remarks;  // the node logs them when it is made
  const auto effective = api::effective_config(wanted, *file, remarks);
  if (!effective) return effective.error();
  return load_service_objects(effective->services, service_folders(all));
}

bool makes_sense(const context& all, const config& wanted) {
  const auto services = load_services(all, wanted);
  if (!services) log(1, "SIGHUP: the configuration stays as it was: " + services.error().text);
  return static_cast<bool>(services);
}

// A node that is made anew is better off with fewer services than with none, so there failures are only
// logged.
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

void tell_watchdog(int heartbeat, char what) { (void)!::write(heartbeat, &what, 1); }

void beat(node& me, int heartbeat) {
  const auto patience = supervisor_patience();
  if (heartbeat < 0 && !patience) return;
  me.peval(me.port([](const message&) {}), [heartbeat, patience] {
    if (heartbeat >= 0) {
      every(1s, [heartbeat] { tell_watchdog(heartbeat, heart_beats); });
    }
    if (patience) every(*patience / 2, [] { tell_supervisor("WATCHDOG=1"); });
  });
}

int run_once(const context& all, const config& wanted, int heartbeat, signal_watch& signals, bool anew) {
  signals.node_begins();
  if (anew && heartbeat >= 0) tell_watchdog(heartbeat, heart_rests);  // names may take long to resolve
  const auto services = load_services(all, wanted);
  if (!services) throw config_error{services.error()};
  node me(wanted);
  me.define("aemp::stop", [&me] { me.stop(done); });
  if (heartbeat >= 0) me.define("aemp::restart", [&me] { me.stop(restart_status); });
  define_services(me, *services, anew);
  const signal_watch::scope watched(signals, me);
  beat(me, heartbeat);
  std::string places;
  for (const std::string& place : me.listening()) places += (places.empty() ? "" : ", ") + place;
  std::cout << "node " << me.id() << (places.empty() ? " listens nowhere" : " listens on " + places)
            << std::endl;
  tell_supervisor("READY=1\nSTATUS=node " + me.id());
  const int code = me.run();
  const bool comes_back = code == signal_watch::renew_code && !signals.ending();
  tell_supervisor(comes_back ? "RELOADING=1" : "STOPPING=1");
  return code;
}

}  // namespace

int run_node(context& all, const config& wanted, int heartbeat) {
  if (all.has("--config")) ::setenv("AEMP_CONFIG", all.option_or("--config", {}).c_str(), 1);
  ignore_stray_signals();
  signal_watch signals(heartbeat >= 0, [&] { return makes_sense(all, wanted); });
  try {
    for (bool anew = false;; anew = true) {
      const int code = run_once(all, wanted, heartbeat, signals, anew);
      if (code != signal_watch::renew_code) return code;
      if (signals.ending()) return done;
    }
  } catch (const start_error& e) {
    throw config_error{{e.name(), e.what()}};
  }
}

}  // namespace aemp::tool
