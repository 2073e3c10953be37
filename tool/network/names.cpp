#include "tool/network/names.hpp"

#include <set>

#include "tool/network/question.hpp"

namespace aemp::tool {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 700ms;
constexpr std::size_t most_pages = 5;

class search {
 public:
  search(session& s, std::string kind, std::string begin)
      : s_(s), kind_(std::move(kind)), begin_(std::move(begin)) {}

  std::vector<candidate> run() {
    if (s_.me().up_nodes().empty() && !s_.knows_seeds()) return {};
    (void)s_.run([this] {
      after(patience, [this] { s_.end(done); });
      if (kind_ == "MESSAGE" || (kind_ == "PORT" && begin_.find('#') != std::string::npos))
        return ask_ports();
      if (!s_.me().up_nodes().empty()) return ask_all();
      ups_ = mon_nodes([this](const std::string&, bool up) {
        if (!up) return;
        ups_.cancel();
        ask_all();
      });
    });
    std::vector<candidate> names;
    const char* const meaning = kind_ == "NODE"     ? "node"
                                : kind_ == "GROUP"  ? "group"
                                : kind_ == "FAMILY" ? "family"
                                                    : "";
    for (const std::string& name : found_) {
      if (kind_ == "MESSAGE") {
        names.push_back({name_of_message(name), name});
      } else {
        names.push_back({name, meaning});
      }
    }
    return names;
  }

 private:
  void ask_ports() {
    ++open_;
    ask_node(
        s_, begin_.substr(0, begin_.find('#')), "ports",
        [this](const findings& ports) {
          for (const value& p : ports.items) {
            if (kind_ == "MESSAGE") {
              if (p["port"].to_string() == begin_) add_contract(p["contract"]);
            } else if (p["call"].is_null()) {
              found_.insert(p["port"].to_string());
            }
          }
          one_less();
        },
        [this](const error&) { one_less(); }, most_pages);
  }

  void add_contract(const value& messages) {
    for (std::size_t i = 0; i < messages.size(); ++i) found_.insert(messages[i].to_string());
  }

  void ask_all() {
    const std::vector<std::string> nodes = s_.me().up_nodes();
    open_ = nodes.size();
    for (const std::string& node : nodes) {
      if (kind_ == "GROUP" || kind_ == "FAMILY") {
        ask_groups(node);
      } else {
        ask_neighbours(node);
      }
    }
  }

  // A node's neighbours are not asked for theirs. Perl nodes of 2.x do not say which neighbours they have.
  void ask_neighbours(const std::string& node) {
    const char* const end = kind_ == "PORT" ? "#" : "";
    found_.insert(node + end);
    const auto over = [this, told = std::make_shared<bool>(false)] {
      if (!std::exchange(*told, true)) one_less();
    };
    s_.knows(node, "up_nodes", [this, node, end, over](std::optional<bool> known) {
      if (!known.value_or(true)) return over();
      s_.ask(port_argument(node), {"up_nodes"})
          .then(
              [this, end, over](const message& m) {
                for (const value& name : m.elements()) {
                  if (name != value(s_.me().id())) found_.insert(name.to_string() + end);
                }
                over();
              },
              [over](const message&) { over(); });
      s_.echo(node, over);
    });
  }

  void ask_groups(const std::string& node) {
    ask_node(
        s_, node, "groups",
        [this](const findings& groups) {
          for (const value& g : groups.items) {
            if (const std::string name = g["group"].to_string(); !name.starts_with('\'')) found_.insert(name);
          }
          one_less();
        },
        [this](const error&) { one_less(); });
  }

  void one_less() {
    if (--open_ == 0) s_.end(done);
  }

  session& s_;
  const std::string kind_, begin_;
  monitor ups_;
  std::set<std::string> found_;
  std::size_t open_ = 0;
};

}  // namespace

std::string name_of_message(const std::string& signature) { return signature.substr(0, signature.find('(')); }

std::vector<candidate> messages_of_port(context& all, const std::string& port) {
  if (port.find('#') == std::string::npos) return {};
  try {
    return search(all.network(), "MESSAGE", port).run();
  } catch (const config_error&) {  // nothing to offer
  } catch (const usage_error&) {
  }
  return {};
}

std::vector<candidate> names_in_network(context& all, const std::string& kind, const std::string& begin) {
  std::vector<candidate> names;
  if (all.in_shell() && kind == "PORT" && std::string("$me").starts_with(begin))
    names.push_back({"$me", "this shell"});
  try {
    const auto found = search(all.network(), kind, begin).run();
    names.insert(names.end(), found.begin(), found.end());
  } catch (const config_error&) {  // nothing to offer
  } catch (const usage_error&) {
  }
  return names;
}

void warn_of_unknown_message(session& s, const port_id& to, const std::string& name) {
  ask_node(
      s, to.node(), "ports",
      [&s, to, name](const findings& ports) {
        std::string all;
        for (const value& p : ports.items) {
          if (p["port"].to_string() != to.str()) continue;
          for (std::size_t i = 0; i < p["contract"].size(); ++i) {
            const std::string signature = p["contract"][i].to_string();
            if (name_of_message(signature) == name) return;
            all += (all.empty() ? "" : ", ") + signature;
          }
        }
        if (!all.empty())
          s.all().warn(to.str() + " does not answer; '" + name + "' is not in its contract: " + all);
      },
      [](const error&) {}, most_pages);
}

}  // namespace aemp::tool
