#include "tool/network/tree.hpp"

#include <map>
#include <memory>
#include <set>

#include "tool/network/question.hpp"
#include "tool/terminal/table.hpp"

namespace aemp::tool {
namespace {

class tree_question : public std::enable_shared_from_this<tree_question> {
 public:
  tree_question(session& s, std::vector<port_id> supervisors) : s_(s), supervisors_(std::move(supervisors)) {}

  void begin() {
    if (supervisors_.empty()) return finish();
    for (const port_id& p : supervisors_) {
      const auto take = [self = shared_from_this(), p](const std::vector<child_info>& children) {
        self->take(p, children);
      };
      const auto gone = [self = shared_from_this(), p](const message&) { self->take(p, {}); };
      cal(port_to<supervision::api>(p), supervision::children).within(s_.all().timeout()).then(take, gone);
    }
  }

 private:
  void take(const port_id& of, const std::vector<child_info>& children) {
    found_[of] = children;
    for (const child_info& c : children) {
      if (c.port) inner_.insert(*c.port);
    }
    if (found_.size() == supervisors_.size()) finish();
  }

  void finish() {
    std::vector<std::vector<std::string>> rows = {{"CHILD", "STATE", "RESTARTS", "KIND", "PORT"}};
    value::array trees;
    for (const port_id& p : supervisors_) {
      if (inner_.contains(p)) continue;
      rows.push_back({p.str(), "supervisor", "", "", ""});
      trees.emplace_back(value::map{{"supervisor", p.str()}, {"children", add(p, 1, rows)}});
    }
    s_.all().print(value(std::move(trees)), s_.all().json() ? std::string() : table(rows));
    s_.end(done);
  }

  value add(const port_id& of, std::size_t depth, std::vector<std::vector<std::string>>& rows) {
    value::array all;
    for (const child_info& c : found_[of]) {
      const std::string port = c.port ? c.port->str() : "";
      const std::string state =
          c.state == "running" || c.reason.empty() ? c.state : c.state + " (" + c.reason + ")";
      rows.push_back({std::string(2 * depth, ' ') + c.name, c.is_supervisor ? state + " supervisor" : state,
                      std::to_string(c.restarts), c.restart, port});
      value::map facts = {{"name", c.name},         {"port", port},         {"state", c.state},
                          {"restarts", c.restarts}, {"restart", c.restart}, {"reason", c.reason}};
      if (c.is_supervisor && c.port) facts.emplace("children", add(*c.port, depth + 1, rows));
      all.emplace_back(std::move(facts));
    }
    return value(std::move(all));
  }

  session& s_;
  const std::vector<port_id> supervisors_;
  std::map<port_id, std::vector<child_info>> found_;
  std::set<port_id> inner_;  // those that are children
};

}  // namespace

int print_tree(context& all, const std::vector<value>& a) {
  session& s = all.network();
  return s.run([&] {
    ask_node(s, node_argument(a[0]), "supervisors", [&s](const findings& found) {
      std::vector<port_id> supervisors;
      for (const value& item : found.items) {
        if (const auto p = item["supervisor"].to<port_id>()) supervisors.push_back(*p);
      }
      std::make_shared<tree_question>(s, std::move(supervisors))->begin();
    });
  });
}

}  // namespace aemp::tool
