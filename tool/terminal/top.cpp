#include "tool/terminal/top.hpp"

#include <iostream>
#include <set>

#include "tool/network/question.hpp"
#include "tool/terminal/console.hpp"
#include "tool/terminal/top_screen.hpp"

namespace aemp::tool {
namespace {

using namespace std::chrono_literals;

// A node's time is worth more than further pages.
constexpr std::size_t most_pages_of_ports = 5, most_pages_of_connections = 2;
// A node that refuses to tell, or does not know the question, is not asked again for so many turns.
constexpr unsigned turns_of_rest = 20;
// A turn ends when all nodes have answered, or after this time. A slower node is shown as in the turn before.
constexpr std::chrono::nanoseconds patience = 1s;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The node of another tool. It could be asked only after connecting to it.
bool is_anonymous(const std::string& node) { return node.starts_with("anon/"); }

class top_run {
 public:
  top_run(session& s, std::string node)
      : s_(s),
        interval_(s.all().duration_option("--interval", 1s)),
        live_(console::is_terminal() && !s.all().json()),
        ports_of_(std::move(node)),
        traffic_(s.me().id()) {}

  int run() {
    if (!live_) return s_.run([this] { begin(); });
    if (s_.keys == nullptr) s_.keys = std::make_unique<console>(s_.me(), true);
    const auto others =
        std::exchange(s_.keys->tell, [this](happening what) { s_.go_on([this, what] { told(what); }); });
    s_.screen_is_taken = true;
    if (!s_.notice) set_log_sink([](int, std::string_view) {});  // log lines would spoil the screen
    const int status = s_.run([this] { begin(); });
    screen_.reset();
    s_.screen_is_taken = false;
    if (!s_.notice) s_.log_to_stderr();
    s_.keys->tell = others;
    if (ending_ && others) others(happening::ending);
    return status;
  }

 private:
  // ---- the turns ----

  void begin() {
    const auto turns = [this] {
      s_.until_timeout([this] { time_is_over(); });
      turn();
    };
    if (live_) s_.keys->want_input();
    if (ports_of_.empty()) {
      s_.when_up(turns);
    } else {
      turns();
    }
  }

  void time_is_over() {
    if (live_ || ports_of_.empty() || heard_of_ports_) return s_.end(done);
    s_.fail(no_answer,
            {"no_answer", "no answer from node " + ports_of_ +
                              " in time: it cannot be reached, is busy, or is no node of this library"});
  }

  void turn() {
    next_.cancel();
    limit_.cancel();
    next_ = after(interval_, [this] { turn(); });
    limit_ = after(std::min(interval_, patience), [this] { show(); });
    shown_ = false;
    ++turns_;
    if (!ports_of_.empty()) {
      ask_ports();
    } else {
      traffic_.begin_turn();
      asked_.clear();
      for (const std::string& node : s_.me().up_nodes()) ask(node);
    }
    show_if_all_answered();
  }

  void ask(const std::string& node) {
    if (is_anonymous(node) || node == s_.me().id() || !asked_.insert(node).second) return;
    traffic_.seen(node);
    if (const auto until = left_alone_.find(node); until != left_alone_.end() && turns_ < until->second)
      return;
    question(node, "connections", most_pages_of_connections,
             [this, node, before = now()](const findings& found) {
               const double at = now();
               for (const std::string& peer : traffic_.told(node, found.items, at, at - before)) ask(peer);
             });
    question(node, "node", 1,
             [this, node](const findings& found) { traffic_.told(node, found.first, now()); });
  }

  void ask_ports() {
    const std::string node = ports_of_;
    const auto here = [this, node] { return ports_of_ == node; };
    question(node, "ports", most_pages_of_ports, [this, here](const findings& found) {
      if (!here()) return;
      heard_of_ports_ = true;
      ports_ = found.items;
      more_ports_ = found.more;
      refusal_ = {};
    });
    question(node, "queue", 1, [this, here](const findings& found) {
      if (here()) queues_ = found.items;
    });
  }

  // Does nothing while the answer to the same question is still to come.
  void question(const std::string& node, const std::string& what, std::size_t pages,
                std::function<void(const findings&)> take) {
    if (!open_.insert({node, what}).second) return;
    const auto over = [this, node, what] {
      open_.erase({node, what});
      show_if_all_answered();
    };
    ask_node(
        s_, node, what,
        [take, over](const findings& found) {
          take(found);
          over();
        },
        [this, node, over](const error& why) {
          if (node == ports_of_) refusal_ = why;
          left_alone_[node] = turns_ + turns_of_rest;
          over();
        },
        pages);
  }

  void show_if_all_answered() {
    if (open_.empty()) show();
  }

  // ---- what it looks like ----

  void show() {
    if (std::exchange(shown_, true)) return;
    limit_.cancel();
    if (live_) return draw();
    if (!ports_of_.empty() && !refusal_.name.empty())
      return (void)s_.fail(refusal_.name == "no_answer" ? no_answer : failed, refusal_);
    if (!ports_of_.empty() && !heard_of_ports_) return;
    if (!ports_of_.empty()) {
      s_.all().print(
          value(value::map{{"node", ports_of_}, {"ports", value(ports_)}, {"queue", value(queues_)}}),
          text_of(sorted(grid_of_ports(ports_, queues_))));
    } else {
      const auto nodes = traffic_.nodes();
      const auto connections = traffic_.connections();
      s_.all().print(json_of(nodes, connections),
                     text_of(sorted(grid_of(nodes))) + "\n" + text_of(sorted(grid_of(connections))));
    }
  }

  static std::string text_of(const grid& g) {
    std::string text;
    for (const std::string& line : g.lines()) text += line + "\n";
    return text;
  }

  grid sorted(grid g) const {
    g.sort(g.columns[0].key, false);
    g.sort(order_, reversed_);
    return g;
  }

  void draw() {
    if (!screen_) screen_.emplace();
    std::string title, keys;
    grid upper, lower;
    if (ports_of_.empty()) {
      upper = sorted(grid_of(traffic_.nodes()));
      lower = sorted(grid_of(traffic_.connections()));
      title = "aemp top: " + std::to_string(upper.rows.size()) + " nodes, " +
              std::to_string(lower.rows.size()) + " connections";
      keys = "q quits, Enter shows ports of the marked node; letters of headings sort, again: reversed";
    } else {
      upper = sorted(grid_of_ports(ports_, queues_));
      title = "aemp top: " + std::to_string(upper.rows.size()) + (more_ports_ ? " of the" : "") +
              " ports of " + ports_of_ + (refusal_.text.empty() ? "" : ": " + refusal_.text);
      keys = "q quits, Esc goes back; letters of headings sort, again: reversed";
    }
    if (const auto* by = upper.find(order_); by != nullptr && refusal_.name.empty())
      title += ", by " + by->heading + (reversed_ ? ", reversed" : "");
    keys_ = upper;
    std::string all = "\033[H";
    const auto rows = picture(title, upper, lower, marked_, keys, size_of_terminal());
    for (std::size_t i = 0; i < rows.size(); ++i) all += (i == 0 ? "" : "\r\n") + rows[i] + "\033[K";
    std::cout << all << "\033[J" << std::flush;
  }

  // ---- what the person does ----

  void told(happening what) {
    switch (what) {
      case happening::input:
        return read_keys();
      case happening::interrupt:
        return s_.end(done);
      case happening::ending:
        ending_ = true;
        return s_.end(done);
      case happening::resized:
        return draw();
      case happening::suspension:
        screen_.reset();
        suspend_self();
        return draw();
    }
  }

  // The bytes of an arrow key arrive together.
  void read_keys() {
    char bytes[64];
    const auto size = input_is_there() ? read_input(bytes) : std::nullopt;
    if (size == std::size_t{0}) return s_.end(done);
    for (std::string_view left(bytes, size.value_or(0)); !left.empty();) {
      const bool arrow = left.size() > 2 && left[0] == '\033' && (left[1] == '[' || left[1] == 'O');
      if (left[0] == 'q') return s_.end(done);
      if (arrow) {
        if (left[2] == 'A' || left[2] == 'B') move(left[2] == 'B');
      } else {
        press(left[0]);
      }
      left.remove_prefix(arrow ? 3 : 1);
    }
    s_.keys->want_input();
    draw();
  }

  void press(char key) {
    const bool is_back = key == '\033' || key == '\b' || key == '\x7f';
    if ((key == '\n' || key == '\r') && ports_of_.empty() && !keys_.rows.empty()) {
      look_at(marked_.empty() ? keys_.rows[0][0].text : marked_);
    } else if (is_back && !ports_of_.empty()) {
      look_at({});
    } else if (keys_.find(key) != nullptr) {
      reversed_ = key == order_ && !reversed_;
      order_ = key;
    }
  }

  void move(bool down) {
    std::size_t at = 0;
    while (at < keys_.rows.size() && keys_.rows[at][0].text != marked_) ++at;
    if (at == keys_.rows.size()) at = 0;
    if (down && at + 1 < keys_.rows.size()) ++at;
    if (!down && at > 0) --at;
    if (at < keys_.rows.size()) marked_ = keys_.rows[at][0].text;
  }

  void look_at(std::string node) {
    marked_ = node.empty() ? ports_of_ : std::string();
    ports_of_ = std::move(node);
    ports_.clear();
    queues_.clear();
    refusal_ = {};
    more_ports_ = reversed_ = false;
    order_ = ports_of_.empty() ? 'm' : 'w';
    turn();
  }

  session& s_;
  const std::chrono::nanoseconds interval_;
  const bool live_;
  std::string ports_of_;  // empty: all nodes are looked at
  traffic traffic_;
  value::array ports_, queues_;
  bool heard_of_ports_ = false, more_ports_ = false;
  error refusal_ = {};

  timer next_, limit_;
  unsigned turns_ = 0;
  std::map<std::string, unsigned> left_alone_;          // nodes that told nothing, and until when
  std::set<std::string> asked_;                         // in this turn
  std::set<std::pair<std::string, std::string>> open_;  // node and question
  bool shown_ = false, ending_ = false;

  std::optional<full_screen> screen_;
  grid keys_;           // the upper one that is on the screen
  std::string marked_;  // empty: the first row, whatever that is
  char order_ = ports_of_.empty() ? 'm' : 'w';
  bool reversed_ = false;
};

int top(context& all, const std::vector<value>& a) {
  const std::string node = a.empty() ? std::string() : node_argument(a[0]);
  if (console::is_terminal() && !all.json()) {
    console::block_signals();
    const signals_at_start impatient;
    (void)all.network();
  }
  top_run run(all.network(), node);
  return run.run();
}

}  // namespace

command top_command() {
  return {
      "top",
      {},
      "[NODE]",
      "show what all nodes do, or the ports of one, again and again",
      "Shows messages and bytes a second, what waits and is queued, round trips, ports and peers; and the "
      "same of connections. The underlined letters of the headings sort; the same letter again reverses the "
      "order. Arrows choose a node, Enter shows its ports, Esc goes back, q ends it. Without a terminal a "
      "table, or with --json a line, is printed every --interval seconds, until --timeout is over.",
      "top --json --interval 5 --timeout 60",
      {"--seed", "--profile", "--interval"},
      top};
}

}  // namespace aemp::tool
