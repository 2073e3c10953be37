#include "core/node_port.hpp"

#include <algorithm>

#include <aemp/entry.hpp>

#include "core/port_question.hpp"
#include "core/words.hpp"
#include "data/port_value.hpp"

namespace aemp::core {
namespace {

using elements = std::vector<value>;

elements tail(const elements& all, std::size_t from) {
  return all.size() > from ? elements(all.begin() + static_cast<std::ptrdiff_t>(from), all.end())
                           : elements{};
}

}  // namespace

// One message and its sender.
class node_port::request {
 public:
  request(node_port& at, const std::string* from) : at_(at), from_(from) {}

  void handle(const message& m) {
    const elements all = m.elements();
    if (all.empty() || !all[0].is_text()) return;
    const std::string_view tag = all[0].text();
    if (tag.empty() || tag == "devnull") return;
    if (tag == "snd") return forward(tail(all, 1));
    if (tag == "snd_multiple") return forward_each(all);
    if (tag == "info") return reply(tail(all, 1), {at_.names_.id()});
    if (tag == "up_nodes") return reply(tail(all, 1), values_of(at_.presence_.up()));
    if (tag == "known_nodes") return reply(tail(all, 1), values_of(known_nodes()));
    if (tag == "time") return reply(tail(all, 1), {at_.workers_.network().clock().unix_time()});
    if (tag == "can") return answer_can(all);
    if (tag == "eval") return answer_eval(all);
    if (tag == "AnyEvent::MP::_spawn") return spawn(all);
    if (const auto question = question_of(tag)) return ask_port(*question, all);
    at_.functions_.call(tag, message::of(tail(all, 1)), from_);
  }

 private:
  static elements values_of(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

  std::vector<std::string> known_nodes() {
    return at_.gateway_ != nullptr ? at_.gateway_->known_nodes() : std::vector<std::string>();
  }

  template <class F>
  void report(F&& text) {
    const std::string who = from_ == nullptr ? std::string("this node itself") : "node " + *from_;
    at_.node_.report(2, "what the node port is told by " + who,
                     [&] { return "node port: " + text() + " (from " + who + ")"; });
  }

  // `where` holds a port ID, and then elements that are put in front of the answer.
  void reply(elements where, elements answer) {
    if (where.empty()) return;
    for (value& v : answer) where.push_back(std::move(v));
    forward(std::move(where));
  }

  void forward(elements to_and_message) {
    if (to_and_message.empty()) return;
    const auto to = detail::to_port_or_node(to_and_message[0]);
    if (!to)
      return report([&] {
        return "'" + to_and_message[0].to_string().substr(0, 100) +
               "' is no port ID; a message to it was dropped";
      });
    to_and_message.erase(to_and_message.begin());
    message m = message::of(std::move(to_and_message));
    if (from_ == nullptr || to->node() == *from_) return send(*to, std::move(m));
    if (at_.names_.is_local(*to))
      return to->is_node_port() ? handle_later(std::move(m)) : send(*to, std::move(m));
    // A node port grants what the sending node has the rights for. If we passed this message on, it would come from us
    // and have our rights.
    if (to->is_node_port()) {
      return report([&] {
        return "a message to the node port of node " + to->node() +
               " is not passed on: it would come from us";
      });
    }
    if (at_.gateway_ != nullptr) at_.gateway_->pass_on(*from_, *to, std::move(m));
  }

  void send(const port_id& to, message m) { at_.node_.send(to, detail::enqueue_form(std::move(m))); }

  // If another node has us send a message to our own node port, the message keeps that node's rights.
  void handle_later(message m) {
    at_.workers_.network().post(
        detail::make_task([&at = at_, m = std::move(m), from = *from_] { at.handle(m, &from); }));
  }

  void forward_each(const elements& all) {
    for (std::size_t i = 1; i < all.size(); ++i) {
      if (all[i].type() == value::kind::array) forward(all[i].elements());
    }
  }

  // The answer is Perl's true or false: "1" or "".
  void answer_can(const elements& all) {
    static constexpr std::string_view offered[] = {
        "snd",  "snd_multiple", "info",   "up_nodes",   "known_nodes", "time",
        "can",  "devnull",      "eval",   "mon0",       "mon1",        "kil",
        "kil0", "kil1",         room_tag, overload_tag, presence_tag};
    if (all.size() < 2) return;
    const std::string name = all[1].to_string();
    const bool can = at_.functions_.callable(name, from_) || at_.functions_.serves(name) ||
                     at_.functions_.offers(name) ||
                     std::find(std::begin(offered), std::end(offered), name) != std::end(offered);
    reply(tail(all, 2), {can ? "1" : ""});
  }

  // No code is ever evaluated. One text is taken as a request by name: `aemp trace` of 2.x asks for the nodes this way.
  void answer_eval(const elements& all) {
    if (all.size() > 1 && all[1] == value("AnyEvent::MP::Kernel::up_nodes")) {
      elements answer = values_of(at_.presence_.up());
      answer.insert(answer.begin(), "");  // no error
      return reply(tail(all, 2), std::move(answer));
    }
    refuse_eval(all);
  }

  void refuse_eval(const elements& all) {
    report([&] {
      return "eval refused: node " + at_.names_.id() +
             " evaluates no code; only defined functions can be called";
    });
    reply(tail(all, 2), {"node " + at_.names_.id() +
                         " evaluates no code; only functions that it has defined can be called"});
  }

  // The answer goes to the node that asks, and nowhere else.
  void ask_port(port_question what, const elements& all) {
    const auto name = all.size() < 4 ? std::nullopt : word_in(all[1], is_name);
    const auto reply = name ? detail::to_port_or_node(all[2]) : std::nullopt;
    if (!reply || (from_ != nullptr && reply->node() != *from_))
      return report([] { return std::string("malformed question for room dropped"); });
    const auto number = at_.names_.resolve_name(*name);
    if (number && *number != 0)
      at_.workers_.ask(*number, what, all[3].to_string().substr(0, longest_name), *reply);
  }

  void spawn(const elements& all) {
    if (all.size() < 3 || !all[1].is_text() || !all[2].is_text())
      return report([] { return std::string("malformed spawn dropped"); });
    at_.functions_.spawn(all[1].text(), all[2].text(), message::of(tail(all, 3)), from_);
  }

  node_port& at_;
  const std::string* const from_;
};

void node_port::handle(const message& m, const std::string* from) { request(*this, from).handle(m); }

}  // namespace aemp::core
