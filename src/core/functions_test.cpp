// Functions by themselves: what they need of the node, of groups and of the network is in the test's hand; only the
// workers, and the ports that are spawned there, are those of a node. It is called "here", and the others "aaa", "bbb"...
#include "core/functions.hpp"

#include "core/quiet_neighbours_test.hpp"
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

using words = std::vector<std::string>;

const std::nullopt_t this_node = std::nullopt;
const std::string refused = "remote_execution_not_allowed";

class ending_node final : public quiet_node {
 public:
  using quiet_node::quiet_node;
  void end() { shut_down_ = true; }
};

class certifying_gateway final : public quiet_gateway {
 public:
  bool may_be_in(const std::string& node, std::string_view group) const override {
    return denied != node + " in " + std::string(group);
  }
  std::string denied;
};

class noting_backend final : public quiet_backend {
 public:
  void subscribe(const std::string& family) override { subscribed.push_back(family); }
  words subscribed;
};

class a_function : public testing::Test {
 protected:
  explicit a_function(bool secure = false, unsigned workers = 1)
      : w(workers), known{node, w.core().workers(), w.core().names(), groups, secure} {
    known.set_gateway(&network);
    groups.attach(&others);
  }
  ~a_function() override { groups.attach(nullptr); }

  template <class F>
  static detail::handler_ref handler(F f) {
    return detail::handler_ref(detail::make_handler(std::move(f)));
  }
  // It writes down its name and what it gets.
  void define(const std::string& name, std::optional<words> callers = {}) {
    known.define(name, handler([this, name](const message& m) { d(name + "(" + m.to_string() + ")"); }),
                 std::move(callers));
    w.settle();
  }
  // Whether it may call that, or why not.
  std::string answer(const std::string& name, const std::optional<std::string>& from) {
    const auto f = known.callable(name, from ? &*from : nullptr);
    return !f ? f.error().name : *f == known.find(name) ? "yes" : "another function";
  }
  std::string call(const std::string& name, message arguments, const std::optional<std::string>& from) {
    w.inside([&] { known.call(name, std::move(arguments), from ? &*from : nullptr); });
    w.settle();
    return d.take();
  }
  std::string spawn(const std::string& port, const std::string& function,
                    const std::optional<std::string>& from) {
    w.inside([&] { known.spawn(port, function, message("x"), from ? &*from : nullptr); });
    w.settle();
    return d.take();
  }
  // Why that port is dead; "" while it lives.
  std::string end_of(const std::string& port) {
    std::string reason;
    w.me.mon(*port_id::parse("here#" + port), [&](const message& m) { reason = m.to_string(); });
    w.settle();
    return reason;
  }
  // Ports register in a group, on other nodes.
  void join(const std::string& group, const words& ports) {
    family_content members;
    for (const std::string& port : ports) members.emplace(port, value(1));
    groups.update("others", group, members, {});
  }
  void leave(const std::string& group, const std::string& port) {
    groups.update("others", group, {}, std::vector<std::string>{port});
  }

  log_capture log;
  world w;
  ending_node node{w.time()};
  monitors watching{w.core().workers(), w.core().names(), w.core().presence()};
  registry groups{w.core().workers(), watching};
  certifying_gateway network;
  noting_backend others;
  functions known;
  diary d;
};

// ---- who may call what ----

TEST_F(a_function, is_for_every_node_if_no_callers_are_named) {
  define("f");
  EXPECT_EQ("yes", answer("f", this_node));
  EXPECT_EQ("yes", answer("f", "aaa"));
}

TEST_F(a_function, with_callers_is_for_them_and_for_this_node_alone) {
  define("f", words{"aaa", "bbb"});
  EXPECT_EQ("yes", answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", "bbb"));
  EXPECT_EQ("yes", answer("f", this_node));
  for (const char* other : {"ccc", "aa", "aaaa", "here", ""}) EXPECT_EQ(refused, answer("f", other)) << other;
  const std::string ccc = "ccc", why = known.callable("f", &ccc).error().text;
  EXPECT_TRUE(why.starts_with("function 'f' was not called for node ccc: node here has defined it for ot"))
      << why;
}

TEST_F(a_function, with_an_empty_list_of_callers_is_for_this_node_alone) {
  define("f", words{});
  EXPECT_EQ(refused, answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", this_node));
}

TEST_F(a_function, that_is_not_defined_is_no_such_function_and_its_name_is_not_repeated_at_length) {
  define("f");
  EXPECT_EQ("no_such_function", answer("g", this_node));
  EXPECT_EQ("no_such_function", answer("ff", "aaa"));
  EXPECT_EQ(nullptr, known.find("g"));
  EXPECT_EQ("function '" + std::string(64, 'x') + "' is not defined on node here",
            known.callable(std::string(65, 'x'), nullptr).error().text);
}

TEST_F(a_function, that_is_defined_again_is_the_new_one_with_the_new_callers) {
  define("f", words{"aaa"});
  const auto before = known.find("f");
  define("f", words{"bbb"});
  EXPECT_NE(before, known.find("f"));
  EXPECT_EQ(refused, answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", "bbb"));
}

TEST_F(a_function, of_a_group_is_for_nodes_that_have_a_member_in_it) {
  define("f", words{"@admins"});
  join("admins", {"aaa#lobby", "bbb#1", "bbb#2"});
  join("users", {"ccc#lobby"});
  EXPECT_EQ("yes", answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", "bbb"));
  EXPECT_EQ(refused, answer("f", "ccc"));
  leave("admins", "aaa#lobby");
  leave("admins", "bbb#1");
  EXPECT_EQ(refused, answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", "bbb"));
  EXPECT_EQ("yes", answer("f", this_node));
}

TEST_F(a_function, of_a_group_is_not_for_a_node_that_is_only_called_much_like_a_member) {
  define("f", words{"@admins"});
  join("admins", {"aaa!#p", "aaa-#p", "aaaa#p"});
  for (const char* other : {"aaa", "aa", "a", "", "admins", "@admins"})
    EXPECT_EQ(refused, answer("f", other)) << other;
}

TEST_F(a_function, of_a_group_is_not_for_members_that_the_network_says_cannot_be_in_it) {
  define("f", words{"@admins"});
  define("g", words{"aaa"});
  join("admins", {"aaa#p", "bbb#p"});
  network.denied = "aaa in admins";
  EXPECT_EQ(refused, answer("f", "aaa"));
  EXPECT_EQ("yes", answer("f", "bbb"));
  EXPECT_EQ("yes", answer("g", "aaa")) << "it is called by its ID";
  known.set_gateway(nullptr);
  EXPECT_EQ("yes", answer("f", "aaa"));
}

TEST_F(a_function, may_be_for_nodes_and_groups_together) {
  define("f", words{"ccc", "@users", "@admins"});
  join("admins", {"aaa#p"});
  for (const char* may : {"aaa", "ccc"}) EXPECT_EQ("yes", answer("f", may));
  EXPECT_EQ(refused, answer("f", "bbb"));
}

TEST_F(a_function, has_its_groups_known_before_anybody_calls) {
  define("f", words{"@admins", "aaa", "@users"});
  EXPECT_EQ((words{"admins", "users"}), others.subscribed);
}

// ---- calls ----

TEST_F(a_function, gets_its_arguments_whoever_calls) {
  define("f");
  EXPECT_EQ("f(1 two)", call("f", message(1, "two"), this_node));
  EXPECT_EQ("f(1 two)", call("f", message(1, "two"), "aaa"));
  EXPECT_EQ("f()", call("f", {}, "aaa"));
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(a_function, that_may_not_be_called_is_not_and_the_log_says_why) {
  define("f", words{"bbb"});
  EXPECT_EQ("", call("f", {}, "aaa"));
  EXPECT_EQ("", call("nothing", {}, this_node));
  EXPECT_EQ(1u, log.at(2, "node port: function 'f' was not called for node aaa").size());
  EXPECT_EQ(1u, log.at(2, "node port: function 'nothing' is not defined").size());
}

TEST_F(a_function, that_one_node_calls_in_vain_is_logged_for_others_too_however_often_that_does) {
  for (unsigned i = 0; i < 2 * log_budget::lines; ++i) call("nothing", {}, "aaa");
  const std::size_t so_far = log.at(2, "'nothing' is not defined").size();
  EXPECT_EQ(log_budget::lines, so_far);
  call("nothing", {}, "bbb");
  EXPECT_EQ(so_far + 1, log.at(2, "'nothing' is not defined").size());
}

TEST_F(a_function, that_does_not_take_what_it_is_called_with_does_not_run) {
  known.define("f", handler([this](int) { d("ran"); }), {});
  EXPECT_EQ("", call("f", message("text"), "aaa"));
  EXPECT_EQ(1u, log.at(2, "function 'f' was called with bad arguments: argument 0 is ").size());
  EXPECT_EQ("ran", call("f", message(5), "aaa"));
}

class a_function_among_workers : public a_function {
 protected:
  a_function_among_workers() : a_function(false, 3) {}

  void define_on(std::uint32_t worker, const std::string& name) {
    const auto f = [this, name] { d(name + " on " + std::to_string(worker::current()->index())); };
    w.on(worker, [&] { known.define(name, handler(f), {}); });
  }
};

TEST_F(a_function_among_workers, runs_where_it_was_defined) {
  define_on(2, "f");
  known.define("g", handler([this] { d("g on " + std::to_string(worker::current()->index())); }), {});
  EXPECT_EQ("f on 2", call("f", {}, "aaa"));
  EXPECT_EQ("f on 2", spawn("p", "f", "aaa"));
  EXPECT_EQ("g on 0", call("g", {}, "aaa")) << "another thread has defined it";
  w.on(2, [&] { known.call("g", {}, nullptr); });
  w.settle();
  EXPECT_EQ("g on 0", d.take());
}

TEST_F(a_function_among_workers, is_not_spawned_under_the_name_of_a_port_of_another) {
  define_on(2, "f");
  w.on(1, [&] { w.me.rcv(*port_id::parse("here#p"), "x", [] {}); });
  EXPECT_EQ("", spawn("p", "f", "aaa"));
  EXPECT_EQ(1u, log.at(1, "a spawn of 'f' was refused: there is a port 'p' already, on another").size());
  EXPECT_EQ("f on 2", spawn("q", "f", "aaa"));
}

// ---- what is part of every node ----

TEST_F(a_function_among_workers, of_the_node_itself_gets_who_calls_and_runs_on_the_network_worker) {
  known.serve("s", [this](const message& m, const std::string& from) {
    d(m.to_string() + " from " + from + " on " + std::to_string(worker::current()->index()));
  });
  EXPECT_TRUE(known.serves("s"));
  EXPECT_EQ("x from aaa on 0", call("s", message("x"), "aaa"));
  w.on(2, [&] { known.call("s", message("y"), nullptr); });
  EXPECT_EQ("", d.text()) << "it runs later";
  w.settle();
  EXPECT_EQ("y from here on 0", d.take());
}

TEST_F(a_function, that_is_only_offered_cannot_be_called) {
  known.offer({"mon0", "kil"});
  known.offer({"mon1"});
  for (const char* offered : {"mon0", "mon1", "kil"}) EXPECT_TRUE(known.offers(offered)) << offered;
  EXPECT_FALSE(known.offers("f"));
  EXPECT_EQ("no_such_function", answer("kil", this_node));
}

// ---- spawn ----

TEST_F(a_function, is_spawned_later_and_in_a_new_port_of_that_name) {
  known.define("f", handler([this](std::string s) { d(s + " in " + self().str()); }), {});
  const std::string aaa = "aaa";
  w.inside([&] {
    known.spawn("aaa.1", "f", message("x"), &aaa);
    d("spawned");
  });
  w.settle();
  EXPECT_EQ("spawned x in here#aaa.1", d.take());
  known.spawn("aaa.2", "f", message("y"), nullptr);  // by another thread
  w.settle();
  EXPECT_EQ("y in here#aaa.2", d.text());
}

TEST_F(a_function, is_not_spawned_by_a_name_that_is_none_nor_named_in_full) {
  define("f");
  const std::string longest(1024, 'x');
  for (const std::string& bad : {longest + "x", std::string("two\nlines"), std::string("\x7f")}) {
    EXPECT_EQ("", spawn(bad, "f", "aaa"));
    EXPECT_EQ("", spawn("p", bad, "aaa"));
    EXPECT_FALSE(w.core().names().resolve_name(bad));
  }
  EXPECT_FALSE(w.core().names().resolve_name("p"));
  EXPECT_EQ(6u, log.at(2, "bad_name: a spawn of").size());
  const std::string shown =
      "a spawn of 'f' as port '" + std::string(64, 'x') + "' was refused: a name has at most 1024";
  EXPECT_EQ(1u, log.at(2, shown).size());
  EXPECT_EQ("f(x)", spawn(longest, "f", "aaa"));
}

TEST_F(a_function, is_not_spawned_under_a_name_that_this_node_gives_or_none) {
  define("f");
  const port_id p = w.me.port();
  for (const std::string& name : {std::string(), p.name(), std::string("u.5")})
    EXPECT_EQ("", spawn(name, "f", "aaa"));
  EXPECT_EQ(3u, log.at(1, "is no name that another node may give to a port").size());
  EXPECT_EQ("", end_of(p.name()));
}

TEST_F(a_function, that_must_not_be_spawned_ends_its_port_at_once) {
  define("f", words{"bbb"});
  EXPECT_EQ("", spawn("p", "f", "aaa"));
  EXPECT_EQ("", spawn("q", "nothing", "aaa"));
  EXPECT_EQ(2u, log.at(2, "a spawn ends at once: function '").size());
  EXPECT_TRUE(end_of("p").starts_with(refused + " function 'f' was not called for node aaa: "));
  EXPECT_TRUE(end_of("q").starts_with("no_such_function function 'nothing' is not defined"));
  EXPECT_EQ("f(x)", spawn("p", "f", "bbb")) << "the name is free again";
}

TEST_F(a_function, is_not_spawned_for_others_when_the_node_is_about_to_leave) {
  define("f");
  known.refuse_spawns();
  EXPECT_EQ("", spawn("p", "f", "aaa"));
  EXPECT_TRUE(end_of("p").starts_with("node_is_leaving function 'f' was not spawned for node aaa: "));
  EXPECT_EQ("", spawn("q", "nothing", "aaa"));
  EXPECT_TRUE(end_of("q").starts_with("no_such_function")) << "which is more to the point";
  EXPECT_EQ("f(x)", spawn("r", "f", this_node));
  EXPECT_EQ("f(1)", call("f", message(1), "aaa"));
}

TEST_F(a_function, is_not_spawned_when_the_node_has_ended) {
  define("f");
  node.end();
  EXPECT_EQ("", spawn("p", "f", this_node));
  EXPECT_FALSE(w.core().names().resolve_name("p"));
  EXPECT_TRUE(log.lines().empty());
}

// ---- secure nodes ----

class a_function_of_a_secure_node : public a_function {
 protected:
  a_function_of_a_secure_node() : a_function(true) {}
};

TEST_F(a_function_of_a_secure_node, is_for_no_other_node_not_even_for_one_that_is_named) {
  define("f", words{"aaa", "@admins"});
  join("admins", {"aaa#p"});
  EXPECT_TRUE(known.is_secure());
  EXPECT_EQ("", call("f", {}, "aaa"));
  EXPECT_EQ("", spawn("p", "f", "aaa"));
  EXPECT_TRUE(end_of("p").ends_with("node here is secure, remote execution not allowed"));
  EXPECT_EQ(refused, answer("nothing", "aaa")) << "it does not say what there is";
}

TEST_F(a_function_of_a_secure_node, is_for_this_node_as_ever) {
  define("f", words{});
  EXPECT_EQ("f(1)", call("f", message(1), this_node));
  EXPECT_EQ("f(x)", spawn("p", "f", this_node));
  EXPECT_EQ("no_such_function", answer("nothing", this_node));
}

TEST_F(a_function_of_a_secure_node, can_be_called_by_all_if_it_is_part_of_the_node) {
  known.serve("s", [this](const message&, const std::string& from) { d("served " + from); });
  EXPECT_EQ("served aaa", call("s", {}, "aaa"));
}

// ---- the end ----

TEST_F(a_function, is_destroyed_when_it_is_forgotten_and_may_use_the_others_meanwhile) {
  struct last_look {
    functions& all;
    diary& d;
    ~last_look() { d(all.find("g") == nullptr ? "g is gone" : "g is there"); }
  };
  auto captured = std::make_shared<last_look>(last_look{known, d});
  d.take();
  known.define("f", handler([captured] {}), {});
  captured.reset();
  define("g");
  known.forget_defined();
  EXPECT_EQ("g is gone", d.take());
  EXPECT_EQ("no_such_function", answer("g", this_node));
}

TEST_F(a_function, of_the_node_itself_is_destroyed_when_it_is_forgotten) {
  const auto captured = std::make_shared<int>(0);
  known.serve("s", [captured](const message&, const std::string&) {});
  known.forget_served();
  EXPECT_EQ(1, captured.use_count());
  EXPECT_FALSE(known.serves("s"));
}

TEST(functions, may_be_redefined_when_what_the_old_one_captured_uses_functions_as_it_is_destroyed) {
  struct at_end {
    std::function<void()> f;
    ~at_end() { f(); }
  };
  diary d;
  world w;
  auto last = std::make_shared<at_end>();
  last->f = [&] {
    (void)w.me.spawn("here", "g");
    d("destroyed");
  };
  w.me.define("g", [] {});
  w.me.define("f", [last] {});
  w.settle();
  last.reset();
  w.me.define("f", [] {});
  w.settle();
  EXPECT_EQ("destroyed", d.text());
}

}  // namespace
}  // namespace aemp::core
