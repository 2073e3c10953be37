#include "tool/network/question.hpp"

namespace aemp::tool {
namespace {

struct question : std::enable_shared_from_this<question> {
  question(session& s, std::string node, std::string what, std::function<void(findings)> f,
           std::function<void(const error&)> refused, std::size_t pages)
      : s(s),
        node(std::move(node)),
        what(std::move(what)),
        f(std::move(f)),
        refused(std::move(refused)),
        pages(pages) {}

  void ask(const value& after) {
    value::map options = {{"most", 1000}};
    if (!after.is_null()) options.emplace("after", after);
    s.ask(port_argument(node), {"aemp::inspect", what, value(std::move(options))})
        .within(s.all().timeout())
        .then([self = shared_from_this()](const value& page) { self->take(page); },
              [self = shared_from_this()](const message&) { self->refuse_for_silence(); });
  }

  // First asks who made the node: a Perl node must not get what it does not know (session.hpp), and would not
  // answer.
  void begin() {
    const auto deadline = std::make_shared<timer>(
        after(s.all().timeout(), [self = shared_from_this()] { self->refuse_for_silence(); }));
    s.who_made(node, [self = shared_from_this(), deadline](session::maker who) {
      deadline->cancel();
      if (self->over) return;
      if (who == session::maker::ours) return self->ask({});
      self->refuse({"not_inspectable", "node " + self->node +
                                           " says nothing about itself: it is a Perl node of version " +
                                           (who == session::maker::perl_1 ? "1.x" : "2.x") +
                                           ", and only nodes of this library can be looked at"});
    });
  }

  void refuse_for_silence() {
    refuse({"no_answer",
            "node " + node + " did not answer in time (" + what + "): it cannot be reached, or is busy"});
  }

  void refuse(const error& why) {
    if (!std::exchange(over, true)) refused(why);
  }

  void take(const value& page) {
    if (over) return;
    if (!page["error"].is_null()) return refuse({page["error"].to_string(), page["text"].to_string()});
    if (found.first.is_null()) found.first = page;
    const value& items = page["items"];
    if (items.type() == value::kind::array)
      found.items.insert(found.items.end(), items.elements().begin(), items.elements().end());
    found.more = !page["next"].is_null();
    if (!found.more || --pages == 0) {
      over = true;
      return f(std::move(found));
    }
    ask(page["next"]);
  }

  session& s;
  const std::string node, what;
  const std::function<void(findings)> f;
  const std::function<void(const error&)> refused;
  std::size_t pages;
  findings found;
  bool over = false;
};

}  // namespace

void ask_node(session& s, const std::string& node, const std::string& what, std::function<void(findings)> f,
              std::function<void(const error&)> refused, std::size_t most_pages) {
  std::make_shared<question>(s, node, what, std::move(f), std::move(refused), most_pages)->begin();
}

void ask_node(session& s, const std::string& node, const std::string& what, std::function<void(findings)> f) {
  ask_node(s, node, what, std::move(f),
           [&s](const error& why) { s.fail(why.name == "no_answer" ? no_answer : failed, why); });
}

}  // namespace aemp::tool
