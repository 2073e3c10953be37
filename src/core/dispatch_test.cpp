// Which handlers run for a message, in which order, and what happens when they change the port they belong to
// (aemp-protocol A.3, A.4).
#include <memory>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class dispatch : public testing::Test {
 protected:
  dispatch() { w.settle(); }

  // A handler that takes anything and writes a word.
  auto says(std::string word) {
    return [this, word = std::move(word)] { d(word); };
  }
  // The words that a message causes.
  template <class... A>
  std::string on_message(A&&... a) {
    w.me.snd(p, std::forward<A>(a)...);
    w.settle();
    return d.take();
  }

  world w;
  diary d;
  const port_id p = w.me.port();
};

TEST_F(dispatch, all_handlers_that_match_run_tags_first_then_patterns_with_text_then_other_patterns) {
  w.me.rcv(p, match(_any_), says("any1"));
  w.me.rcv(p, match("x", 1), says("text1"));
  w.me.rcv(p, "x", says("tag1"), otherwise, says("otherwise"));
  w.me.rcv(p, match(_any_, 1), says("any2"));
  w.me.rcv(p, "x", says("tag2"), match("x"), says("text2"), "y", says("y"));
  EXPECT_EQ(on_message("x", 1), "tag1 tag2 text1 text2 any1 any2");
  EXPECT_EQ(on_message("x", 2), "tag1 tag2 text2 any1");
  EXPECT_EQ(on_message("y"), "y any1");
  EXPECT_EQ(on_message(5, 1), "any1 any2");
}

TEST_F(dispatch, otherwise_runs_only_when_nothing_else_did) {
  w.me.rcv(
      p, "x", [&](int) { d("x"); }, says("otherwise"));
  EXPECT_EQ(on_message("x", 1), "x");
  EXPECT_EQ(on_message("x", "no number"), "otherwise");
  EXPECT_EQ(on_message("y"), "otherwise");
  EXPECT_EQ(on_message(nullptr), "otherwise");
  EXPECT_EQ(on_message(message()), "otherwise");
}

TEST_F(dispatch, a_later_otherwise_replaces_the_one_before) {
  w.me.rcv(p, says("one"));
  w.me.rcv(p, otherwise, says("two"));
  EXPECT_EQ(on_message("x"), "two");
}

TEST_F(dispatch, tags_get_the_rest_and_everything_else_the_whole) {
  w.me.rcv(p, "sum", [&](int a, int b) { d(std::to_string(a + b)); });
  w.me.rcv(p, match("sum", 1), [&](std::string tag, int a) { d(tag + std::to_string(a)); });
  w.me.rcv(p, [&](std::string tag, rest r) { d(tag + std::to_string(r.size())); });
  EXPECT_EQ(on_message("sum", 1, 2), "3 sum1");
  EXPECT_EQ(on_message("other", 1, 2), "other2");
}

TEST_F(dispatch, a_tag_is_found_whatever_kind_of_text_it_is) {
  w.me.rcv(p, "tag", says("short"), "a longer tag", says("long"), "", says("empty"));
  EXPECT_EQ(on_message("tag"), "short");
  EXPECT_EQ(on_message(std::string("tag")), "short");
  EXPECT_EQ(on_message(value("tag")), "short");
  EXPECT_EQ(on_message(value::bytes_of("tag")), "short");
  EXPECT_EQ(on_message(message::of({"tag"})), "short");
  EXPECT_EQ(on_message("a longer tag"), "long");
  EXPECT_EQ(on_message(std::string("a longer tag")), "long");
  EXPECT_EQ(on_message(message::of({"a longer tag"})), "long");
  EXPECT_EQ(on_message(""), "empty");
  char buffer[20] = "tag";
  EXPECT_EQ(on_message(buffer), "short");
}

TEST_F(dispatch, finds_its_tag_among_many) {
  for (int i = 0; i < 100; ++i) w.me.rcv(p, "t" + std::to_string(i), says(std::to_string(i)));
  EXPECT_EQ(on_message("t0"), "0");
  EXPECT_EQ(on_message("t57"), "57");
  w.me.rcv(p, "t57", says("again"));
  EXPECT_EQ(on_message("t57"), "57 again");
}

TEST_F(dispatch, done_removes_a_handler_wherever_it_stands) {
  const auto once = [this](std::string word) {
    return [this, word] {
      d(word);
      return done;
    };
  };
  w.me.rcv(p, "x", once("tag"), match("x"), once("pattern"), match(_any_), once("any"), once("otherwise"));
  EXPECT_EQ(on_message("x"), "tag pattern any");
  EXPECT_EQ(on_message("x"), "otherwise");
  EXPECT_EQ(on_message("x"), "");
  w.me.rcv(p, "x", once("alone"));
  EXPECT_EQ(on_message("x"), "alone");
  EXPECT_EQ(on_message("x"), "");
}

TEST_F(dispatch, true_is_done_and_false_is_keep) {
  int n = 0;
  w.me.rcv(p, "x", [&] { return ++n == 2; });
  for (int i = 0; i < 5; ++i) on_message("x");
  EXPECT_EQ(n, 2);
}

TEST_F(dispatch, nullptr_removes_the_handlers_of_a_tag) {
  w.me.rcv(p, "x", says("1"), "y", says("y"));
  w.me.rcv(p, "x", says("2"));
  w.me.rcv(p, "x", nullptr);
  EXPECT_EQ(on_message("x"), "");
  EXPECT_EQ(on_message("y"), "y");
  w.me.rcv(p, "x", says("3"));
  EXPECT_EQ(on_message("x"), "3");
}

TEST_F(dispatch, what_a_handler_registers_comes_with_the_next_message) {
  w.me.rcv(p, "x", [&] {
    d("1");
    rcv(self(), "x", says("2"), match(_any_), says("any"));
    return done;
  });
  EXPECT_EQ(on_message("x"), "1");
  EXPECT_EQ(on_message("x"), "2 any");
}

TEST_F(dispatch, what_a_handler_removes_does_not_run_any_more) {
  w.me.rcv(p, match("x"), [&] {
    d("pattern");
    rcv(self(), otherwise, says("new otherwise"));
  });
  w.me.rcv(p, "x", [&] {
    d("1");
    rcv(self(), "x", nullptr);
  });
  w.me.rcv(p, "x", says("2"));
  EXPECT_EQ(on_message("x"), "1 pattern");
  EXPECT_EQ(on_message("x"), "pattern");
}

// A lone handler takes the short way; what it captured has to live until it returns, and no longer.
TEST_F(dispatch, a_handler_may_replace_itself_and_be_done) {
  const auto captured = std::make_shared<std::string>("captured");
  w.me.rcv(p, "x", [this, captured] {
    rcv(self(), "x", nullptr);
    rcv(self(), "x", says("next"));
    d(*captured);
    return done;
  });
  EXPECT_EQ(captured.use_count(), 2);
  EXPECT_EQ(on_message("x"), "captured");
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(on_message("x"), "next");
  w.me.rcv(p, "x", nullptr);
  w.me.rcv(p, "x", [this, captured] {
    rcv(self(), "x", nullptr);
    d(*captured);
  });
  EXPECT_EQ(on_message("x"), "captured");
  EXPECT_EQ(captured.use_count(), 1);
}

TEST_F(dispatch, a_handler_may_kill_its_port_and_what_was_sent_before_still_comes) {
  w.me.rcv(p, "x", [&] {
    d("x");
    snd(self(), "y");
    kil(self());
    snd(self(), "y");
  });
  w.me.rcv(p, "x", says("x2"), "y", says("y"));
  EXPECT_EQ(on_message("x"), "x x2 y");
  EXPECT_EQ(on_message("x"), "");
}

TEST_F(dispatch, an_exception_kills_the_port_and_nothing_else) {
  log_capture log;
  message reason;
  const port_id other = w.me.port("x", says("other"));
  for (const bool alone : {true, false}) {
    const port_id q = w.me.port("x", [] { throw std::runtime_error("it broke"); });
    if (!alone) w.me.rcv(q, "x", says("never"), otherwise, says("never"), match(_any_), says("never"));
    w.me.mon(q, [&](const message& m) { reason = m; });
    w.me.snd(q, "x");
    w.me.snd(q, "x");
    w.me.snd(other, "x");
    w.settle();
    EXPECT_EQ(reason, message("die", "it broke"));
    EXPECT_EQ(d.take(), "other");
  }
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(dispatch, exceptions_of_any_type_kill) {
  message reason;
  w.me.rcv(p, "x", [] { throw 5; });
  w.me.mon(p, [&](const message& m) { reason = m; });
  on_message("x");
  EXPECT_EQ(reason, message("die", "an exception that is no std::exception"));
}

TEST_F(dispatch, a_death_that_nobody_monitors_is_logged) {
  log_capture log;
  w.me.rcv(p, "x", [] { throw std::runtime_error("it broke"); });
  on_message("x");
  ASSERT_EQ(log.at(2).size(), 1u);
  EXPECT_EQ(log.at(2)[0], "port " + p.str() + " died unmonitored: die it broke");
}

TEST_F(dispatch, self_is_the_running_port) {
  port_id seen;
  w.me.rcv(p, "x", [&] { seen = self(); });
  on_message("x");
  EXPECT_EQ(seen, p);
  EXPECT_FALSE(w.me.self());
}

TEST_F(dispatch, objects_go_to_their_receiver_as_they_are) {
  struct job {
    std::unique_ptr<int> data;
  };
  w.me.rcv(p, "job", [&](job j) { d(std::to_string(*j.data)); });
  EXPECT_EQ(on_message("job", job{std::make_unique<int>(5)}), "5");
  w.me.rcv(p, "shared", [&](const std::shared_ptr<int>& s) { d(std::to_string(*s)); });
  EXPECT_EQ(on_message("shared", std::make_shared<int>(6)), "6");
}

TEST_F(dispatch, a_message_that_is_kept_by_a_handler_stays_whole) {
  message kept;
  w.me.rcv(p, [&](const message& m) { kept = m; });
  on_message("x", std::string("a text of more than twenty-two bytes"));
  EXPECT_EQ(kept, message("x", "a text of more than twenty-two bytes"));
  // Sent on, it is the same message, whoever holds it.
  const port_id next = w.me.port("x", [&](std::string_view s) { d(std::string(s)); });
  w.me.snd(next, kept);
  w.me.snd(next, std::move(kept));
  w.settle();
  EXPECT_EQ(d.text(), "a text of more than twenty-two bytes a text of more than twenty-two bytes");
}

TEST_F(dispatch, order_is_that_of_sending) {
  std::vector<int> got;
  w.me.rcv(p, "n", [&](int n) { got.push_back(n); });
  for (int i = 0; i < 5000; ++i) w.me.snd(p, "n", i);
  w.settle();
  ASSERT_EQ(got.size(), 5000u);
  EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TEST_F(dispatch, snd_never_runs_a_handler) {
  w.me.rcv(p, "x", [&] {
    snd(self(), "y");
    d("sent");
  });
  w.me.rcv(p, "y", says("y"));
  EXPECT_EQ(on_message("x"), "sent y");
}

TEST_F(dispatch, refuses_what_cannot_be_meant) {
  EXPECT_THROW(w.me.snd(port_id(), "x"), std::invalid_argument);
  EXPECT_THROW(w.me.rcv(port_id(), "x", [] {}), std::invalid_argument);
  EXPECT_THROW(w.me.rcv(*port_id::parse("elsewhere#x"), "x", [] {}), std::invalid_argument);
  EXPECT_THROW(w.me.rcv(*port_id::parse("here"), "x", [] {}), std::invalid_argument);
}

// ---- messages that nobody takes ----

TEST_F(dispatch, what_nobody_takes_is_logged_with_port_tag_and_reason) {
  log_capture log;
  on_message("lost", 1);
  EXPECT_EQ(log.at(5).back(), "port " + p.str() + " dropped a message 'lost': no handler (1 dropped so far)");
  w.me.rcv(p, "n", [](int, int) {});
  on_message("n", 1, "x");
  EXPECT_EQ(log.at(5).back(),
            "port " + p.str() + " dropped a message 'n': element 2 is text, int expected (2 dropped so far)");
  const port_id q = w.me.port([](int) {});
  w.me.snd(q, message());
  w.settle();
  EXPECT_EQ(log.at(5).back(),
            "port " + q.str() +
                " dropped a message '(empty)': element 0 is missing, int expected (1 dropped so far)");
}

TEST_F(dispatch, a_flood_of_them_does_not_flood_the_log) {
  log_capture log;
  for (int i = 0; i < 1000; ++i) w.me.snd(p, "lost");
  w.settle();
  EXPECT_EQ(log.at(5).size(), 10u);  // 1, 2, 4, … 512
  const port_id q = w.me.port();
  w.me.snd(q, "lost");
  w.settle();
  EXPECT_EQ(log.at(5, q.str()).size(), 1u);
}

TEST_F(dispatch, a_port_that_is_gone_takes_nothing_and_says_nothing) {
  log_capture log;
  w.me.rcv(p, "x", says("x"));
  w.me.kil(p);
  EXPECT_EQ(on_message("x"), "");
  EXPECT_TRUE(log.lines().empty());
  EXPECT_NO_THROW(w.me.rcv(p, "x", says("x")));
  EXPECT_EQ(on_message("x"), "");
  EXPECT_EQ(log.at(2, "does not exist any more").size(), 1u);
}

// ---- peval and psub ----

TEST_F(dispatch, peval_runs_in_the_context_of_a_port) {
  port_id seen;
  const auto look = [&] {
    seen = self();
    d("ran");
  };
  w.me.peval(p, look);  // from outside: later
  EXPECT_EQ(d.text(), "");
  w.settle();
  EXPECT_EQ(seen, p);
  const port_id q = w.me.port();
  w.settle();
  w.inside([&] {
    peval(q, look);  // on its worker: at once
    EXPECT_EQ(d.text(), "ran ran");
    EXPECT_EQ(seen, q);
    EXPECT_FALSE(self());
  });
}

TEST_F(dispatch, an_exception_in_peval_kills_the_port) {
  log_capture log;
  message reason;
  w.me.rcv(p, "x", [&] {
    peval(self(), [] { throw std::runtime_error("inside"); });
    d("went on");
  });
  w.me.rcv(p, "x", says("a second handler"), match(_any_), says("any"));
  w.me.mon(p, [&](const message& m) { reason = m; });
  EXPECT_EQ(on_message("x"), "went on a second handler any");
  EXPECT_EQ(reason, message("die", "inside"));
  EXPECT_EQ(on_message("x"), "");
  EXPECT_NO_THROW(w.me.peval(p, says("dead")));
  w.settle();
  EXPECT_EQ(d.text(), "");
  EXPECT_THROW(w.me.peval(*port_id::parse("elsewhere#x"), [] {}), std::invalid_argument);
  EXPECT_THROW(w.me.peval(*port_id::parse("here"), [] {}), std::invalid_argument);
  EXPECT_THROW(w.me.peval(port_id(), [] {}), std::invalid_argument);
}

TEST_F(dispatch, psub_calls_later_in_its_port_from_any_thread) {
  std::function<void(int)> callback;
  w.me.rcv(p, "x", [&] {
    callback = psub([&](int n) {
      EXPECT_EQ(self(), p);
      d(std::to_string(n));
    });
    callback(1);
    d("first");
  });
  EXPECT_EQ(on_message("x"), "first 1");
  std::thread([&] { callback(2); }).join();
  EXPECT_EQ(d.text(), "");
  w.settle();
  EXPECT_EQ(d.take(), "2");
  w.me.kil(p);
  callback(3);
  w.settle();
  callback(4);
  w.settle();
  EXPECT_EQ(d.text(), "");
  EXPECT_THROW(w.me.psub([] {}), std::logic_error);
}

// ---- well-known names ----

TEST_F(dispatch, a_name_of_this_node_becomes_a_port_by_receiving_on_it) {
  log_capture log;
  const port_id named = *port_id::parse("here#printer");
  w.me.snd(named, "x");
  EXPECT_EQ(log.at(5, "here#printer was dropped: no such port").size(), 1u);
  EXPECT_EQ(w.me.rcv(named, "x", [&] { d(self().str()); }), named);
  w.me.rcv(named, "y", says("y"));
  w.me.snd(named, "x");
  w.me.snd(*port_id::parse("here#printer"), "y");
  w.settle();
  EXPECT_EQ(d.take(), "here#printer y");
  // After its death the name is free again.
  w.me.kil(named, "enough");
  w.settle();
  EXPECT_EQ(log.at(2, "port here#printer died unmonitored: enough").size(), 1u);
  w.me.snd(named, "x");
  w.me.rcv(named, "x", says("new"));
  w.me.snd(named, "x");
  w.settle();
  EXPECT_EQ(d.text(), "new");
}

TEST_F(dispatch, the_text_of_an_id_reaches_its_port) {
  w.me.rcv(p, "x", says("x"));
  w.me.snd(*port_id::parse(p.str()), "x");
  w.settle();
  w.inside([&] { snd(*port_id::parse(p.str()), "x"); });
  w.settle();
  EXPECT_EQ(d.text(), "x x");
}

TEST_F(dispatch, a_made_up_number_reaches_nobody) {
  w.me.rcv(p, "x", says("x"));
  // The same slot and generation, of a worker that this node does not have.
  const port_id forged = detail::make_local_port(w.core().identity(), p.number() | 9);
  for (const port_id& id : {forged, *port_id::parse(forged.str())}) {
    w.me.snd(id, "x");
    w.me.kil(id);
    message reason;
    w.me.mon(id, [&](const message& m) { reason = m; });
    w.settle();
    EXPECT_EQ(reason, message("no_such_port", "cannot monitor nonexistent port", forged.str()));
  }
  EXPECT_EQ(d.text(), "");
  EXPECT_EQ(on_message("x"), "x");
}

}  // namespace
}  // namespace aemp::core
