// The commands that run a node, and those that end one that runs.
#include <filesystem>
#include <iostream>

#include "api/effective_config.hpp"
#include "tool/config_key.hpp"
#include "tool/runner.hpp"
#include "tool/service_objects.hpp"
#include "tool/session.hpp"
#include "tool/signal_watch.hpp"
#include "tool/supervisor.hpp"
#include "tool/watchdog.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

// The profile, and the KEY VALUE pairs. As with the original's `configure`, pairs alone may have the profile
// among them: run profile seed workers 4.
std::pair<std::string, value::map> run_arguments(const arguments& a) {
  const bool pairs_alone =
      !a.empty() && a.size() % 2 == 0 && (a[0] == value("profile") || find_setting_rule(a[0].to_string()));
  std::string profile = pairs_alone || a.empty() ? std::string() : a[0].to_string();
  arguments pairs;
  for (std::size_t i = pairs_alone ? 0 : 1; i < a.size(); ++i) {
    if (pairs_alone && i % 2 == 0 && a[i] == value("profile")) {
      profile = a[++i].to_string();
    } else {
      pairs.push_back(a[i]);
    }
  }
  auto settings = settings_of_pairs(pairs);
  if (!settings) throw usage_error{settings.error()};
  return {profile, std::move(*settings)};
}

// As a program would be configured that says these things; the file has the last word. Seeds are given, so
// that it is no private node.
config wanted_by(context& all, const arguments& a) {
  const auto [profile, given] = run_arguments(a);
  if (!profile.empty() && !all.config().has_profile(profile))
    throw usage_error{no_such_profile(all, profile)};
  const auto file = config_file::parse(value(given).to_json(), "the command line");
  config_remarks remarks;
  auto effective = file ? effective_config({.seeds = {}}, *file, remarks) : result<config>(file.error());
  if (!effective) throw usage_error{effective.error()};
  effective->profile = profile;
  return *effective;
}

int run_profile(context& all, const arguments& a) {
  const config wanted = wanted_by(all, a);
  all.save_config();
  if (!all.has("--watchdog")) return run_node(all, wanted, -1);
  // Before there is a child, which would die of what comes before it takes signals itself.
  ignore_stray_signals();
  (void)block_ending_signals();
  return watch_over([&](int heartbeat) {
    try {
      return run_node(all, wanted, heartbeat);
    } catch (const config_error& e) {
      return all.fail(bad_config, e.why);
    }
  });
}

int print_unit(context& all, const arguments& a) {
  const std::string profile = a.empty() ? std::string() : a[0].to_string();
  std::error_code ignored;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  std::string command = program + " --config " + std::filesystem::absolute(all.place().path).string();
  std::string services;
  for (const std::string& folder : folders_of_option(all)) services += (services.empty() ? "" : ":") + folder;
  if (!services.empty()) command += " --services " + services;
  command += " run" + (profile.empty() ? "" : " " + profile);
  std::cout << systemd_unit("aemp node" + (profile.empty() ? "" : " " + profile), command) << std::flush;
  return done;
}

// What the node was asked for is done when the connection with it is lost.
int end_node(context& all, const std::string& node, const std::string& function) {
  session& s = all.network();
  return s.run([&] {
    const port_id there = port_argument(node);
    s.expect("node " + node);
    const auto asked = std::make_shared<bool>(false);
    mon(there, [&s, asked, node](const message& reason) {
      if (!*asked)
        return (void)s.fail(no_answer,
                            {"unreachable", "node " + node + " cannot be reached: " + reason_text(reason)});
      s.all().print(true, "node " + node + " has ended");
      s.end(done);
    });
    s.ask(there, {"can", function}).then([&s, asked, there, node, function](const message& m) {
      if (!m[0].to<bool>().value_or(false)) {
        return (void)s.fail(failed,
                            {"no_such_function", "node " + node +
                                                     " does not let us: it is no node that aemp run "
                                                     "has started" +
                                                     (function == "aemp::restart" ? " with --watchdog" : "") +
                                                     ", or it is secure"});
      }
      *asked = true;
      snd(there, function);
    });
  });
}

}  // namespace

section run_section() {
  return {
      "Running nodes",
      {{"run",
        {},
        "[PROFILE] [ARG...]",
        "run a node: a seed, a global node, a master",
        "KEY VALUE pairs are what a program would say; the file has the last word. Services are shared "
        "objects: chat::serve is in chat.so, which is looked for in the folders of --services, in those of "
        "AEMP_SERVICES, and where services are installed. SIGTERM ends the node "
        "when what was "
        "queued is done, a second one at once; SIGHUP makes it anew with what the file says now. With "
        "--watchdog a second "
        "process starts it again when it dies, or hangs for 10 s.",
        "run seed --watchdog",
        {"--services", "--watchdog"},
        run_profile},
       {"unit",
        {},
        "[PROFILE]",
        "print a unit for systemd that runs a node",
        {},
        "unit seed",
        {"--services"},
        print_unit},
       {"restart",
        {},
        "NODE",
        "have a node ended that aemp run --watchdog has started, so that it is started anew",
        {},
        "restart seed",
        network_options(),
        [](context& all, const arguments& a) { return end_node(all, node_argument(a[0]), "aemp::restart"); }},
       {"stop",
        {},
        "NODE",
        "have a node ended that aemp run has started",
        {},
        "stop seed",
        network_options(),
        [](context& all, const arguments& a) { return end_node(all, node_argument(a[0]), "aemp::stop"); }}}};
}

}  // namespace aemp::tool
