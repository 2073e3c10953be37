// The commands that look at the database of the network, and put something in.
#include <iostream>
#include <map>

#include "tool/network/session.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

std::string family_argument(const value& v) {
  std::string name = v.to_string();
  if (name.empty() || name.starts_with('\''))
    throw usage_error{
        {"bad_family", "'" + name + "' is no family: a name is expected that does not begin with '"}};
  return name;
}

int get(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string family = family_argument(a[0]);
    s.when_up([&s, family, key = a.size() > 1 ? std::optional(a[1].to_string()) : std::nullopt] {
      s.expect("the network about family " + family);
      db_family(family, [&s, family, key](const value::map& content) {
        if (key) {
          const auto found = content.find(*key);
          if (found == content.end())
            return (void)s.fail(failed,
                                {"no_such_key", "there is no key '" + *key + "' in family '" + family + "'"});
          s.all().print(found->second, found->second.to_string());
        } else {
          std::string text;
          for (const auto& [k, v] : content) text += (text.empty() ? "" : "\n") + k + " " + v.to_json();
          s.all().print(value(content), text);
        }
        s.end(done);
      });
    });
  });
}

// What this invocation has set, so that db del takes back only that.
std::map<std::pair<std::string, std::string>, registration>& own_entries() {
  static std::map<std::pair<std::string, std::string>, registration> all;
  return all;
}

// A seed that has answered the echo has handled the change, too.
void told_everybody(session& s) {
  const auto left = std::make_shared<std::size_t>(s.me().up_nodes().size());
  for (const std::string& node : s.me().up_nodes()) {
    s.echo(node, [&s, left] {
      if (--*left != 0) return;
      s.holds_something = !own_entries().empty();
      s.end(done);
    });
  }
}

// Polls until it is so: what another node has set reaches the node that we ask a little later.
void wait_until(session& s, const std::string& family, const std::function<bool(const value::map&)>& is_so) {
  db_family(family, [&s, family, is_so](const value::map& content) {
    if (is_so(content)) return s.end(done);
    after(std::chrono::milliseconds(50), [&s, family, is_so] { wait_until(s, family, is_so); });
  });
}

// Has another node set or delete a key, and waits until the network knows.
int change_elsewhere(context& all, const std::string& function, const arguments& a,
                     const std::function<bool(const value::map&)>& is_so) {
  session& s = all.network();
  return s.run([&] {
    const std::string node = node_argument(all.option_or("--on", {})), family = family_argument(a[0]);
    const port_id there = port_argument(node);
    s.expect("node " + node);
    mon(there, [&s, node](const message& reason) {
      s.fail(no_answer, {"unreachable", "node " + node + " cannot be reached: " + reason_text(reason)});
    });
    s.offers(node, function, [&s, &is_so, a, node, there, family, function](bool offered) {
      if (!offered) {
        return (void)s.fail(failed,
                            {"keeps_nothing", "node " + node + " keeps no keys for others: it is secure"});
      }
      std::vector<value> request = {function};
      request.insert(request.end(), a.begin(), a.end());
      snd(there, message::of(std::move(request)));
      s.echo(node, [&s, &is_so, node, family] {
        s.stop_waiting();
        wait_until(s, family, is_so);
        after(s.all().timeout(), [&s, node] {
          s.fail(failed, {"not_so", "the database is not as it should be: the log of node " + node +
                                        " says why, or another node has set the key, too"});
        });
      });
    });
  });
}

int set(context& all, const arguments& a) {
  if (all.has("--on")) {
    return change_elsewhere(all, "AnyEvent::MP::Kernel::db_set", a, [&](const value::map& content) {
      const auto found = content.find(a[1].to_string());
      return found != content.end() && found->second == (a.size() > 2 ? a[2] : value());
    });
  }
  session& s = all.network();
  return s.run([&] {
    const std::string family = family_argument(a[0]);
    s.when_up([&s, family, key = a[1].to_string(), content = a.size() > 2 ? a[2] : value()] {
      s.expect("the seeds");
      // The node sets the key, because the command's port does not stay.
      own_entries()[{family, key}] = s.me().db_set(family, key, content);
      after(std::chrono::milliseconds(0), [&s] { told_everybody(s); });
    });
  });
}

int remove(context& all, const arguments& a) {
  if (all.has("--on")) {
    return change_elsewhere(all, "AnyEvent::MP::Kernel::db_del", a,
                            [&](const value::map& content) { return !content.contains(a[1].to_string()); });
  }
  session& s = all.network();
  return s.run([&] {
    const std::string family = family_argument(a[0]), key = a[1].to_string();
    const auto found = own_entries().find({family, key});
    if (found == own_entries().end()) {
      return (void)s.fail(
          failed, {"not_ours", "'" + key + "' in family '" + family +
                                   "' was not set here; each node takes back only what it has set itself"});
    }
    found->second.cancel();
    own_entries().erase(found);
    s.when_up([&s] {
      s.expect("the seeds");
      after(std::chrono::milliseconds(0), [&s] { told_everybody(s); });
    });
  });
}

int watch(context& all, const arguments& a) {
  session& s = all.network();
  return s.run([&] {
    const std::string family = family_argument(a[0]);
    s.when_up([&s, family] {
      s.until_timeout([&s] { s.end(done); });
      using keys = std::vector<std::string>;
      db_mon(family,
             [&s](const value::map& content, const keys& added, const keys& changed, const keys& deleted) {
               const auto tell = [&](const keys& which, const std::string& sign, const char* what) {
                 for (const std::string& key : which) {
                   const auto found = content.find(key);
                   const value now = found == content.end() ? value() : found->second;
                   s.all().print(value(value::map{{"what", what}, {"key", key}, {"value", now}}),
                                 sign + " " + key + (sign == "-" ? "" : " " + now.to_json()));
                 }
               };
               tell(added, "+", "added");
               tell(changed, "~", "changed");
               tell(deleted, "-", "deleted");
             });
    });
  });
}

}  // namespace

section database_section() {
  const auto& here = network_options();
  const std::vector<std::string> or_elsewhere = {"--seed", "--profile", "--on"};
  return {"The database",
          {
              {"db get",
               {},
               "FAMILY [KEY]",
               "print a family of the database, or the value of one of its keys",
               {},
               "db get facts",
               here,
               get},
              {"db set",
               {},
               "FAMILY KEY [VALUE]",
               "set a key of the database, for as long as the tool or the node of --on runs",
               "A key lasts as long as the node that has set it. So the tool stays, at the end of its line, "
               "until it is ended or --timeout is over. With --on, another node sets the key, and the tool "
               "ends when the network has heard of it. C++ nodes that are not secure do that, and Perl "
               "nodes of 2.x.",
               "db set leader west '\"10.0.0.7\"' --on seed",
               or_elsewhere,
               set},
              {"db del",
               {},
               "FAMILY KEY",
               "take back what db set has set before in the same line, or, with --on, on another node",
               {},
               "db del leader west --on seed",
               or_elsewhere,
               remove},
              {"db watch",
               {},
               "FAMILY",
               "print what is added to a family (+), changed (~) and deleted (-)",
               "Runs until it is ended, or --timeout is over.",
               "db watch leader",
               here,
               watch},
          }};
}

}  // namespace aemp::tool
