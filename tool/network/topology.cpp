#include "tool/network/topology.hpp"

namespace aemp::tool {
namespace {

class explorer : public std::enable_shared_from_this<explorer> {
 public:
  explorer(session& s, std::function<void(const topology&)> f) : s_(s), f_(std::move(f)) {}

  void visit(const std::string& node) {
    if (node == s_.me().id() || !seen_.insert(node).second) return;
    ++open_;
    const auto answered = std::make_shared<bool>(false);
    const auto take = [self = shared_from_this(), node, answered](const std::vector<value>& names) {
      if (!std::exchange(*answered, true)) self->told(node, names);
    };
    const auto give_up = [self = shared_from_this(), node, answered] {
      if (std::exchange(*answered, true)) return;
      self->found_.silent.insert(node);
      self->one_less();
    };
    // Each node has a time limit of its own, so that one that is gone is left out and holds up nobody.
    after(s_.all().timeout(), give_up);
    s_.who_made(node, [this, node, take, give_up](session::maker who) {
      // Perl nodes of 2.x answer only this, which is what their own `aemp trace` asks.
      const bool by_eval = who == session::maker::perl_2;
      const std::vector<value> request = by_eval
                                             ? std::vector<value>{"eval", "AnyEvent::MP::Kernel::up_nodes"}
                                             : std::vector<value>{"up_nodes"};
      s_.ask(port_argument(node), request)
          .then(
              [take, give_up, by_eval](const message& m) {
                std::vector<value> names = m.elements();
                if (!by_eval) return take(names);
                if (names.empty() || !names[0].to_string().empty()) return give_up();  // it says why
                names.erase(names.begin());
                take(names);
              },
              [give_up](const message&) { give_up(); });
      // A secure node does not answer the question, but it does answer the echo behind it.
      s_.echo(node, give_up);
    });
  }

  void finish_if_done() {
    if (open_ == 0) f_(found_);
  }

 private:
  void told(const std::string& node, const std::vector<value>& names) {
    std::set<std::string>& next = found_.neighbours[node];
    for (const value& name : names) {
      if (name == value(s_.me().id())) continue;
      next.insert(name.to_string());
      visit(name.to_string());
    }
    one_less();
  }

  void one_less() {
    --open_;
    finish_if_done();
  }

  session& s_;
  const std::function<void(const topology&)> f_;
  topology found_;
  std::set<std::string> seen_;
  std::size_t open_ = 0;
};

std::string quoted(const std::string& name) { return value(name).to_json(); }

}  // namespace

void explore(session& s, std::vector<std::string> begin, std::function<void(const topology&)> f) {
  const auto e = std::make_shared<explorer>(s, std::move(f));
  for (const std::string& node : begin) e->visit(node);
  e->finish_if_done();
}

std::string dot_of(const topology& t) {
  std::string text = "graph aemp {\n";
  for (const auto& [node, next] : t.neighbours) {
    text += "  " + quoted(node) + ";\n";
    for (const std::string& other : next) {
      const auto back = t.neighbours.find(other);
      const bool said_by_other = back != t.neighbours.end() && back->second.contains(node);
      if (!said_by_other || node < other) text += "  " + quoted(node) + " -- " + quoted(other) + ";\n";
    }
  }
  for (const std::string& node : t.silent) text += "  " + quoted(node) + " [style=dashed];\n";
  return text + "}";
}

}  // namespace aemp::tool
