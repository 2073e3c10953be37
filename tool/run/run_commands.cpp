// The commands that run a node, and those that end one that runs.
#include <filesystem>
#include <iostream>

#include "api/effective_config.hpp"
#include "tool/config/settings.hpp"
#include "tool/network/session.hpp"
#include "tool/run/runner.hpp"
#include "tool/run/service_objects.hpp"
#include "tool/run/signal_watch.hpp"
#include "tool/run/supervisor.hpp"
#include "tool/run/watchdog.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

// The profile, and the KEY VALUE pairs. As with the original's `configure`, pairs alone may have the profile
// among them: run profile seed workers 4.
std::pair<std::string, value::map> run_arguments(const arguments& a) {
  const bool pairs_alone =
      !a.empty() && a.size() % 2 == 0 && (a[0] == value("profile") || api::find_setting(a[0].to_string()));
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

// The configuration of a program that gives these settings; the file has the last word. Seeds are given, so
// that it is no private node.
config wanted_by(context& all, const arguments& a) {
  const auto [profile, given] = run_arguments(a);
  if (!profile.empty() && !all.config().has_profile(profile))
    throw usage_error{no_such_profile(all, profile)};
  const auto file = api::config_file::parse(value(given).to_json(), "the command line");
  api::config_remarks remarks;
  auto effective = file ? api::effective_config({.seeds = {}}, *file, remarks) : result<config>(file.error());
  if (!effective) throw usage_error{effective.error()};
  effective->profile = profile;
  return *effective;
}

int run_profile(context& all, const arguments& a) {
  const config wanted = wanted_by(all, a);
  all.save_config();
  if (!all.has("--watchdog")) return run_node(all, wanted, -1);
  // These are called before the fork: a signal that came before the child handles signals itself would kill
  // it.
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

// ---- nodes elsewhere ----

constexpr const char* stop_function = "aemp::stop";
constexpr const char* restart_function = "aemp::restart";

// Perl nodes evaluate this. The timer lets the answer go out before the node ends.
constexpr const char* restart_in_perl =
    "require AnyEvent::Watchdog::Util; "
    "AnyEvent::Watchdog::Util::enabled () or die qq(it does not run under a watchdog\\n); "
    "my $w; $w = AE::timer 0.1, 0, sub { undef $w; AnyEvent::Watchdog::Util::restart () }; ()";

// Asks a node to end. The request has been carried out when the connection with the node is lost.
class ending : public std::enable_shared_from_this<ending> {
 public:
  ending(session& s, std::string node, std::string function)
      : s_(s), node_(std::move(node)), function_(std::move(function)) {}

  void begin() {
    s_.expect("node " + node_);
    mon(port_argument(node_), [self = shared_from_this()](const message& reason) { self->lost(reason); });
    s_.who_made(node_, [self = shared_from_this()](session::maker who) {
      if (who == session::maker::ours) return self->call();
      if (self->function_ == restart_function) return self->evaluate();
      self->fail("no_such_function",
                 "is a Perl node, and those can be restarted, but not stopped, so: aemp "
                 "restart " +
                     self->node_ + " if it runs under its watchdog");
    });
  }

 private:
  void lost(const message& reason) {
    if (!asked_) {
      return (void)s_.fail(no_answer,
                           {"unreachable", "node " + node_ + " cannot be reached: " + reason_text(reason)});
    }
    s_.all().print(true, "node " + node_ + " has ended");
    s_.end(done);
  }

  void call() {
    s_.knows(node_, function_, [self = shared_from_this()](std::optional<bool> known) {
      if (!known.value_or(false)) {
        return self->fail("no_such_function",
                          std::string("does not let us: it is no node that aemp run has started") +
                              (self->function_ == restart_function ? " with --watchdog" : "") +
                              ", or it is secure");
      }
      self->asked_ = true;
      snd(port_argument(self->node_), self->function_);
    });
  }

  void evaluate() {
    s_.ask(port_argument(node_), {"eval", restart_in_perl})
        .then([self = shared_from_this()](const message& m) {
          std::string why = m.empty() ? std::string() : m[0].to_string();
          while (why.ends_with('\n')) why.pop_back();
          if (!why.empty()) return self->fail("not_restarted", "is not restarted: " + why);
          self->asked_ = true;
        });
    s_.echo(node_, [self = shared_from_this()] {
      if (!self->asked_) self->fail("not_restarted", "evaluates nothing for us: it is secure");
    });
  }

  void fail(const std::string& name, const std::string& what) {
    s_.fail(failed, {name, "node " + node_ + " " + what});
  }

  session& s_;
  const std::string node_, function_;
  bool asked_ = false;
};

int end_node(context& all, const std::string& node, const std::string& function) {
  session& s = all.network();
  return s.run([&] { std::make_shared<ending>(s, node, function)->begin(); });
}

}  // namespace

section run_section() {
  return {
      "Running nodes",
      {{"run",
        {},
        "[PROFILE] [ARG...]",
        "run a node: a seed, a global node, a master",
        "KEY VALUE pairs are settings as a program would give them; the file has the last word. As with the "
        "original, pairs alone may name the profile among them: run profile seed. Services are shared "
        "objects: chat::serve is in chat.so, which is looked for in the folders of --services, in those of "
        "AEMP_SERVICES, and where services are installed. SIGTERM ends the node when what was queued is "
        "done; a second one ends it at once. SIGHUP makes the node anew with what the file says now. With "
        "--watchdog, a second process starts the node again when it dies, or hangs for 10 s.",
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
        "restart a node that runs under a watchdog",
        "Works with C++ nodes of aemp run --watchdog, with Perl nodes of the original's aemp run, and with "
        "all other Perl nodes that use AnyEvent::Watchdog.",
        "restart seed",
        network_options(),
        [](context& all, const arguments& a) {
          return end_node(all, node_argument(a[0]), restart_function);
        }},
       {"stop",
        {},
        "NODE",
        "end a node that aemp run has started",
        {},
        "stop seed",
        network_options(),
        [](context& all, const arguments& a) { return end_node(all, node_argument(a[0]), stop_function); }}}};
}

}  // namespace aemp::tool
