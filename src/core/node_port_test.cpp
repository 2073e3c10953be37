// What a node answers to whoever writes to its node port (aemp-protocol D.1, I.4).
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class node_port : public testing::Test {
 protected:
  // What the port `back` got for this message to the node port.
  template <class... A>
  std::string answer(A&&... a) {
    w.me.snd(here, std::forward<A>(a)...);
    w.settle();
    return d.take();
  }

  world w;
  diary d;
  const port_id here = *port_id::parse("here");
  const port_id back = w.me.port([this](const message& m) { d(m.to_json()); });
};

TEST_F(node_port, forwards_messages) {
  EXPECT_EQ(answer("snd", back, "tag", 1), R"(["tag",1])");
  EXPECT_EQ(answer("snd", back.str(), "tag"), R"(["tag"])");
  EXPECT_EQ(answer("snd", back), "[]");
  EXPECT_EQ(answer("snd"), "");
  EXPECT_EQ(
      answer("snd_multiple", value::array{back, "a"}, 5, value::array{back.str(), "b", 2}, value::array{}),
      R"(["a"] ["b",2])");
}

TEST_F(node_port, does_not_forward_to_what_is_no_port) {
  log_capture log;
  EXPECT_EQ(answer("snd", "two\nlines", "x"), "");
  EXPECT_EQ(answer("snd", nullptr, "x"), "");
  EXPECT_EQ(log.at(2, "is no port ID").size(), 2u);
}

TEST_F(node_port, tells_its_name_the_time_and_what_it_knows) {
  EXPECT_EQ(answer("info", back, "x", 1), R"(["x",1,"here"])");
  EXPECT_EQ(answer("time", back, "x"), R"(["x",1000.5])");
  EXPECT_EQ(answer("up_nodes", back, "x"), R"(["x"])");
  EXPECT_EQ(answer("known_nodes", back, "x"), R"(["x"])");
  EXPECT_EQ(answer("time"), "");
  w.inside([&] { w.core().presence().came("beta"); });
  EXPECT_EQ(answer("up_nodes", back, "x"), R"(["x","beta"])");
}

TEST_F(node_port, tells_what_it_can) {
  w.me.define("greet", [] {});
  w.settle();
  EXPECT_EQ(answer("can", "snd", back), R"(["1"])");
  EXPECT_EQ(answer("can", "greet", back, "x"), R"(["x","1"])");
  EXPECT_EQ(answer("can", "fly", back, "x"), R"(["x",""])");
  EXPECT_EQ(answer("can"), "");
}

TEST_F(node_port, ignores_what_means_nothing) {
  log_capture log;
  EXPECT_EQ(answer("devnull", back), "");
  EXPECT_EQ(answer(""), "");
  EXPECT_EQ(answer(message()), "");
  EXPECT_EQ(answer(5, back), "");
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(node_port, evaluates_no_code) {
  log_capture log;
  EXPECT_EQ(answer("eval", "exit", back, "x"),
            R"(["x","node here evaluates no code; only functions that it has defined can be called"])");
  EXPECT_EQ(answer("eval", "exit"), "");
  EXPECT_EQ(log.at(2, "eval refused").size(), 2u);
}

// aemp-protocol I.7
TEST_F(node_port, tells_its_neighbours_in_the_words_of_version_2) {
  log_capture log;
  EXPECT_EQ(answer("eval", "AnyEvent::MP::Kernel::up_nodes", back, "x"), R"(["x",""])");
  EXPECT_TRUE(log.lines().empty());
  for (const char* other : {"AnyEvent::MP::Kernel::up_nodes ", "AnyEvent::MP::Kernel::up_nodes;exit",
                            "AnyEvent::MP::Kernel::up_nodes()", "up_nodes"}) {
    EXPECT_NE(answer("eval", other, back).find("evaluates no code"), std::string::npos) << other;
  }
}

TEST_F(node_port, calls_defined_functions) {
  w.me.define("greet", [this](std::string who) { d("hello " + who); });
  w.settle();
  EXPECT_EQ(answer("greet", "you"), "hello you");
  w.me.call_function("here", "greet", "me");
  w.settle();
  EXPECT_EQ(d.take(), "hello me");
  log_capture log;
  EXPECT_EQ(answer("greet"), "");
  EXPECT_EQ(answer("gret", 1), "");
  EXPECT_EQ(log.at(2, "function 'greet' was called with bad arguments: argument 0 is missing, text expected")
                .size(),
            1u);
  EXPECT_EQ(log.at(2, "function 'gret' is not defined on node here").size(), 1u);
}

TEST_F(node_port, survives_a_function_that_throws) {
  log_capture log;
  w.me.define("bad", [] { throw std::runtime_error("inside"); });
  w.settle();
  EXPECT_EQ(answer("bad"), "");
  EXPECT_EQ(answer("info", back), R"(["here"])");
  EXPECT_EQ(log.at(1, "inside").size(), 1u);
}

TEST_F(node_port, spawns) {
  w.me.define("echo", [this](std::string greeting) {
    d(greeting + " from " + self().str());
    rcv(self(), "say", [this](std::string s) { d(s); });
  });
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "theirs.a", "echo", "hello"), "hello from here#theirs.a");
  w.me.snd(*port_id::parse("here#theirs.a"), "say", "it");
  w.settle();
  EXPECT_EQ(d.take(), "it");
  // The same name again runs the function again, in the same port.
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "theirs.a", "echo", "again"), "again from here#theirs.a");
  w.me.snd(*port_id::parse("here#theirs.a"), "say", "it");
  w.settle();
  EXPECT_EQ(d.take(), "it it");
}

TEST_F(node_port, refuses_spawns_that_cannot_be) {
  log_capture log;
  w.me.define("echo", [this] { d("never"); });
  w.settle();
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "name"), "");
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", 5, "echo"), "");
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "", "echo"), "");
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "u.5", "echo"), "");  // one of our own names
  EXPECT_EQ(log.at(2, "malformed spawn").size(), 2u);
  EXPECT_EQ(log.at(1, "is no name that another node may give to a port").size(), 2u);
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "theirs.b", "nothing"), "");
  w.me.mon(*port_id::parse("here#theirs.b"), [this](const message& reason) { d(reason[0].to_string()); });
  w.settle();
  EXPECT_EQ(d.text(), "no_such_function");
}

TEST_F(node_port, refuses_spawns_by_what_is_no_name) {
  log_capture log;
  w.me.define("echo", [this] { d("never"); });
  w.settle();
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", std::string(1025, 'x'), "echo"), "");
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "two\nlines", "echo"), "");
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", "theirs.a", std::string(1025, 'e')), "");
  EXPECT_EQ(log.at(2, "bad_name: a spawn of").size(), 3u);
  EXPECT_EQ(answer("AnyEvent::MP::_spawn", std::string(1024, 'x'), "echo"), "never");
}

TEST_F(node_port, is_no_way_to_ports_whose_names_are_too_long) {
  log_capture log;
  set_log_level(5);
  const std::string longest(1024, 'x');
  w.inside([&] {
    for (const std::string& name : {longest, longest + "x"})
      w.me.rcv(*port_id::parse("here#" + name), [this](std::string s) { d(s); });
    w.core().deliver(longest, message("short enough"));
    w.core().deliver(longest + "x", message("too long"));
  });
  w.settle();
  EXPECT_EQ(d.take(), "short enough");
  EXPECT_EQ(log.at(5, "here#xxx").size(), 1u);
  set_log_level(7);
}

TEST_F(node_port, lets_other_nodes_call_only_what_is_defined_for_them) {
  log_capture log;
  w.me.define("stop", [this] { d("stopped"); }, {"console"});
  w.settle();
  const std::string console = "console", other = "other";
  w.inside([&] {
    w.core().node_port().handle(message("stop"), &other);
    w.core().node_port().handle(message("AnyEvent::MP::_spawn", "theirs.c", "stop"), &other);
    w.core().node_port().handle(message("snd", "here", "stop"), &other);  // not through the back door either
  });
  w.settle();
  EXPECT_EQ(d.take(), "");
  EXPECT_GE(log.at(2, "remote execution not allowed").size(), 3u);
  w.inside([&] { w.core().node_port().handle(message("stop"), &console); });
  w.settle();
  EXPECT_EQ(d.take(), "stopped");
  EXPECT_EQ(answer("stop"), "stopped");
}

TEST_F(node_port, works_from_every_worker) {
  world many(3);
  const port_id reply = many.on(2, [&] { return port([this](const message& m) { d(m.to_json()); }); });
  many.on(1, [&] { snd(*port_id::parse("here"), "info", reply, "x"); });
  many.on(2, [&] { define("where", [this] { d(std::to_string(worker::current()->index())); }); });
  many.settle();
  many.on(1, [&] { snd(*port_id::parse("here"), "where"); });
  many.settle();
  EXPECT_EQ(d.text(), R"(["x","here"] 2)");
}

// ---- nodes that come and go, as the mesh tells it ----

TEST_F(node_port, nodes_that_come_and_go_are_told_in_turn) {
  w.me.mon_nodes([this](const message& m) { d(m.to_json()); });
  monitor cancelled = w.me.mon_nodes([this](const message&) { d("cancelled"); });
  w.settle();
  cancelled.cancel();
  w.inside([&] {
    w.core().presence().came("beta");
    w.core().presence().came("beta");
    w.core().monitors().node_lost("beta", message("transport_error", "beta", "gone"));
    w.core().monitors().node_lost("beta", {});
  });
  w.settle();
  EXPECT_EQ(d.text(), R"(["beta",true] ["beta",false,"transport_error","beta","gone"])");
  EXPECT_TRUE(w.me.up_nodes().empty());
  EXPECT_TRUE(w.me.node_is_up("here"));
  EXPECT_FALSE(w.me.node_is_up("beta"));
}

}  // namespace
}  // namespace aemp::core
