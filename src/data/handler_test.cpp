#include <aemp/handler.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace aemp {
namespace {

using detail::mismatch;
using detail::outcome;

// Holds a message against a handler for its tag, or for the whole of it.
template <class F>
outcome give_rest(F&& f, const message& m, mismatch* why = nullptr) {
  const detail::handler_ref h(detail::make_handler(std::forward<F>(f)));
  return h.get()->ops->call(*h.get(), *m.get(), 1, why);
}
template <class F>
outcome give_whole(F&& f, const message& m, mismatch* why = nullptr) {
  const detail::handler_ref h(detail::make_handler(std::forward<F>(f)));
  return h.get()->ops->call(*h.get(), *m.get(), 0, why);
}

message as_values(const message& m) { return message::of(m.elements()); }

const void* element_address(const message& m, std::size_t i) {
  return detail::object_at(*m.get(), m.get()->ops->places[i]);
}

TEST(handler, gets_what_follows_the_tag) {
  for (const message& m : {message("t", 1, std::string("x")), as_values(message("t", 1, "x"))}) {
    int n = 0;
    std::string text;
    EXPECT_EQ(give_rest([&](int a, std::string b) { n = a, text = b; }, m), outcome::keep);
    EXPECT_EQ(n, 1);
    EXPECT_EQ(text, "x");
  }
}

TEST(handler, of_a_pattern_gets_the_whole) {
  for (const message& m : {message("t", 1), message(std::string("t"), 1), as_values(message("t", 1))}) {
    std::string got;
    EXPECT_EQ(give_whole([&](std::string tag, int n) { got = tag + std::to_string(n); }, m), outcome::keep);
    EXPECT_EQ(got, "t1");
  }
}

TEST(handler, every_parameter_has_to_convert) {
  mismatch why;
  bool called = false;
  const auto f = [&](int, int) { called = true; };
  EXPECT_EQ(give_rest(f, message("t", 1, "x"), &why), outcome::refused);
  EXPECT_EQ(why.element, 2u);
  EXPECT_EQ(why.found, "text");
  EXPECT_EQ(why.asked, "int");
  EXPECT_EQ(give_rest(f, message("t", 1), &why), outcome::refused);
  EXPECT_EQ(why.element, 2u);
  EXPECT_EQ(why.found, "missing");
  EXPECT_FALSE(called);
  EXPECT_EQ(give_rest(f, message("t", "1", 2.0)), outcome::keep);
  EXPECT_TRUE(called);
}

TEST(handler, ignores_extra_elements) {
  int n = 0;
  EXPECT_EQ(give_rest([&](int a) { n = a; }, message("t", 5, "more", nullptr)), outcome::keep);
  EXPECT_EQ(n, 5);
  EXPECT_EQ(give_rest([&] { ++n; }, message("t", 5)), outcome::keep);
  EXPECT_EQ(give_whole([&] { ++n; }, message("t", 5)), outcome::keep);
  EXPECT_EQ(n, 7);
}

TEST(handler, trailing_optionals_may_be_missing) {
  std::optional<int> a;
  std::optional<std::string> b;
  const auto f = [&](std::optional<int> x, std::optional<std::string> y) { a = x, b = y; };
  EXPECT_EQ(give_rest(f, message("t", 1, "x")), outcome::keep);
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, "x");
  EXPECT_EQ(give_rest(f, message("t", nullptr)), outcome::keep);
  EXPECT_EQ(a, std::nullopt);
  EXPECT_EQ(b, std::nullopt);
  EXPECT_EQ(give_rest(f, message("t", std::optional<int>(3))), outcome::keep);
  EXPECT_EQ(a, 3);
  EXPECT_EQ(give_rest(f, message("t", "no number")), outcome::refused);
  EXPECT_EQ(give_rest([](std::optional<int>, int) {}, message("t", 1)), outcome::refused);
}

TEST(handler, an_optional_object_is_the_object) {
  struct thing {
    explicit thing(int n) : n(n) {}
    int n;
  };
  int n = 0;
  EXPECT_EQ(give_rest([&](std::optional<thing> t) { n = t->n; }, message("t", thing(4))), outcome::keep);
  EXPECT_EQ(n, 4);
  EXPECT_EQ(give_rest([&](std::optional<std::unique_ptr<int>> p) { n = **p; },
                      message("t", std::make_unique<int>(5))),
            outcome::keep);
  EXPECT_EQ(n, 5);
}

TEST(handler, a_value_parameter_takes_anything) {
  value got;
  EXPECT_EQ(give_rest([&](const value& v) { got = v; }, message("t", 1)), outcome::keep);
  EXPECT_EQ(got, value(1));
  EXPECT_EQ(give_rest([&](value v) { got = v; }, message("t", std::make_unique<int>(1))), outcome::keep);
  EXPECT_EQ(got.type(), value::kind::object);
  EXPECT_EQ(give_rest([&](const value& v) { got = v; }, message("t")), outcome::refused);
}

TEST(handler, a_value_that_is_there_is_not_copied) {
  const message m = message::of({"t", "a text that is much too long to lie in a value itself"});
  const value* seen = nullptr;
  EXPECT_EQ(give_rest([&](const value& v) { seen = &v; }, m), outcome::keep);
  EXPECT_EQ(seen, static_cast<const detail::values_block*>(m.get())->begin() + 1);
}

TEST(handler, rest_takes_what_remains) {
  std::vector<value> got;
  const auto f = [&](int, const rest& r) { got = r.elements; };
  EXPECT_EQ(give_rest(f, message("t", 1, "a", 2)), outcome::keep);
  EXPECT_EQ(got, (std::vector<value>{"a", 2}));
  EXPECT_EQ(give_rest(f, message("t", 1)), outcome::keep);
  EXPECT_TRUE(got.empty());
  EXPECT_EQ(give_rest([&](rest r) { got = r.elements; }, as_values(message("t", 1, 2))), outcome::keep);
  EXPECT_EQ(got.size(), 2u);
}

TEST(handler, a_lone_message_parameter_gets_the_whole_without_touching_its_count) {
  const message m("t", 1);
  EXPECT_EQ(give_rest(
                [&](const message& whole) {
                  EXPECT_EQ(whole.get(), m.get());
                  EXPECT_EQ(whole.get()->refs.load(), 1u);
                },
                m),
            outcome::keep);
  message kept;
  EXPECT_EQ(give_whole([&](message whole) { kept = std::move(whole); }, m), outcome::keep);
  EXPECT_EQ(kept.get(), m.get());
  EXPECT_EQ(m.get()->refs.load(), 2u);
}

TEST(handler, parameters_of_the_same_types_are_the_objects_in_the_message) {
  const message m("t", std::string("x"), std::vector<int>{1});
  EXPECT_EQ(give_rest(
                [&](const std::string& a, const std::vector<int>& b) {
                  EXPECT_EQ(&a, element_address(m, 1));
                  EXPECT_EQ(&b, element_address(m, 2));
                },
                m),
            outcome::keep);
  const message whole(std::string("t"), 7);
  EXPECT_EQ(give_whole(
                [&](const std::string& a, const int& b) {
                  EXPECT_EQ(&a, element_address(whole, 0));
                  EXPECT_EQ(&b, element_address(whole, 1));
                },
                whole),
            outcome::keep);
}

TEST(handler, finds_objects_of_any_size_in_their_places) {
  struct nothing {};
  const message m("t", 'c', 7L, nothing(), true, std::string("x"), short{2}, 2.5);
  const auto f = [&](const char& a, const long& b, const nothing& c, const bool& d, const std::string& e,
                     const short& g, const double& h) {
    const std::vector<const void*> places{&a, &b, &c, &d, &e, &g, &h};
    for (std::size_t i = 0; i < places.size(); ++i) EXPECT_EQ(places[i], element_address(m, i + 1)) << i;
    EXPECT_EQ(a, 'c');
    EXPECT_EQ(b, 7);
    EXPECT_EQ(e, "x");
    EXPECT_EQ(h, 2.5);
  };
  EXPECT_EQ(give_rest(f, m), outcome::keep);
  EXPECT_EQ(m.to_string().substr(0, 6), "t 99 7");
}

TEST(handler, takes_plain_values_as_it_takes_objects) {
  const port_id port = detail::make_named_port("node", "a");
  const message m("t", -5, 6L, 2.5, true, std::string("text"), std::string("view"), port, value("any"));
  std::vector<value> seen;
  const auto f = [&](int a, const long& b, double c, bool d, const std::string& e, std::string_view g,
                     const port_id& h, const value& v) { seen = {a, b, c, d, e, g, h, v}; };
  const std::vector<value> all = m.elements(), wanted(all.begin() + 1, all.end());
  EXPECT_EQ(give_rest(f, m), outcome::keep);
  EXPECT_EQ(seen, wanted);
  seen.clear();
  EXPECT_EQ(give_rest(f, as_values(m)), outcome::keep);
  EXPECT_EQ(seen, wanted);

  std::vector<value> fewer(all.begin(), all.end() - 1), other = all;
  EXPECT_EQ(give_rest(f, message::of(fewer)), outcome::refused);
  other[1] = std::int64_t{1} << 40;
  EXPECT_EQ(give_rest(f, message::of(other)), outcome::refused);
  other[1] = "-5";
  seen.clear();
  EXPECT_EQ(give_rest(f, message::of(other)), outcome::keep);
  EXPECT_EQ(seen, wanted);
}

TEST(handler, also_when_other_parameters_convert) {
  const message m("t", std::string("x"), 5);
  EXPECT_EQ(give_rest(
                [&](const std::string& a, const std::string& b) {
                  EXPECT_EQ(&a, element_address(m, 1));
                  EXPECT_EQ(b, "5");
                },
                m),
            outcome::keep);
}

TEST(handler, by_value_gets_a_copy_and_the_message_stays_as_it_is) {
  const message m("t", std::string("a text of more than fifteen bytes"));
  const auto f = [](std::string s) { s += "!"; };
  EXPECT_EQ(give_rest(f, m), outcome::keep);
  EXPECT_EQ(give_rest(f, m), outcome::keep);
  EXPECT_EQ(m[1].text(), "a text of more than fifteen bytes");
}

TEST(handler, an_object_that_can_only_be_moved_is_moved_to_its_receiver) {
  std::unique_ptr<int> got;
  EXPECT_EQ(
      give_rest([&](std::unique_ptr<int> p) { got = std::move(p); }, message("t", std::make_unique<int>(5))),
      outcome::keep);
  EXPECT_EQ(*got, 5);
  // The same when another parameter has to be converted, and by rvalue reference.
  EXPECT_EQ(give_rest([&](std::string, std::unique_ptr<int>&& p) { got = std::move(p); },
                      message("t", 1, std::make_unique<int>(6))),
            outcome::keep);
  EXPECT_EQ(*got, 6);
  // And untouched when the handler refuses.
  const message m("t", std::make_unique<int>(7), "x");
  EXPECT_EQ(give_rest([&](std::unique_ptr<int>, int) {}, m), outcome::refused);
  EXPECT_EQ(give_rest([&](const std::unique_ptr<int>& p) { EXPECT_EQ(*p, 7); }, m), outcome::keep);
}

TEST(handler, an_object_is_taken_by_its_own_type_only) {
  struct thing {
    explicit thing(int) {}
  };
  mismatch why;
  EXPECT_EQ(give_rest([](int) {}, message("t", thing(1)), &why), outcome::refused);
  EXPECT_EQ(why.found, "object");
  EXPECT_EQ(give_rest([](thing) {}, message("t", 1), &why), outcome::refused);
  EXPECT_EQ(why.asked, "object");
  EXPECT_EQ(give_rest([](const thing&) {}, message("t", thing(1))), outcome::keep);
}

TEST(handler, text_parameters_may_be_views) {
  const message typed("t", std::string("a text of more than twenty-two bytes"));
  EXPECT_EQ(
      give_rest([&](std::string_view s) { EXPECT_EQ(s, "a text of more than twenty-two bytes"); }, typed),
      outcome::keep);
  EXPECT_EQ(give_rest([&](std::string_view s) { EXPECT_EQ(s, "a text of more than twenty-two bytes"); },
                      as_values(typed)),
            outcome::keep);
  EXPECT_EQ(give_rest([&](const std::string_view& s) { EXPECT_EQ(s, "5"); }, message("t", 5)), outcome::keep);
  EXPECT_EQ(give_whole([&](std::string_view tag) { EXPECT_EQ(tag, "t"); }, message("t")), outcome::keep);
  mismatch why;
  EXPECT_EQ(give_rest([](std::string_view) {}, message("t", nullptr), &why), outcome::refused);
  EXPECT_EQ(why.asked, "text");
}

outcome judged(disposition d) {
  return give_rest([d] { return d; }, message("t"));
}

TEST(handler, stays_or_is_done_as_it_says) {
  EXPECT_EQ(judged(keep), outcome::keep);
  EXPECT_EQ(judged(done), outcome::done);
  EXPECT_EQ(give_rest([] { return true; }, message("t")), outcome::done);
  EXPECT_EQ(give_rest([] { return false; }, message("t")), outcome::keep);
  EXPECT_EQ(give_rest([](int) { return done; }, message("t", "x")), outcome::refused);
}

int seen_by_function = 0;
void function(int n) { seen_by_function = n; }
struct functor {
  std::shared_ptr<int> state;
  void operator()(int n) noexcept { *state += n; }
};

TEST(handler, may_be_a_function_or_keep_state) {
  EXPECT_EQ(give_rest(function, message("t", 3)), outcome::keep);
  EXPECT_EQ(give_rest(&function, message("t", 3)), outcome::keep);
  EXPECT_EQ(seen_by_function, 3);
  EXPECT_EQ(give_rest(std::function<void(int)>(function), message("t", 4)), outcome::keep);
  EXPECT_EQ(seen_by_function, 4);
  const auto state = std::make_shared<int>(0);
  const detail::handler_ref h(detail::make_handler(functor{state}));
  const message m("t", 5);
  h.get()->ops->call(*h.get(), *m.get(), 1, nullptr);
  h.get()->ops->call(*h.get(), *m.get(), 1, nullptr);
  EXPECT_EQ(*state, 10);
  int counter = 0;
  EXPECT_EQ(give_rest([n = 0, &counter]() mutable { counter = ++n; }, m), outcome::keep);
  EXPECT_EQ(counter, 1);
}

TEST(handler, may_take_no_more_elements_than_it_has_parameters) {
  int got = 0;
  const auto plus = exactly([&](int a, int b) { got += a + b; });
  EXPECT_EQ(give_rest(plus, message("add", 1, 2)), outcome::keep);
  EXPECT_EQ(give_rest(plus, message("add", 1)), outcome::refused);
  EXPECT_EQ(give_rest(plus, message("add", 1, 2, 3)), outcome::refused);
  EXPECT_EQ(give_rest(plus, message::of({"add", 1, 2, 3})), outcome::refused);
  EXPECT_EQ(got, 3);
  const detail::handler_ref h(detail::make_handler(plus));
  detail::mismatch why;
  h.get()->ops->call(*h.get(), *message("add", 1, 2, 3).get(), 1, &why);
  EXPECT_EQ(std::to_string(why.element) + " " + why.found + ", " + std::string(why.asked),
            "3 one too many, no more");
}

TEST(handler, destroys_what_it_captured) {
  const auto alive = std::make_shared<int>(0);
  {
    const detail::handler_ref h(detail::make_handler([alive] {}));
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace aemp
