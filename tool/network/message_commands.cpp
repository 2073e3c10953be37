// The commands that send something to ports and nodes (aemp-protocol H.3), each with one answer.
#include <cmath>
#include <ctime>
#include <numeric>

#include "tool/network/names.hpp"
#include "tool/network/question.hpp"
#include "tool/network/session.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

// The arguments from `first` on.
arguments from(const arguments& all, std::size_t first) {
  return {all.begin() + static_cast<std::ptrdiff_t>(std::min(first, all.size())), all.end()};
}

std::string json_list(const arguments& values) {
  std::string text;
  for (const value& v : values) text += (text.empty() ? "" : ",") + v.to_json();
  return text;
}

// Whether the port was lost with its node, whatever became of that.
bool is_loss(const message& reason) {
  return reason.tag() == "transport_error" || reason.tag() == "node_stopped";
}

error died(const port_id& port, const message& reason) {
  const bool unreachable = is_loss(reason);
  return {unreachable ? "unreachable" : "port_is_dead",
          (unreachable ? "node of " : "") + port.str() +
              (unreachable ? " cannot be reached: " : " is dead: ") + reason_text(reason)};
}

status status_of(const message& reason) { return is_loss(reason) ? no_answer : failed; }

// Fails the command if the port dies. A node port dies only with its node.
monitor fail_with(session& s, const port_id& port) {
  return mon(port, [&s, port](const message& reason) { s.fail(status_of(reason), died(port, reason)); });
}

// Calls `f` when a node has handled all that was sent to it. A worker tells its node of a dead port a little
// later than the node would answer, so the node is asked twice.
void after_two_echoes(session& s, const std::string& node, std::function<void()> f) {
  s.echo(node, [&s, node, f = std::move(f)] { s.echo(node, f); });
}

void end_after_echo(session& s, const std::string& node, value json, std::string text) {
  after_two_echoes(s, node, [&s, json = std::move(json), text = std::move(text)] {
    s.all().print(json, text);
    s.end(done);
  });
}

// Asks how many messages a port has dropped so far because no handler took them; empty if its node does not
// say. A node is asked only if its framing shows that it knows the question.
void ask_drops(session& s, const port_id& port, std::function<void(std::optional<std::uint64_t>)> f) {
  const auto unknown = [f](const message&) { f({}); };
  const value whole_page(value::map{{"most", 1000}});
  const auto take = [f, port](const value& page) {
    for (const value& p :
         page["items"].type() == value::kind::array ? page["items"].elements() : value::array())
      if (p["port"] == value(port)) return f(p["dropped"].to<std::uint64_t>());
    f({});
  };
  s.ask(port_argument(s.me().id()), {"aemp::inspect", "connections", whole_page})
      .within(s.all().timeout())
      .then(
          [&s, port, whole_page, f, take, unknown](const value& own) {
            const value& items = own["items"];
            bool knows = false;
            for (std::size_t i = 0; i < items.size(); ++i)
              knows |= items[i]["node"] == value(port.node()) && items[i]["framing_in"] == value("aemp1");
            if (!knows) return f({});
            s.ask(port_argument(port.node()), {"aemp::inspect", "ports", whole_page})
                .within(s.all().timeout())
                .then(take, unknown);
          },
          unknown);
}

int send(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const port_id to = port_argument(a[0]);
    const arguments words = from(a, 1);
    s.expect("node " + to.node());
    fail_with(s, to);
    // The first echo is for the connection, which says whose node it is.
    s.echo(to.node(), [&s, to, words] {
      ask_drops(s, to, [&s, to, words](std::optional<std::uint64_t> before) {
        snd(to, message::of(words));
        after_two_echoes(s, to.node(), [&s, to, before] {
          ask_drops(s, to, [&s, to, before](std::optional<std::uint64_t> now) {
            s.all().print(true, "message sent successfully");
            if (before && now && *now > *before) {
              s.all().warn(to.str() +
                           " has dropped a message meanwhile, so it seems that none of its handlers "
                           "takes this one; aemp log 5 shows what is dropped");
            }
            s.end(done);
          });
        });
      });
    });
  });
}

int call_port(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const port_id to = port_argument(a[0]);
    s.expect("port " + to.str());
    fail_with(s, to);
    timer hint;
    if (a.size() > 1) {
      hint = after(std::chrono::milliseconds(500),
                   [&s, to, name = a[1].to_string()] { warn_of_unknown_message(s, to, name); });
    }
    s.ask(to, from(a, 1))
        .within(std::chrono::hours(24 * 365))
        .then(
            [&s, hint](const message& reply) mutable {
              hint.cancel();
              s.all().print(value(reply.elements()), json_list(reply.elements()));
              s.end(done);
            },
            // It is not dead, which the monitor would have told before.
            [&s, to, hint](const message& reason) mutable {
              hint.cancel();
              s.fail(status_of(reason),
                     {"call_failed", to.str() + " did not do that: " + reason_text(reason)});
            });
  });
}

// Returns at once, because the shell goes on with other commands.
int monitor_in_background(session& s, const port_id& port) {
  s.me().mon(port, [&s, port](const message& reason) {
    if (!s.notice) return;
    s.notice(value(value::map{{"port", port.str()}, {"died", value(reason.elements())}}),
             port.str() + " is dead: " + reason_text(reason));
  });
  return done;
}

int monitor_port(context& all, const arguments& a) {
  session& s = all.network();
  if (all.in_shell() && !all.line().has("--timeout")) return monitor_in_background(s, port_argument(a[0]));
  return s.run([&] {
    const port_id port = port_argument(a[0]);
    s.until_timeout([&s, port] {
      s.fail(no_answer, {"no_answer", port.str() + " is still alive, as far as is known here"});
    });
    mon(port, [&s](const message& reason) {
      s.all().print(value(reason.elements()), reason.to_string());
      const bool never_was = reason.tag() == "no_such_port";
      s.end(never_was ? int(failed) : is_loss(reason) ? int(no_answer) : int(done));
    });
  });
}

int kill_port(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const port_id port = port_argument(a[0]);
    if (port.is_node_port()) throw usage_error{{"bad_port", "a node port cannot be killed"}};
    s.expect("node " + port.node());
    mon(port, [&s, port](const message& reason) {
      if (reason.tag() == "no_such_port" || is_loss(reason))
        return (void)s.fail(status_of(reason), died(port, reason));
      s.all().print(value(reason.elements()), port.str() + " is dead: " + reason_text(reason));
      s.end(done);
    });
    kil(port, message::of(from(a, 1)));
  });
}

int call_function(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(a[0]), function = a[1].to_string();
    const port_id there = port_argument(node);
    s.expect("node " + node);
    fail_with(s, there);
    s.offers(node, function, [&s, a, node, function, there](bool offered) {
      if (!offered)
        return (void)s.fail(failed, {"no_such_function",
                                     "node " + node + " has no function '" + function + "', or not for us"});
      snd(there, message::of(from(a, 1)));
      end_after_echo(s, node, true, "called");
    });
  });
}

int spawn_port(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(a[0]);
    s.expect("node " + node);
    const detail::node_at_hand here = detail::this_node("spawn");
    detail::local_node& core = here;
    const std::string name = detail::new_spawn_name(core);
    arguments request = {"AnyEvent::MP::_spawn", name};
    for (const value& v : from(a, 1)) request.push_back(v);
    const port_id born = detail::spawn_there(core, node, name, message::of(std::move(request)));
    mon(born, [&s, born](const message& reason) {
      if (reason.empty()) {  // it was over before we were told that it is there
        s.all().print(born.str(), born.str());
        return s.end(done);
      }
      s.fail(status_of(reason), died(born, reason));
    });
    end_after_echo(s, node, born.str(), born.str());
  });
}

int evaluate(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(a[0]);
    s.expect("node " + node);
    fail_with(s, port_argument(node));
    std::string code;
    for (const value& v : from(a, 1)) code += (code.empty() ? "" : " ") + v.to_string();
    s.ask(port_argument(node), {"eval", code}).then([&s](const message& m) {
      const arguments results = from(m.elements(), 1);
      std::string why = m[0].to_string();
      while (why.ends_with('\n')) why.pop_back();  // Perl's
      if (!why.empty()) return (void)s.fail(failed, {"eval_failed", why});
      s.all().print(value(results), json_list(results));
      s.end(done);
    });
  });
}

// ---- time and round trips ----

using clock = std::chrono::steady_clock;

double now_in_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

std::string number(double n, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, n);
  return text;
}

std::string milliseconds(double seconds) { return number(seconds * 1000, "%.3f ms"); }

// The first answer may have waited for the connection, so the second one counts.
int tell_time(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(a[0]);
    s.expect("node " + node);
    fail_with(s, port_argument(node));
    s.echo(node, [&s, node] {
      s.ask(port_argument(node), {"time"}).then([&s, node, begin = clock::now()](double time) {
        const double took = seconds_since(begin);
        const double ahead = time + took / 2 - now_in_seconds();
        const std::time_t whole = static_cast<std::time_t>(time);
        char date[64];
        std::tm local{};
        std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", localtime_r(&whole, &local));
        s.all().print(
            value(value::map{{"node", node}, {"time", time}, {"ahead", ahead}, {"round_trip", took}}),
            number(time, "%.6f") + " (" + date + ", " + milliseconds(std::abs(ahead)) +
                (ahead < 0 ? " behind" : " ahead of") + " this machine's clock, give or take " +
                milliseconds(took / 2) + ")");
        s.end(done);
      });
    });
  });
}

struct ping_run {
  session& s;
  const std::string node;
  const std::size_t count;
  const std::chrono::nanoseconds interval;
  std::vector<double> took = {};
  std::size_t sent = 0;
  clock::time_point begin = {};

  void one() {
    ++sent;
    begin = clock::now();
    s.expect("node " + node);
    s.echo(node, [this] { answered(); });
  }

  void answered() {
    took.push_back(seconds_since(begin));
    s.stop_waiting();
    if (!s.all().json())
      s.all().print({}, node + ": " + std::to_string(sent) + ": " + milliseconds(took.back()));
    if (sent == count) return finish();
    after(interval, [this] { one(); });
  }

  void finish() {
    const auto n = static_cast<double>(took.size());
    const double mean = std::accumulate(took.begin(), took.end(), 0.0) / n;
    double squares = 0;
    for (double t : took) squares += (t - mean) * (t - mean);
    const auto [least, most] = std::minmax_element(took.begin(), took.end());
    s.all().print(value(value::map{{"node", node},
                                   {"round_trips", value(value::array(took.begin(), took.end()))},
                                   {"min", *least},
                                   {"avg", mean},
                                   {"max", *most},
                                   {"deviation", std::sqrt(squares / n)}}),
                  std::to_string(took.size()) + " round trips: min " + milliseconds(*least) + ", avg " +
                      milliseconds(mean) + ", max " + milliseconds(*most) + ", deviation " +
                      milliseconds(std::sqrt(squares / n)));
    s.end(done);
  }
};

int ping(context& all, const arguments& a) {
  const auto count = value(all.option_or("--count", "4")).to<unsigned>();
  if (!count || *count == 0) throw usage_error{{"bad_option", "--count needs a number above 0"}};
  const auto interval = all.duration_option("--interval", std::chrono::seconds(1));
  session& s = all.network();
  ping_run run{s, node_argument(a[0]), *count, interval};
  return s.run([&] {
    s.expect("node " + run.node);
    fail_with(s, port_argument(run.node));
    s.echo(run.node, [&run] { run.one(); });  // so that the time to connect does not count
  });
}

}  // namespace

section message_section() {
  return {
      "Messages",
      {
          {"snd",
           {},
           "PORT ARG...",
           "send a message to a port, and wait until its node has it",
           "It is an error if the port does not exist or its node cannot be reached. That the message was "
           "sent does not mean that a handler takes it. If the node may be inspected, a note says when the "
           "port has dropped a message meanwhile.",
           "snd 'server#lobby' hello 42",
           network_options(),
           send},
          {"cal",
           {},
           "PORT [ARG...]",
           "send a message with a port for the reply behind it, and print the reply",
           "Prints the reply as JSON values with commas between them. If the port serves a contract, TAB "
           "completes the names "
           "of its messages, and a name that it does not have is reported after half a second without an "
           "answer.",
           "cal 'server#lobby' where bob --timeout 2",
           network_options(),
           call_port},
          {"mon",
           {},
           "PORT",
           "wait until a port is dead, and print why",
           "An empty line means a normal end. With a node ID, the command waits for the loss of that node. "
           "In the shell, without --timeout, it returns at once, and the shell prints the end when it "
           "comes.",
           "mon 'server#lobby'",
           network_options(),
           monitor_port},
          {"kil",
           {},
           "PORT [REASON...]",
           "kill a port; without a reason it is a normal end",
           {},
           "kil 'server#lobby' by hand",
           network_options(),
           kill_port},
          {"call",
           {},
           "NODE FUNCTION [ARG...]",
           "call a function of a node, for its effect",
           "C++ nodes call what they have defined, Perl nodes any function with a package.",
           "call server stop 0",
           network_options(),
           call_function},
          {"spawn",
           {},
           "NODE FUNCTION [ARG...]",
           "start a port on a node, and print its ID",
           {},
           "spawn server chat::serve 7",
           network_options(),
           spawn_port},
          {"eval",
           {},
           "NODE CODE...",
           "let a Perl node evaluate code, and print the results as JSON",
           "C++ nodes evaluate nothing.",
           "eval perl/node '$AnyEvent::MP::Kernel::NODE'",
           network_options(),
           evaluate},
          {"time",
           {},
           "NODE",
           "print what time it is on a node, and how far its clock is from ours",
           {},
           "time server",
           network_options(),
           tell_time},
          {"ping",
           {},
           "NODE",
           "measure round trips to a node",
           "Each round trip goes through the queues of both nodes, as a message does.",
           "ping server --count 10 --interval 0.2",
           {"--seed", "--profile", "--count", "--interval"},
           ping},
      }};
}

}  // namespace aemp::tool
