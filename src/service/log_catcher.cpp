#include "service/log_catcher.hpp"

#include <algorithm>

#include <aemp/log.hpp>
#include <aemp/log_catcher.hpp>

#include "core/begin_owned.hpp"
#include "core/log_hook.hpp"
#include "data/port_value.hpp"
#include "service/line_allowance.hpp"

namespace aemp::service {
namespace {

constexpr const char* connect_function = "AnyEvent::MP::LogCatcher::connect";
constexpr int version = 0;
// At level 9, a Perl node of 1.x logs that it cannot write to a connection. If it sent that line over the
// same connection, it would never get out of this loop.
constexpr int most_of_old_nodes = 8;
constexpr std::size_t most_subscribers_of_a_node = 16;

}  // namespace

// ---- the logs of others ----

class log_catcher::stream final : public detail::owned {
 public:
  stream(detail::local_node& node, int level, std::uint32_t worker, std::uint64_t port, detail::handler_ref f)
      : owned(kind::record, node, worker, port, std::move(f)), level(level), api(node) {}

  void taken_back() override { node.extension<log_catcher>().end(*this); }

  void add(const std::string& from) {
    if (log_ports.contains(from)) return;
    const port_id here = api.port([this, from](const message& m) { line(from, m); });
    log_ports.emplace(from, here);
    const bool modern = from == node.id() || node.gateway()->is_modern(from);
    api.call_function(from, connect_function, version, here,
                      modern ? level : std::min(level, most_of_old_nodes));
  }
  void remove(const std::string& from) {
    const auto found = log_ports.find(from);
    if (found == log_ports.end()) return;
    api.kil(found->second);
    log_ports.erase(found);
  }

  const int level;
  node_functions api;
  aemp::handle nodes;                        // reports nodes that come and go
  std::map<std::string, port_id> log_ports;  // by node

 private:
  // Version 1.x sends level, text. Version 2.x sends time, title, level, text.
  void line(const std::string& from, const message& m) {
    const bool modern = m.size() >= 4;
    const auto of = m[modern ? 2 : 0].to<int>();
    std::string text = m[modern ? 3 : 1].to_string();
    if (!of || m.size() < 2) return;
    while (text.ends_with('\n')) text.pop_back();
    const double time = modern ? m[0].to<double>().value_or(0) : node.network_worker().clock().unix_time();
    const std::string title = modern ? m[1].to_string() : std::string();
    detail::retain(this);
    detail::block* task = detail::make_task(
        [this, keep = aemp::handle(this), news = message(from, *of, std::move(text), time, title)] {
          if (!over.load(std::memory_order_acquire)) give(news);
        });
    task->port = owner;
    node.worker(worker).post(task);
  }

  void give(const message& news) {
    const core::unhooked_log quiet;
    detail::handler& h = *handler.get();
    if (h.ops->call(h, *news.get(), 0, nullptr) != detail::outcome::refused) return;
    if (!std::exchange(complained, true)) {
      log(2, "catch_logs: the handler does not take node, level, text, time, title: " + news.to_string());
    }
  }

  bool complained = false;
};

void log_catcher::begin(stream& s) {
  streams_.push(s, s.watched_hook);
  s.nodes = aemp::handle(
      detail::watch_nodes(node_, detail::handler_of([s = &s, keep = (detail::retain(&s), aemp::handle(&s))](
                                                        const std::string& node, bool up) {
                            if (!s->watched_hook.linked()) return;
                            up ? s->add(node) : s->remove(node);
                          })));
  for (const std::string& node : node_.presence().up()) s.add(node);
}

void log_catcher::end(stream& s) {
  if (!s.watched_hook.linked()) return;
  const aemp::handle keep = (detail::retain(&s), aemp::handle(&s));
  s.watched_hook.unlink();
  detail::release(&s);
  std::exchange(s.nodes, {}).cancel();
  for (const auto& [node, port] : std::exchange(s.log_ports, {})) s.api.kil(port);
}

// ---- ours for others ----

struct log_catcher::subscriber {
  subscriber(detail::local_node& node, port_id to, int level, bool modern)
      : node(node),
        to(std::move(to)),
        modern(modern),
        allowance(node.network_worker().clock().now()),
        hook(level, [this, level](int of, std::string_view text) { pass_on(of, text, level); }) {}

  // Any thread, one call at a time.
  void pass_on(int of, std::string_view text, int level) {
    if (!allowance.take(node.network_worker().clock().now())) return;
    if (const std::uint64_t n = allowance.take_left_out()) {
      post(std::min(2, level), std::to_string(n) + " lines of the log were left out: there were too many");
    }
    post(of, std::string(text));
  }

  void post(int of, std::string text) {
    message m = modern ? message(node.network_worker().clock().unix_time(), "aemp", of, std::move(text))
                       : message(of, std::move(text));
    node.network_worker().post(detail::make_task([&node = node, to = to, m = std::move(m)]() mutable {
      const core::unhooked_log quiet;
      if (node.names().is_local(to) || node.presence().is_up(to.node())) node.send(to, m.leak());
    }));
  }

  detail::local_node& node;
  const port_id to;
  const bool modern;
  line_allowance allowance;
  aemp::handle port_watch;
  core::log_hook hook;  // last: pass_on() is called from here on
};

log_catcher::log_catcher(detail::local_node& node) : node_(node) {
  node.functions().serve(connect_function, [this](const message& arguments, const std::string& from) {
    connect(arguments, from);
  });
}

log_catcher::~log_catcher() = default;

void log_catcher::connect(const message& arguments, const std::string& from) {
  const auto refuse = [&](const std::string& why) {
    node_.report(2, "the log for node " + from,
                 [&] { return "the log was not given to node " + from + ": " + why; });
  };
  const auto log_port = detail::to_port_or_node(arguments[1]);
  const auto level = arguments[2].to<int>();
  if (node_.functions().is_secure() && from != node_.id()) {
    return refuse("node " + node_.id() + " is secure, remote execution not allowed");
  }
  if (arguments[0].to<int>() != version) {
    return refuse("it asks for version " + arguments[0].to_string() + ", there is only " +
                  std::to_string(version));
  }
  if (!log_port || !level) return refuse("it does not name a port and a level");
  if (log_port->node() != from) return refuse("port " + log_port->str() + " is another node's");
  const auto known = [&](const auto& s) { return s.first.node() == from && s.first != *log_port; };
  if (static_cast<std::size_t>(std::count_if(subscribers_.begin(), subscribers_.end(), known)) >=
      most_subscribers_of_a_node) {
    return refuse("it catches it " + std::to_string(most_subscribers_of_a_node) + " times already");
  }
  const bool modern = node_.gateway() == nullptr || from == node_.id() || node_.gateway()->is_modern(from);
  auto& s = subscribers_[*log_port];
  aemp::handle watch;
  if (s != nullptr) {
    watch = std::move(s->port_watch);
  } else {
    watch = aemp::handle(detail::watch(
        node_, *log_port,
        detail::handler_of([this, port = *log_port](const message&) { subscribers_.erase(port); })));
  }
  s = std::make_unique<subscriber>(node_, *log_port, *level, modern);
  s->port_watch = std::move(watch);
}

void log_catcher::shut_down() noexcept {
  subscribers_.clear();
  while (detail::owned* o = streams_.pop()) {
    static_cast<stream*>(o)->nodes = {};
    o->finish();
    detail::release(o);
  }
}

}  // namespace aemp::service

namespace aemp::detail {

owned* catch_logs(local_node& node, int level, handler_ref f) {
  using service::log_catcher;
  return begin_at_network(
      new log_catcher::stream(node, level, node.home_worker().index(), running_number(node), std::move(f)),
      [](local_node& n, log_catcher::stream& s) { n.extension<log_catcher>().begin(s); });
}

}  // namespace aemp::detail
