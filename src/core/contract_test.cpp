// Contracts (include/aemp/contract.hpp, serve.hpp): what goes over, in which types, and what becomes of a request
// that cannot be answered. What does not compile is in tests/misuse_test.py.
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <variant>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

enum class colour : std::uint8_t { red, green };

struct point {
  int x = 0, y = 0;
  friend bool operator==(const point&, const point&) = default;
};

namespace shop {
inline constexpr request<"add", int(int, int)> add{};
inline constexpr request<"divide", std::optional<int>(int, int)> divide{};
inline constexpr request<"forget everything", void(std::string)> forget{};
inline constexpr request<"slow", std::string(std::string)> slow{};
inline constexpr notice<"note", std::string, std::optional<int>> note{};
using api = contract<add, divide, forget, slow, note>;
}  // namespace shop

namespace listener {
inline constexpr notice<"heard", std::string> heard{};
using api = contract<heard>;
}  // namespace listener

class contracts : public testing::Test {
 protected:
  contracts() { w.settle(); }

  port_to<shop::api> open() {
    return w.me.serve<shop::api>(
        w.me.port(), shop::add, [](int a, int b) { return a + b; }, shop::divide,
        [this](int a, int b, reply_to<std::optional<int>> reply) {
          if (b == 1) return reply(a);
          if (b == 2) return reply.fail("odd", a);
          if (b == 3) return;
          kept_.emplace(std::move(reply));
        },
        shop::forget, [this](std::string_view what) { d("forgot " + std::string(what)); }, shop::slow,
        [](std::string text) -> task<std::string> {
          co_await sleep_for(1s);
          co_return text + "!";
        },
        shop::note,
        [this](const std::string& text, std::optional<int> n) { d(text + (n ? std::to_string(*n) : "")); });
  }
  auto fails() {
    return [this](const message& reason) { d(reason.to_json()); };
  }
  auto shows() {
    return [this](const message& m) { d(m.to_json()); };
  }

  world w;
  diary d;
  std::optional<reply_to<std::optional<int>>> kept_;
};

TEST_F(contracts, carry_arguments_and_replies_in_their_types) {
  const auto s = open();
  w.me.cal(s, shop::add, 1, 2).then([this](int sum) { d(std::to_string(sum)); });
  w.me.cal(s, shop::add, std::uint8_t{200}, 100L)
      .within(1s)
      .then([this](int sum) { d(std::to_string(sum)); }, fails());
  w.me.cal(s, shop::divide, 7, 1)
      .then([this](std::optional<int> q) { d(std::to_string(q.value())); }, fails());
  w.me.cal(s, shop::forget, "me").then([this] { d("done"); });
  w.me.snd(s, shop::note, "noted", std::nullopt);
  w.inside([&] { snd(s, shop::note, std::string_view("and "), 7); });
  w.settle();
  EXPECT_EQ(d.text(), "forgot me noted and 7 3 300 7 done");
}

TEST_F(contracts, are_ordinary_messages) {
  const auto s = open();
  w.me.cal(s.port(), "add", "1", 2.0).then(shows(), fails());
  const port_id p = w.me.port(shows());
  const port_to<shop::api> any(p);
  w.me.snd(any, shop::add, 1, 2, p);
  w.me.cal(any, shop::forget, "all").then([] {}, fails());
  w.settle();
  const std::string text = d.text();
  EXPECT_NE(text.find("[3]"), std::string::npos) << text;
  EXPECT_NE(text.find(R"(["add",1,2,")" + p.str() + "\"]"), std::string::npos) << text;
  EXPECT_NE(text.find(R"(["forget everything","all",)"), std::string::npos) << text;
}

TEST_F(contracts, let_a_handler_wait_while_others_are_served) {
  const auto s = open();
  w.me.cal(s, shop::slow, "a").then([this](std::string_view text) { d(std::string(text)); });
  w.me.cal(s, shop::slow, "b").then([this](const std::string& text) { d(text); });
  w.me.cal(s, shop::add, 1, 2).then([this](int sum) { d(std::to_string(sum)); });
  w.pass(999ms);
  EXPECT_EQ(d.take(), "3");
  w.pass(1ms);
  EXPECT_EQ(d.text(), "a! b!");
}

TEST_F(contracts, can_be_answered_later_and_elsewhere) {
  const auto s = open();
  w.me.cal(s, shop::divide, 6, 4)
      .then([this](std::optional<int> q) { d(q ? std::to_string(*q) : "none"); }, fails());
  w.settle();
  EXPECT_EQ(d.text(), "");
  ASSERT_TRUE(kept_);
  std::thread([&] { (*kept_)(std::nullopt); }).join();
  (*kept_)(5);  // late
  w.settle();
  EXPECT_EQ(d.text(), "none");
}

TEST_F(contracts, fail_by_name_when_nobody_answers) {
  const auto s = open();
  w.me.cal(s, shop::divide, 6, 3).then([](std::optional<int>) {}, fails());
  w.settle();
  EXPECT_EQ(d.take(), R"(["no_reply","the server dropped the request"])");
  w.me.cal(s, shop::divide, 6, 2).then([](std::optional<int>) {}, fails());
  w.settle();
  EXPECT_EQ(d.take(), R"(["odd",6])");
  w.me.cal(s, shop::divide, 6, 4).then([](std::optional<int>) {}, fails());
  w.settle();
  w.me.kil(s, "enough");
  w.settle();
  EXPECT_EQ(d.take(), R"(["enough"])");
  kept_.reset();
  w.settle();
  EXPECT_EQ(d.text(), "");
}

TEST_F(contracts, survive_their_node) {
  const auto s = open();
  w.me.cal(s, shop::divide, 6, 4).then([](std::optional<int>) {}, [](const message&) {});
  w.settle();
  ASSERT_TRUE(kept_);
  w.destroy();
  (*kept_)(1);
  kept_.reset();
}

TEST_F(contracts, tell_who_asks_what_did_not_fit) {
  const auto s = open();
  const auto ask = [&](auto... elements) {
    w.me.cal(s.port(), elements...).then([this] { d("a reply"); }, fails());
    w.settle();
    return d.take();
  };
  EXPECT_EQ(ask("add", 1, "x"), R"(["bad_request","argument 2 of 'add' is text, int expected"])");
  EXPECT_EQ(ask("add", nullptr, 2), R"(["bad_request","argument 1 of 'add' is null, int expected"])");
  EXPECT_EQ(
      ask("add", 1),
      R"(["bad_request","'add' takes 2 arguments and the port for the reply; 1 came before the last element"])");
  EXPECT_EQ(
      ask("add", 1, 2, 3),
      R"(["bad_request","'add' takes 2 arguments and the port for the reply; 3 came before the last element"])");
  EXPECT_EQ(ask("add", 5'000'000'000, 2),
            R"(["bad_request","argument 1 of 'add' is integer that does not fit, int expected"])");
}

// A JSON peer's port IDs are text.
TEST_F(contracts, answer_ports_that_are_named_by_a_text) {
  const auto s = open();
  const port_id p = w.me.port(shows());
  w.me.snd(s.port(), "add", 1, 2, p.str());
  w.me.snd(s.port(), "add", 1, p.str());
  w.settle();
  EXPECT_EQ(
      d.text(),
      R"([3] ["aemp::failed","bad_request","'add' takes 2 arguments and the port for the reply; 1 came )"
      R"(before the last element"])");
}

TEST_F(contracts, drop_what_does_not_fit_and_has_no_sender_to_tell) {
  log_capture log;
  const auto s = open();
  w.me.snd(s.port(), "note", "x", 1, "more");
  w.me.snd(s.port(), "add", 1, 2, "nobody");
  w.me.snd(s.port(), "note", "fits", 1);
  w.settle();
  EXPECT_EQ(d.text(), "fits1");
  ASSERT_EQ(log.lines().size(), 2u);
  EXPECT_NE(log.lines()[0].text.find("dropped a message 'note': element 3 is one too many"),
            std::string::npos)
      << log.lines()[0].text;
}

TEST_F(contracts, refuse_at_the_sender_what_is_out_of_range) {
  const auto s = open();
  EXPECT_THROW(w.me.cal(s, shop::add, 5'000'000'000, 2).then([](int) {}), std::invalid_argument);
  try {
    w.me.cal(s, shop::add, 1, std::uint64_t{1} << 40).then([](int) {});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "argument 2 of 'add' is out of the range of its type in the contract");
  }
}

TEST_F(contracts, refuse_at_the_sender_what_is_out_of_range_inside_an_optional) {
  const auto s = open();
  w.me.snd(s, shop::note, "x", 7L);
  w.me.snd(s, shop::note, "y", std::optional<long>(8));
  w.me.snd(s, shop::note, "z", std::optional<long>());
  EXPECT_THROW(w.me.snd(s, shop::note, "x", 5'000'000'000), std::invalid_argument);
  EXPECT_THROW(w.me.snd(s, shop::note, "x", std::optional<long>(5'000'000'000)), std::invalid_argument);
  w.settle();
  EXPECT_EQ(d.text(), "x7 y8 z");
}

TEST_F(contracts, have_replies_that_are_converted_and_fit) {
  static constexpr request<"level", std::uint8_t(int)> level{};
  static constexpr request<"later", std::optional<std::string>(int)> later{};
  static constexpr request<"given", std::uint8_t(int)> given{};
  using api = contract<level, later, given>;
  const auto open_levels = [&] {
    return w.me.serve<api>(
        w.me.port(), level, [](int n) { return n; }, later,
        [](int) -> task<const char*> { co_return "text"; }, given,
        [](int n, reply_to<std::uint8_t> reply) { reply(n); });
  };
  const auto p = open_levels(), q = open_levels();
  const auto show = [this](std::uint8_t n) { d(std::to_string(n)); };
  w.me.cal(p, level, 44).then(show, fails());
  w.me.cal(p, later, 1).then([this](const std::optional<std::string>& text) { d(text.value()); }, fails());
  w.me.cal(p, given, 45).then(show, fails());
  w.settle();
  EXPECT_EQ(d.take(), "44 text 45");
  w.me.cal(p, level, 300).then(show, fails());
  w.settle();
  EXPECT_EQ(d.take(), R"(["die","a reply is out of the range of its type in the contract"])");
  w.me.cal(q, given, 300).then(show, fails());
  w.settle();
  EXPECT_NE(d.text(), "");
  EXPECT_EQ(d.text().find("44"), std::string::npos);
}

TEST_F(contracts, carry_characters_and_real_numbers_that_fit) {
  static constexpr notice<"small", char, float, std::int8_t> small{};
  const auto p = w.me.serve<contract<small>>(w.me.port(), small, [this](char c, float f, std::int8_t n) {
    d(std::string(1, c) + std::to_string(static_cast<int>(f)) + std::to_string(n));
  });
  w.me.snd(p, small, 'x', 2.5, 7);
  w.me.snd(p, small, 65, 3, 'A');
  EXPECT_THROW(w.me.snd(p, small, 1000, 1.0f, 1), std::invalid_argument);
  EXPECT_THROW(w.me.snd(p, small, 'x', 1e300, 1), std::invalid_argument);
  EXPECT_THROW(w.me.snd(p, small, 'x', 1.0, 128), std::invalid_argument);
  w.settle();
  EXPECT_EQ(d.text(), "x27 A365");
}

TEST_F(contracts, are_called_once) {
  const auto s = open();
  auto call = w.me.cal(s, shop::add, 1, 2);
  std::move(call).then([this](int sum) { d(std::to_string(sum)); });
  EXPECT_THROW(std::move(call).then([](int) {}), std::logic_error);
  auto plain = w.me.cal(s.port(), "add", 3, 4);
  std::move(plain).then([this](int sum) { d(std::to_string(sum)); });
  EXPECT_THROW(std::move(plain).then([](int) {}), std::logic_error);
  w.settle();
  EXPECT_EQ(d.text(), "3 7");
}

// Whoever has only the ID has the types checked, but not that the port knows the message.
TEST_F(contracts, are_sent_to_plain_ports_too) {
  const port_id p = open();
  w.me.cal(p, shop::add, 1, 2).then([this](int sum) { d(std::to_string(sum)); });
  w.inside([&] {
    snd(p, shop::note, "plainly", 1);
    cal(p, shop::add, 3L, 4).then([this](int sum) { d(std::to_string(sum)); });
  });
  w.settle();
  EXPECT_EQ(d.text(), "plainly1 3 7");
}

TEST_F(contracts, are_awaited_with_their_types) {
  const auto s = open();
  w.me.spawn([this, s]() -> task<> {
    const int sum = co_await cal(s, shop::add, 1, 2);
    co_await cal(s, shop::forget, "it");
    auto [a, b] = co_await all(cal(s, shop::add, sum, 1), cal(s, shop::slow, "x"));
    d(std::to_string(a) + b);
    auto first = co_await any(cal(s, shop::add, 1, 1), cal(s, shop::slow, "late"));
    d(std::to_string(first.index()));
    try {
      (void)co_await cal(s, shop::divide, 1, 2);
    } catch (const failure& f) {
      d(f.reason());
    }
    (void)co_await cal(s, shop::slow, "too slow").within(1ms);
  });
  w.pass(10s);
  EXPECT_EQ(d.text(), "forgot it 4x! 0 odd");
}

TEST_F(contracts, end_their_port_by_an_exception_as_handlers_do) {
  namespace s = shop;
  const auto p = w.me.serve<contract<s::add>>(w.me.port(), s::add,
                                              [](int, int) -> int { throw std::runtime_error("broken"); });
  w.me.cal(p, s::add, 1, 2).then([](int) {}, fails());
  w.settle();
  EXPECT_EQ(d.text(), R"(["die","broken"])");
}

TEST_F(contracts, served_again_take_the_place_of_the_first) {
  using adder = contract<shop::add>;
  const auto p = w.me.serve<adder>(w.me.port(), shop::add, [](int a, int b) { return a + b; });
  w.me.serve<adder>(p, shop::add, [](int a, int b) { return 10 * (a + b); });
  w.me.cal(p, shop::add, 1, 2).then([this](int sum) { d(std::to_string(sum)); });
  w.settle();
  EXPECT_EQ(d.text(), "30");
}

// Arguments of other types than those of the first tests, here and as values, as they come from the network.
TEST_F(contracts, have_arguments_of_many_types) {
  using choice = std::variant<std::monostate, int, std::string>;
  using moment = std::chrono::sys_time<std::chrono::milliseconds>;
  static constexpr notice<"all", colour, choice, std::chrono::milliseconds, moment, std::optional<point>,
                          std::map<std::string, point>, port_to<listener::api>>
      all_of_them{};
  struct heard {
    colour c{};
    choice v;
    std::chrono::milliseconds d{};
    moment m;
    std::optional<point> o;
    std::map<std::string, point> map;
  };
  std::vector<heard> all;
  const auto p = w.me.serve<contract<all_of_them>>(
      w.me.port(), all_of_them,
      [&](colour c, const choice& v, std::chrono::milliseconds t, moment m, std::optional<point> o,
          const std::map<std::string, point>& map, const port_to<listener::api>& to) {
        all.push_back({c, v, t, m, o, map});
        snd(to, listener::heard, "you");
      });
  const auto ear = w.me.serve<listener::api>(
      w.me.port(), listener::heard, [this](std::string_view who) { d("heard " + std::string(who)); });
  const moment m(1234567ms);
  const std::map<std::string, point> map{{"a", {1, 2}}};
  const message as_values("all", 1, message::of({value(2), value("text")}).elements(), 1500, 1234567,
                          message::of({value(3), value(4)}).elements(), map, ear.port().str());
  w.me.snd(p, all_of_them, colour::green, choice("text"), 1500ms, m, point{3, 4}, map, ear);
  w.me.snd(p.port(), message::of(as_values.elements()));
  w.settle();
  EXPECT_EQ(d.text(), "heard you heard you");
  ASSERT_EQ(all.size(), 2u);
  for (const heard& h : all) {
    EXPECT_EQ(h.c, colour::green);
    EXPECT_EQ(h.v, choice("text"));
    EXPECT_EQ(h.d, 1500ms);
    EXPECT_EQ(h.m, m);
    EXPECT_EQ(h.o, (point{3, 4}));
    EXPECT_EQ(h.map, map);
  }
}

}  // namespace
}  // namespace aemp::core
