// The commands that look at a network: its nodes, and what is in them.
#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include <unistd.h>

#include "data/printable.hpp"
#include "tool/network/question.hpp"
#include "tool/network/topology.hpp"
#include "tool/network/tree.hpp"
#include "tool/terminal/table.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

std::string units_of(const value& v) { return in_units(v.to<double>().value_or(0)); }
std::string time_of(const value& v) { return v.is_null() ? "-" : in_time(v.to<double>().value_or(0)); }
std::string count_of(const value& v) { return v.is_null() ? "-" : v.to_string(); }

// A question with a table for an answer.
int show(context& all, const arguments& a, const std::string& what,
         const std::function<std::string(const findings&)>& text) {
  session& s = all.network();
  return s.run([&] {
    ask_node(s, node_argument(a[0]), what, [&s, &text](const findings& found) {
      s.all().print(value(found.items), s.all().json() ? std::string() : text(found));
      s.end(done);
    });
  });
}

std::string ports_table(const findings& found) {
  std::vector<std::vector<std::string>> rows = {
      {"PORT", "HANDLERS", "MONITORS", "OWNS", "DROPPED", "WAITING", "REFUSED"}};
  const bool has_limits =
      std::ranges::any_of(found.items, [](const value& p) { return !p["waiting"].is_null(); });
  for (const value& p : found.items) {
    rows.push_back({p["port"].to_string() + (p["call"].is_null() ? "" : " (a call)"), count_of(p["handlers"]),
                    count_of(p["monitors"]), count_of(p["owns"]), count_of(p["dropped"]),
                    count_of(p["waiting"]), count_of(p["refused"])});
  }
  if (!has_limits) {
    for (auto& row : rows) row.resize(5);
  }
  return table(rows);
}

std::string contracts_table(const findings& found) {
  std::vector<std::vector<std::string>> rows = {{"PORT", "MESSAGE"}};
  for (const value& p : found.items) {
    if (p["contract"].type() != value::kind::array) continue;
    for (const value& m : p["contract"].elements())
      rows.push_back({m == p["contract"][0] ? p["port"].to_string() : "", m.to_string()});
  }
  return table(rows);
}

int ports(context& all, const arguments& a) {
  return show(all, a, "ports", all.has("--contract") ? contracts_table : ports_table);
}

std::string queue_table(const findings& found) {
  std::vector<std::vector<std::string>> rows = {{"WORKER", "WAITING", "PORT"}};
  for (const value& w : found.items) {
    const std::string more = w["more"] == value(true) ? "+" : "";
    rows.push_back({w["worker"].to_string(), w["busy"].is_null() ? count_of(w["waiting"]) + more : "-",
                    w["busy"].is_null() ? "" : "is too busy to answer"});
    if (w["ports"].type() != value::kind::array) continue;
    for (const value& p : w["ports"].elements())
      rows.push_back({"", count_of(p["waiting"]), p["port"].to_string()});
  }
  return table(rows);
}

int queue(context& all, const arguments& a) { return show(all, a, "queue", queue_table); }

std::string connections_table(const findings& found) {
  std::vector<std::vector<std::string>> rows = {{"NODE", "ADDRESS", "FRAMING", "ENCRYPTION", "IN", "OUT",
                                                 "PACKETS IN", "OUT", "QUEUED", "ROUND TRIP", "AGE"}};
  for (const value& c : found.items) {
    const std::string in = c["framing_in"].to_string(), out = c["framing_out"].to_string();
    rows.push_back({c["node"].to_string(),
                    (c["dialled"] == value(true) ? "to " : "from ") + c["address"].to_string(),
                    in == out ? in : in + "/" + out, c["encryption"].to_string(), units_of(c["bytes_in"]),
                    units_of(c["bytes_out"]), units_of(c["packets_in"]), units_of(c["packets_out"]),
                    units_of(c["queued"]), time_of(c["round_trip"]), time_of(c["age"])});
  }
  std::string text = table(rows);
  const value wishes = found.first["wishes"];
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    text += "\nbeing connected: " + wishes[i]["node"].to_string() + ", " + wishes[i]["messages"].to_string() +
            " messages wait; tried: " + wishes[i]["tried"].to_string();
  }
  return text;
}

// The first look makes the node measure round trips, the second one has them.
int connections(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(a[0]);
    ask_node(s, node, "connections", [&s, node](const findings&) {
      after(std::chrono::milliseconds(200), [&s, node] {
        ask_node(s, node, "connections", [&s](const findings& found) {
          s.all().print(value(found.items), connections_table(found));
          s.end(done);
        });
      });
    });
  });
}

std::string status_text(const value& n) {
  std::string text = n["node"].to_string() + ": " + n["version"].to_string() + ", up for " +
                     time_of(n["uptime"]) + ", listens on ";
  const value& listening = n["listening"];
  for (std::size_t i = 0; i < listening.size(); ++i) text += (i == 0 ? "" : ", ") + listening[i].to_string();
  if (listening.size() == 0) text += "nothing";
  text += "\n" + n["up"].to_string() + " nodes connected, " + n["ports"].to_string() + " ports, " +
          n["groups"].to_string() + " groups, " + units_of(n["delivered"]) + " messages delivered";
  const value& workers = n["workers"];
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const value& w = workers[i];
    text += "\nworker " + w["worker"].to_string() + ": ";
    text += !w["busy"].is_null()
                ? "is too busy to answer: a handler blocks, or too much waits"
                : w["ports"].to_string() + " ports, " + units_of(w["delivered"]) + " delivered, " +
                      w["waiting"].to_string() + (w["more"] == value(true) ? "+" : "") + " waiting, " +
                      w["timers"].to_string() + " timers";
  }
  return text;
}

int node_status(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    ask_node(s, node_argument(a[0]), "node", [&s](const findings& found) {
      s.all().print(found.first, status_text(found.first));
      s.end(done);
    });
  });
}

// ---- the whole network ----

int print_topology(session& s, const topology& found) {
  value::map neighbours;
  std::string text;
  for (const auto& [node, next] : found.neighbours) {
    value::array names(next.begin(), next.end());
    text += (text.empty() ? "" : "\n") + node + " ->";
    for (const std::string& name : next) text += " " + name;
    neighbours.emplace(node, value(std::move(names)));
  }
  for (const std::string& node : found.silent) {
    text += (text.empty() ? "" : "\n") + node + " -> (no answer)";
    neighbours.emplace(node, nullptr);
  }
  s.all().print(value(std::move(neighbours)), s.all().has("--dot") ? dot_of(found) : text);
  return found.silent.empty() ? done : no_answer;
}

int trace(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const auto begin = [&s](std::vector<std::string> at) {
      explore(s, std::move(at), [&s](const topology& found) { s.end(print_topology(s, found)); });
    };
    if (!a.empty()) return begin({node_argument(a[0])});
    s.when_up([&s, begin] { begin(s.me().up_nodes()); });
  });
}

int nodes(context& all, const arguments&) {
  session& s = all.network();
  return s.run([&] {
    s.when_up([&s] {
      explore(s, s.me().up_nodes(), [&s](const topology& found) {
        std::set<std::string> names(found.silent.begin(), found.silent.end());
        for (const auto& [node, next] : found.neighbours) names.insert(node);
        std::string text;
        for (const std::string& name : names) text += (text.empty() ? "" : "\n") + name;
        s.all().print(value(value::array(names.begin(), names.end())), text);
        s.end(done);
      });
    });
  });
}

// ---- groups ----

// The nodes we are connected to are seeds, which know all groups.
void list_groups(session& s) {
  const auto left = std::make_shared<std::size_t>(s.me().up_nodes().size());
  const auto members = std::make_shared<std::map<std::string, std::uint64_t>>();
  const auto answers = std::make_shared<std::size_t>(0);
  const auto refusal = std::make_shared<error>();  // the last one
  const auto one_more = [&s, left, members, answers, refusal] {
    if (--*left != 0) return;
    if (*answers == 0) {
      return (void)s.fail(refusal->name == "no_answer" ? no_answer : failed,
                          {refusal->name, "no node that is connected lets us look at its groups (" +
                                              refusal->text + "); ask for one by name: aemp groups GROUP"});
    }
    std::vector<std::vector<std::string>> rows = {{"GROUP", "MEMBERS"}};
    value::map json;
    for (const auto& [group, n] : *members) {
      rows.push_back({group, std::to_string(n)});
      json.emplace(group, n);
    }
    s.all().print(value(std::move(json)), members->empty() ? "" : table(rows));
    s.end(done);
  };
  for (const std::string& node : s.me().up_nodes()) {
    ask_node(
        s, node, "groups",
        [members, answers, one_more](const findings& found) {
          ++*answers;
          for (const value& g : found.items) {
            const std::string name = g["group"].to_string();
            std::uint64_t& n = (*members)[name];
            n = std::max(n, g["members"].to<std::uint64_t>().value_or(0));
            if (name.starts_with('\'')) members->erase(name);  // the library's own
          }
          one_more();
        },
        [refusal, one_more](const error& why) {
          *refusal = why;
          one_more();
        });
  }
}

int groups(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    s.when_up([&s, group = a.empty() ? std::string() : a[0].to_string()] {
      if (group.empty()) return list_groups(s);
      s.expect("the network about group " + group);
      db_family(group, [&s](const value::map& members) {
        std::string text;
        value::array names;
        for (const auto& [port, content] : members) {
          text += (text.empty() ? "" : "\n") + port;
          names.emplace_back(port);
        }
        s.all().print(value(std::move(names)), text);
        s.end(members.empty() ? failed : done);
      });
    });
  });
}

// ---- the log ----

const char* colour_of(int level) {
  static const bool coloured = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  if (!coloured || (level > 2 && level < 8)) return "";
  return level <= 1 ? "\033[31m" : level == 2 ? "\033[33m" : "\033[2m";
}

void print_line(const std::string& node, int level, std::string_view text, double time) {
  const auto whole = static_cast<std::time_t>(time);
  std::tm local{};
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", localtime_r(&whole, &local));
  const char* const colour = colour_of(level);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::cout << colour << date << " [" << node << "] <" << level << "> " << data::printable(text)
            << (*colour != 0 ? "\033[0m" : "") << std::endl;
}

// The tool connects to all nodes that the network knows, because it hears only those that it is connected to.
int follow_log(context& all, const arguments& a) {
  const auto level = a.empty() ? std::optional<int>(7) : a[0].to<int>();
  if (!level || *level < 0 || *level > 9) throw usage_error{{"bad_level", "a level from 0 to 9 is expected"}};
  session& s = all.network();
  return s.run([&] {
    catch_logs(*level, [&s](const std::string& node, int of, const std::string& text, double time) {
      if (!s.all().json()) return print_line(node, of, text, time);
      s.all().print(value(value::map{{"node", node}, {"level", of}, {"text", text}, {"time", time}}), {});
    });
    s.when_up([&s] {
      s.until_timeout([&s] { s.end(done); });
      db_mon("'l", [](const value::map& known, const std::vector<std::string>&) {
        for (const auto& [node, addresses] : known) {
          if (addresses.size() != 0) mon(port_argument(node), [](const message&) {});
        }
      });
    });
  });
}

}  // namespace

section network_section() {
  const auto& here = network_options();
  return {
      "The network",
      {
          {"nodes", {}, "", "list the nodes of the network", {}, "nodes --seed 10.0.0.1:4040", here, nodes},
          {"trace",
           {},
           "[NODE]",
           "print which nodes are connected to each other",
           "Asks the node, or the seeds, and then each node that they name. Ends with 3 when one did not "
           "answer.",
           "trace --dot",
           {"--seed", "--profile", "--dot"},
           trace},
          {"groups",
           {},
           "[GROUP]",
           "list the groups of ports, or the ports in one",
           "Ends with 1 when there is no port in the group.",
           "groups chat",
           here,
           groups},
          {"status",
           {},
           "NODE",
           "print what a node is doing: uptime, ports, workers",
           {},
           "status server",
           here,
           node_status},
          {"ports",
           {},
           "NODE",
           "list the ports of a node",
           {},
           "ports server --contract",
           {"--seed", "--profile", "--contract"},
           ports},
          {"tree",
           {},
           "NODE",
           "print the supervisors of a node and their children",
           "A child on another node is shown, but not what it supervises there.",
           "tree server",
           here,
           print_tree},
          {"queue",
           {},
           "NODE",
           "print how many messages wait in a node, and for which ports",
           {},
           "queue server",
           here,
           queue},
          {"connections",
           {},
           "NODE",
           "list a node's connections, with traffic and round trips",
           {},
           "connections server",
           here,
           connections},
          {"log",
           {},
           "[LEVEL]",
           "print the logs of all nodes as they are written, up to a level (7)",
           "The levels: 0 always, 1 errors, 2 warnings, 5 dropped messages, 7 connections and services, 8 "
           "and 9 for debugging. Runs until it is ended, or --timeout is over.",
           "log 2",
           here,
           follow_log},
      }};
}

}  // namespace aemp::tool
