// A node for the tests of the tool: what it is comes from its profile. It has ports of known names, a
// function that can be called and one that can be spawned, and a port in the group "test"; it prints what
// happens to them. usage: tool_node PROFILE
#include <aemp/aemp.hpp>

#include <iostream>
#include <string>

using namespace aemp;

namespace {

void say(const std::string& line) { std::cout << line << std::endl; }

namespace shop {
inline constexpr request<"price", int(std::string)> price{};
inline constexpr notice<"close"> close{};
using api = contract<price, close>;
}  // namespace shop

port_id named(node& me, const std::string& name) { return *port_id::parse(me.id() + "#" + name); }

}  // namespace

int main(int, char** argv) {
  node me{{.profile = argv[1]}};
  me.rcv(named(me, "sink"), [](const message& m) { say("sink: " + m.to_json()); });
  me.rcv(named(me, "adder"), "add", [](int a, int b, port_id reply_to) { snd(reply_to, a + b, "sum"); });
  me.rcv(named(me, "silent"), [](const message&) {});
  me.rcv(named(me, "fragile"), "break", [] { throw std::runtime_error("it broke"); });
  me.define("test::say", [](std::string what) {
    say("said: " + what);
    log(3, "somebody had me say " + what);
  });
  me.define("test::counter", [](int start) {
    auto total = std::make_shared<int>(start);
    rcv(
        self(), "add", [total](int n) { *total += n; }, "total",
        [total](port_id reply_to) { snd(reply_to, *total); });
  });
  me.serve<shop::api>(
      named(me, "shop"), shop::price, [](std::string_view what) { return static_cast<int>(what.size()); },
      shop::close, [] {});
  const auto shelf =
      child("shelf", [] { return port("break", [] { throw std::runtime_error("it broke"); }); });
  me.supervise(one_for_one, restart_limit(3, std::chrono::minutes(1)), shelf, child("more", [] {
                 return supervise(one_for_all, restart_limit(1, std::chrono::minutes(1)),
                                  child("till", [] { return port([](const message&) {}); }));
               }));
  if (std::string_view(argv[1]) == "seed") {
    const port_id slow = me.rcv(named(me, "slow"), "begin", []() -> task<> {
      for (int i = 0; i < 5; ++i) snd(self(), "more");
      co_await receive("never");
    });
    me.set_limits(slow, {.messages = 2});
    me.snd(slow, "begin");
  }
  me.grp_reg("test", named(me, "sink"));
  me.db_set("facts", me.id(), std::string(argv[1]) + " lives");
  for (const std::string& place : me.listening()) say("listens: " + place);
  say("runs: " + me.id());
  return me.run();
}
