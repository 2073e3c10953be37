#include "mesh/membership.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;

const net::endpoint place_of_aaa{"10.0.0.2", 4040};

backlog::packet packet_to_log(int n) { return {backlog::packet::kind::message, "log", message("waited", n)}; }

class who_is_up : public parts {
 protected:
  // Both sides have proven themselves, and nobody has brought the node up.
  connection& ready(far_end& other, const origin& from = {}) {
    connection& c = begin(other, from, patient);
    other.shake_hands();
    return c;
  }
  void bring_up(connection& c) {
    w.inside([&] { members.bring_up(c); });
    w.settle();
  }
  void lose(const std::string& node, const std::string& why) {
    w.inside([&] { members.lose(node, why); });
    w.settle();
  }
  void add_alias(const std::string& alias, const std::string& of) {
    w.inside([&] { members.add_alias(alias, *all.find(of)); });
    w.settle();
  }
  // Somebody looks for the node, and something waits for it.
  peer& look_for(const std::string& node, dialler::callbacks tell = {}) {
    peer& p = all.add(node);
    all.begin_search(
        p, std::make_unique<dialler>(w.worker_at(), network, s, chance, std::move(tell), core::duration(0)));
    EXPECT_TRUE(limits.add_waiting(p, packet_to_log(1)));
    return p;
  }
  void wait_until_drained(const std::string& node) {
    w.inside([&] { w.me.when_drained(node, [this] { news("is_drained"); }); });
  }
  void remember_a_way(connection& c) { latest = {*port_id::parse("aaa#log"), "log", &c}; }

  far_end a{w, {.id = "aaa"}}, b{w, {.id = "bbb"}};
};

// ---- a node comes ----

TEST_F(who_is_up, is_known_to_the_core_before_anybody_else_hears_of_it_and_only_then_what_waits_is_sent) {
  const peer& p = look_for("aaa");
  on_came_up = [&](connection& c) {
    EXPECT_TRUE(is_in_core("aaa"));
    EXPECT_EQ(&c, p.up);
    c.send({"log"}, message("first"));
  };
  bring_up(ready(a));
  EXPECT_EQ("+aaa", news.text());
  EXPECT_EQ((words{"log first", "log waited 1"}), a.heard());
  EXPECT_EQ(0u, p.waiting.size());
  EXPECT_EQ(0u, limits.waiting());
}

TEST_F(who_is_up, is_not_looked_for_any_more) {
  const peer& p = look_for("aaa");
  bring_up(ready(a));
  EXPECT_EQ(nullptr, p.dial);
  w.pass(s.monitor_timeout * 2);
  EXPECT_TRUE(all.is_up("aaa"));
}

TEST_F(who_is_up, may_be_lost_again_while_others_hear_that_it_has_come) {
  look_for("aaa");
  on_came_up = [&](connection& c) {
    c.close({"no_more", "please"});
    members.lose("aaa", "it was ended");
  };
  bring_up(ready(a));
  EXPECT_EQ("+aaa -aaa", news.text());
  EXPECT_FALSE(is_in_core("aaa"));
  EXPECT_EQ(nullptr, all.find("aaa"));
  EXPECT_TRUE(a.heard().empty());
}

TEST_F(who_is_up, can_be_dialled_again_where_it_was_dialled) {
  bring_up(ready(a, {.dialled = place_of_aaa}));
  EXPECT_EQ(std::vector<net::endpoint>{place_of_aaa}, places.to("aaa"));
}

TEST_F(who_is_up, cannot_be_dialled_where_it_came_from_nor_at_a_node_in_the_middle) {
  bring_up(ready(a));
  bring_up(ready(b, {.dialled = place_of_aaa, .through = "aaa"}));
  EXPECT_TRUE(places.to("aaa").empty());
  EXPECT_TRUE(places.to("bbb").empty());
}

TEST_F(who_is_up, is_found_anew_by_the_next_message) {
  connection& c = ready(a);
  remember_a_way(c);
  bring_up(c);
  EXPECT_EQ(nullptr, latest.up);
}

TEST_F(who_is_up, is_a_way_to_others_unless_it_is_up_by_a_circuit_itself) {
  core::diary tried;
  dialler::callbacks tell;
  tell.through = [&](const std::string& node) -> result<net::endpoint> {
    tried(node);
    return error{"not_connected", "not yet"};
  };
  w.inside([&] {
    peer& p = look_for("hidden", tell);
    p.dial->add_way("aaa");
    p.dial->add_way("bbb");
  });
  bring_up(ready(b, {.dialled = place_of_aaa, .through = "ccc"}));
  tried.take();
  connection& c = ready(a);
  tried.take();
  w.inside([&] {
    members.bring_up(c);
    EXPECT_EQ("aaa", tried.take());
  });
  far_end other(w, {.id = "bbb"});
  connection& again = ready(other, {.dialled = place_of_aaa, .through = "ccc"});
  tried.take();
  w.inside([&] {
    members.lose("bbb", "for the test");
    members.bring_up(again);
    EXPECT_EQ("", tried.text());
  });
}

TEST_F(who_is_up, tells_those_who_wait_for_it_to_be_drained) {
  all.add("aaa");
  wait_until_drained("aaa");
  connection& c = ready(a);
  EXPECT_EQ("", news.text());
  bring_up(c);
  EXPECT_EQ("+aaa drained:aaa", news.text());
}

TEST_F(who_is_up, tells_which_of_its_ports_are_dead_by_each_of_its_names) {
  bring_up(ready(a));
  look_for("10.0.0.2:4040");
  add_alias("10.0.0.2:4040", "aaa");
  mon("aaa#p");
  mon("10.0.0.2:4040#p");
  mon("aaa#q");
  w.inside([&] { all.find("aaa")->protocol->handle(message("kil0", "p", "no", "more")); });
  w.settle();
  EXPECT_EQ((words{"no more", "no more"}), reasons);
}

// ---- other names ----

TEST_F(who_is_up, gets_what_waits_for_its_other_names) {
  bring_up(ready(a));
  const peer& alias = look_for("10.0.0.2:4040");
  remember_a_way(*all.find("aaa")->up);
  add_alias("10.0.0.2:4040", "aaa");
  EXPECT_EQ(words{"log waited 1"}, a.heard());
  EXPECT_EQ(nullptr, alias.dial);
  EXPECT_EQ(0u, limits.waiting());
  EXPECT_EQ(nullptr, latest.up);
  EXPECT_EQ("aaa", all.real_name("10.0.0.2:4040"));
  EXPECT_EQ("+aaa", news.text()) << "an alias does not come up";
}

TEST_F(who_is_up, lets_those_go_on_who_wait_for_another_name_of_it) {
  bring_up(ready(a));
  look_for("10.0.0.2:4040");
  wait_until_drained("10.0.0.2:4040");
  add_alias("10.0.0.2:4040", "aaa");
  EXPECT_EQ("+aaa is_drained", news.text());
}

TEST_F(who_is_up, gets_no_name_that_nobody_looks_for_nor_its_own_nor_that_of_a_node_that_is_up) {
  bring_up(ready(a));
  bring_up(ready(b));
  for (const char* name : {"nobody", "aaa", "bbb"}) add_alias(name, "aaa");
  EXPECT_EQ(2u, all.size());
  EXPECT_TRUE(all.find("aaa")->aliases.empty());
  EXPECT_TRUE(all.is_up("bbb"));
}

TEST_F(who_is_up, has_64_other_names_and_the_next_one_is_lost) {
  bring_up(ready(a));
  for (int i = 0; i < 65; ++i) {
    const std::string alias = "10.0.0.2:" + std::to_string(5000 + i);
    all.add(alias);
    add_alias(alias, "aaa");
  }
  EXPECT_EQ(64u, all.find("aaa")->aliases.size());
  EXPECT_EQ("+aaa !10.0.0.2:5064", news.text());
  EXPECT_EQ(nullptr, all.find("10.0.0.2:5064"));
}

TEST_F(who_is_up, is_no_other_name_any_more_once_it_is_a_node_of_its_own) {
  bring_up(ready(a));
  look_for("bbb");
  add_alias("bbb", "aaa");
  mon("bbb#p");
  bring_up(ready(b));
  EXPECT_EQ("+aaa !bbb +bbb", news.text());
  EXPECT_EQ(1u, reasons.size());
  EXPECT_TRUE(all.is_up("bbb"));
  EXPECT_TRUE(all.find("aaa")->aliases.empty());
}

// ---- a node is lost ----

TEST_F(who_is_up, is_lost_to_the_core_and_its_monitors_before_others_hear_of_it) {
  bring_up(ready(a));
  mon("aaa#p");
  on_lost = [&](const std::string& node) {
    EXPECT_EQ("aaa", node);
    EXPECT_FALSE(is_in_core("aaa"));
    EXPECT_FALSE(w.core().monitors().is_watching("aaa"));
    EXPECT_EQ(nullptr, all.find("aaa"));
  };
  lose("aaa", "the cable");
  EXPECT_EQ("+aaa -aaa", news.text());
  EXPECT_EQ(words{"the cable"}, losses);
  EXPECT_EQ(words{"transport_error aaa the cable"}, reasons);
}

TEST_F(who_is_up, is_lost_for_the_reason_that_is_given) {
  bring_up(ready(a));
  mon("aaa#p");
  w.inside([&] { members.lose("aaa", "it stops", "node_stopped"); });
  w.settle();
  EXPECT_EQ(words{"node_stopped aaa it stops"}, reasons);
}

TEST_F(who_is_up, takes_its_other_names_with_it) {
  bring_up(ready(a));
  look_for("10.0.0.2:4040");
  add_alias("10.0.0.2:4040", "aaa");
  mon("10.0.0.2:4040#p");
  lose("aaa", "the cable");
  EXPECT_EQ("+aaa !10.0.0.2:4040 -aaa", news.text());
  EXPECT_EQ(words{"transport_error 10.0.0.2:4040 the cable"}, reasons);
  EXPECT_EQ(0u, all.size());
}

TEST_F(who_is_up, is_not_lost_twice) {
  bring_up(ready(a));
  lose("aaa", "the cable");
  news.take();
  lose("aaa", "the cable");
  lose("nobody", "the cable");
  EXPECT_EQ("", news.text());
}

TEST_F(who_is_up, is_not_dialled_at_once_when_it_is_lost_but_one_that_never_was_up_may_be) {
  bring_up(ready(a));
  look_for("bbb");
  lose("aaa", "the cable");
  lose("bbb", "nobody answers");
  EXPECT_LT(core::duration(0), pauses.wait_for("aaa", w.time().now()));
  EXPECT_EQ(core::duration(0), pauses.wait_for("bbb", w.time().now()));
}

TEST_F(who_is_up, lets_go_of_everything_that_waited_for_it_when_it_could_not_be_reached) {
  look_for("aaa");
  wait_until_drained("aaa");
  mon("aaa#p");
  lose("aaa", "nobody answers");
  EXPECT_EQ(0u, limits.waiting());
  EXPECT_EQ("!aaa is_drained", news.text());
  EXPECT_EQ(words{"transport_error aaa nobody answers"}, reasons);
  w.pass(s.monitor_timeout * 2);
}

TEST_F(who_is_up, is_not_on_the_way_of_the_next_message_when_it_is_lost) {
  connection& c = ready(a);
  bring_up(c);
  remember_a_way(c);
  lose("aaa", "the cable");
  EXPECT_EQ(nullptr, latest.up);
}

TEST_F(who_is_up, makes_room_for_those_who_claim_its_place_after_everybody_has_heard_of_its_loss) {
  bring_up(ready(a));
  far_end heir(w, {.id = "aaa"});
  patient.holds = true;
  connection& claimant = ready(heir);
  peer& p = *all.find("aaa");
  w.inside([&] {
    p.in_question = std::make_unique<succession>(w.worker_at(), *p.up, s.monitor_timeout, "1", [] {});
    p.in_question->add(claimant, true);
  });
  EXPECT_FALSE(heir.is_up());
  on_lost = [&](const std::string&) { EXPECT_FALSE(claimant.is_ready()); };
  lose("aaa", "the cable");
  EXPECT_TRUE(heir.is_up());
  EXPECT_TRUE(claimant.is_ready());
}

}  // namespace
}  // namespace aemp::mesh
