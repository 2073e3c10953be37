#include "tool/network/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <span>

#include "api/effective_config.hpp"
#include "core/local_node.hpp"
#include "data/port_value.hpp"
#include "data/printable.hpp"
#include "tool/terminal/console.hpp"

namespace aemp::tool {
namespace {

// The settings of the file for the tool. A node ID, binds and services for all nodes are not meant for a
// tool.
config settings_for(context& all, const std::string& profile) {
  if (all.has("--profile") && !all.config().has_profile(profile))
    throw usage_error{no_such_profile(all, profile)};
  config_editor own = all.config();
  for (const char* key : {"nodeid", "binds", "services", "workers", "global"}) (void)own.erase("", key);
  if (!own.has_profile(profile)) own.set(profile, "nodeid", "anon/");
  const auto file = own.file();
  if (!file) throw config_error{file.error()};
  api::config_remarks remarks;  // for nodes and doctor to report
  auto settings = api::effective_config({.profile = profile, .nodeid = "anon/", .binds = {}}, *file, remarks);
  if (!settings) throw config_error{settings.error()};
  settings->profile.clear();
  settings->norc = true;
  if (!settings->monitor_timeout)
    settings->monitor_timeout = std::max<std::chrono::nanoseconds>(all.timeout(), std::chrono::seconds(1));
  return *settings;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

session::session(context& all) : all_(&all) {
  config settings = settings_for(all, all.option_or("--profile", "aemp"));
  if (all.has("--seed")) settings.seeds = string_list({all.option_or("--seed", {})});
  begin(std::move(settings));
}

session::session(context& all, const std::string& profile, const std::string& seed) : all_(&all) {
  config settings = settings_for(all, profile);
  settings.nodeid = "anon/";
  settings.binds = {};
  settings.services.clear();
  settings.global = false;
  settings.seeds = {seed};
  begin(std::move(settings));
}

void session::begin(config settings) {
  log_to_stderr();
  seeds_ = settings.seeds.items();
  try {
    me_ = std::make_unique<node>(std::move(settings));
  } catch (const start_error& e) {
    throw config_error{{e.name(), e.what()}};
  }
  losses_ = me_->mon_nodes([this](const std::string& node, bool up) {
    if (!up) makers_.erase(node);
  });
  // The shell runs its node again for each command, so the node pauses and does not say goodbye.
  stopper_ = me_->port([](int status) {
    const detail::node_at_hand here = detail::this_node("session");
    detail::local_node& core = here;
    core.pause(status);
  });
}

void session::log_to_stderr() {
  if (std::getenv("AEMP_WARNLEVEL") != nullptr) return set_log_sink({});
  set_log_sink([json = all_->json()](int level, std::string_view text) {
    if (level <= 2 && !json) std::cerr << "aemp: log: " << data::printable(text) << std::endl;
  });
  set_log_level(2);
}

session::~session() {
  keys.reset();
  losses_.cancel();
  me_.reset();
  set_log_sink({});
}

int session::run(const std::function<void()>& begin) {
  over_ = false;
  port_ = me_->port([](const message&) {});
  me_->peval(port_, [this, &begin] {
    try {
      begin();
    } catch (const usage_error& e) {
      fail(misused, e.why);
    }
  });
  return me_->run();
}

// Runs on the node's thread. Messages under way are handled while the command's stack frame is still there;
// then the command's port dies, and only then does the node stop.
void session::end(int status) {
  if (std::exchange(over_, true)) return;
  ups_.cancel();
  deadline_.cancel();
  me_->kil(port_);
  me_->snd(stopper_, status);
}

void session::go_on(const std::function<void()>& f) {
  if (!over_) me_->peval(port_, [f] { f(); });
}

int session::fail(status with, const error& why) {
  if (!over_) all_->fail(with, why);
  end(with);
  return with;
}

void session::expect(const std::string& answer_from) {
  deadline_.cancel();
  deadline_ = after(all_->timeout(), [this, answer_from] {
    std::string text =
        "no answer from " + answer_from + " within " + all_->option_or("--timeout", "5") + " s";
    if (!me_->up_nodes().empty()) {
      text += "; connected to " + joined(me_->up_nodes());
    } else if (seeds_.empty()) {
      text += "; no seed is known: give one with --seed HOST:PORT, or set one: aemp addseed HOST:PORT";
    } else {
      text += "; no seed answers, of " + joined(seeds_) +
              ": is it running, and is the secret the same? "
              "aemp doctor finds out";
    }
    fail(no_answer, {"no_answer", text});
  });
}

void session::until_timeout(std::function<void()> then) {
  if (all_->line().has("--timeout")) deadline_ = after(all_->timeout(), [then] { then(); });
}

void session::when_up(std::function<void()> f) {
  if (!me_->up_nodes().empty()) return f();
  expect("a seed");
  ups_ = mon_nodes([this, f](const std::string&, bool up) {
    if (!up) return;
    ups_.cancel();
    stop_waiting();
    f();
  });
}

void session::hold() {
  if (!holds_something) return;
  (void)run([this] { until_timeout([this] { end(done); }); });
}

aemp::call session::ask(const port_id& to, std::vector<value> words) {
  const detail::node_at_hand here = detail::this_node("ask");
  detail::local_node& core = here;
  const port_id reply = detail::make_reply_port(core);
  words.emplace_back(reply);
  return aemp::call(detail::home_of(core), to, reply, detail::make_values_block(words));
}

void session::knows(const std::string& node, const std::string& function,
                    std::function<void(std::optional<bool>)> f) {
  const port_id there = port_argument(node);
  const auto heard = std::make_shared<std::optional<bool>>();
  ask(there, {"can", function})
      .then([heard](const message& m) { *heard = m[0].to<bool>().value_or(false); }, [](const message&) {});
  const auto answered = [this, heard, f](const message&) {
    if (!over_) f(*heard);
  };
  ask(there, {"time"}).then(answered, [](const message&) {});
}

// Nobody uses the request snd_multiple, but it tells implementations apart: nodes of this library know it,
// Perl nodes of 2.x do not, and those of 1.x do not even know the question.
void session::who_made(const std::string& node, std::function<void(maker)> f) {
  if (const auto known = makers_.find(node); known != makers_.end()) {
    // The answer never comes at once: a caller that asks several nodes must not hear of one before it has
    // asked all.
    after(std::chrono::nanoseconds(0), [f = std::move(f), who = known->second] { f(who); });
    return;
  }
  knows(node, "snd_multiple", [this, node, f](std::optional<bool> known) {
    const maker who = !known ? maker::perl_1 : *known ? maker::ours : maker::perl_2;
    if (me_->node_is_up(node)) makers_[node] = who;
    f(who);
  });
}

void session::offers(const std::string& node, const std::string& function, std::function<void(bool)> f) {
  knows(node, function, [this, node, f](std::optional<bool> known) {
    if (known.value_or(true)) return f(true);
    who_made(node, [f](maker who) { f(who != maker::ours); });
  });
}

void session::echo(const std::string& of, std::function<void()> f) {
  ask(port_argument(of), {"time"}).then([this, f](const message&) {
    if (!over_) f();
  });
}

port_id port_argument(const value& v) {
  auto id = detail::to_port_or_node(v);
  if (!id) throw usage_error{{"bad_port", "'" + v.to_string() + "' is no port ID; NODE#NAME is expected"}};
  return *id;
}

std::string node_argument(const value& v) {
  const std::string name = v.to_string();
  if (name.empty()) throw usage_error{{"bad_node", "a node ID is expected, not nothing"}};
  return name.substr(0, name.find('#'));
}

std::string reason_text(const message& reason) { return reason.empty() ? "normal end" : reason.to_string(); }

}  // namespace aemp::tool
