// Contracts between two nodes: what crosses the network, and what cannot.
#include "sim/world.hpp"

#include <memory>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

namespace shop {
inline constexpr request<"add", int(int, std::optional<int>)> add{};
inline constexpr request<"later", std::string(std::string)> later{};
inline constexpr request<"object", std::shared_ptr<int>()> object{};
inline constexpr request<"refused", int()> refused{};
using api = contract<add, later, object, refused>;
}  // namespace shop

class contracts_between_nodes : public testing::TestWithParam<const char*> {
 protected:
  contracts_between_nodes() {
    set_log_sink([](int, std::string_view) {});
    a.serve<shop::api>(
        *port_id::parse("alpha#shop"), shop::add,
        [](int x, std::optional<int> y) { return x + y.value_or(100); }, shop::later,
        [](std::string text) -> task<std::string> {
          co_await sleep_for(10ms);
          co_return text + "!";
        },
        shop::object, [](reply_to<std::shared_ptr<int>> reply) { reply(std::make_shared<int>(7)); },
        shop::refused, [](reply_to<int> reply) { reply.fail("odd", std::make_shared<int>(7)); });
  }
  ~contracts_between_nodes() override { set_log_sink({}); }

  config with(config c) {
    c.framing_format = {GetParam()};
    return c;
  }
  void note(const std::string& text) { notes += text + " "; }

  world w{3};
  node& a = w.make_node("alpha", with({.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}}));
  node& b = w.make_node("beta", with({.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}}));
  const port_to<shop::api> s{*port_id::parse("alpha#shop")};
  std::string notes;
};
INSTANTIATE_TEST_SUITE_P(framing, contracts_between_nodes, testing::Values("aemp1", "cbor", "json"));

TEST_P(contracts_between_nodes, carry_arguments_replies_and_failures) {
  b.spawn([this]() -> task<> {
    note(std::to_string(co_await cal(s, shop::add, 1, 2)));
    note(std::to_string(co_await cal(s, shop::add, 1, std::nullopt)));
    note(co_await cal(s, shop::later, "text"));
    try {
      (void)co_await cal(s.port(), "add", "x", 2);
    } catch (const failure& f) {
      note(f.content().to_string());
    }
  });
  w.run_for(10s);
  EXPECT_EQ(notes, "3 101 text! bad_request argument 1 of 'add' is text, int expected ");
}

// The server finds out when it answers, and the caller is told.
TEST_P(contracts_between_nodes, do_not_lose_a_request_whose_reply_cannot_leave) {
  b.spawn([this]() -> task<> {
    try {
      (void)co_await cal(s, shop::refused);
    } catch (const failure& f) {
      note(f.reason());
    }
    try {
      (void)co_await cal(s, shop::object);
    } catch (const failure& f) {
      note(f.reason());
    }
  });
  w.run_for(10s);
  EXPECT_EQ(notes, "odd no_reply ");
}

}  // namespace
}  // namespace aemp::sim
