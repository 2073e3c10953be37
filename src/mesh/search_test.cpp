#include "mesh/search.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;
using endpoints = std::vector<net::endpoint>;

const net::endpoint here{"10.0.0.1", 4040}, place_of_aaa{"10.0.0.2", 4040}, another{"10.0.0.3", 4040};

class a_search : public parts {
 protected:
  explicit a_search(const std::string& own_id = "here") : parts(settings_of_parts(), own_id) {}

  peer* reach(const std::string& node) {
    peer* p = nullptr;
    w.inside([&] { p = finds.reach(node); });
    w.settle();
    return p;
  }
  template <class F>
  void tell(F&& f) {
    w.inside(std::forward<F>(f));
    w.settle();
  }
  void answer(const net::endpoint& at, far_end& by) {
    w.inside([&] { network.answer(at, by.stream()); });
    w.settle();
  }
  // Why the core has lost the node after all that time.
  std::string end_of(const std::string& node) {
    mon(node + "#p");
    reach(node);
    w.pass(s.monitor_timeout);
    return reasons.empty() ? "" : reasons.back();
  }

  arrivals streams{w.core(), s, made, greeter, told, data, who_may, *this};
  search finds{w.core(), network, s,        chance,  all,     places, pauses,
               open,     made,    circuits, members, streams, nullptr};
  far_end aaa{w, {.id = "aaa"}}, mid{w, {.id = "mid"}};
};

// ---- where it looks ----

TEST_F(a_search, dials_what_is_known_and_ends_when_the_node_is_up) {
  finds.learn("aaa", {place_of_aaa});
  const peer* p = reach("aaa");
  ASSERT_NE(nullptr, p);
  EXPECT_EQ(p, all.find("aaa"));
  w.pass(100ms);
  EXPECT_EQ(endpoints{place_of_aaa}, network.dials);
  answer(place_of_aaa, aaa);
  aaa.shake_hands();
  EXPECT_EQ("+aaa", news.text());
  w.pass(s.monitor_timeout * 2);
  EXPECT_EQ(1u, network.dials.size());
  EXPECT_EQ("+aaa", news.text());
}

TEST_F(a_search, is_begun_once_and_not_for_a_node_that_is_up) {
  finds.learn("aaa", {place_of_aaa});
  const peer* p = reach("aaa");
  w.pass(100ms);
  EXPECT_EQ(p, reach("aaa"));
  w.pass(100ms);
  EXPECT_EQ(1u, network.dials.size());
  connect(mid);
  const peer* up = reach("mid");
  EXPECT_EQ(all.find_up("mid"), up);
  EXPECT_EQ(nullptr, up->dial);
}

TEST_F(a_search, dials_what_it_learns_on_the_way) {
  reach("aaa");
  w.pass(1s);
  EXPECT_TRUE(network.dials.empty());
  tell([&] { finds.learn("aaa", {place_of_aaa}); });
  w.pass(100ms);
  EXPECT_EQ(endpoints{place_of_aaa}, network.dials);
}

TEST_F(a_search, dials_the_places_that_a_noderef_says_and_those_that_were_learned) {
  finds.learn("10.0.0.2:4040", {another});
  reach("10.0.0.2:4040");
  w.pass(3s);
  EXPECT_EQ((endpoints{another, place_of_aaa}), network.dials);
}

TEST_F(a_search, does_not_learn_where_this_node_is_nor_forget_a_place_for_none) {
  finds.learn("here", {another});
  EXPECT_TRUE(places.to("here").empty());
  finds.learn("aaa", {place_of_aaa});
  finds.learn("aaa", {});
  EXPECT_EQ(endpoints{place_of_aaa}, places.to("aaa"));
}

TEST_F(a_search, waits_before_it_dials_a_node_that_was_lost_lately) {
  finds.learn("aaa", {place_of_aaa});
  const core::time_point now = w.time().now();
  for (int i = 0; i < 3; ++i) pauses.lost("aaa", now, now);
  const core::duration wait = pauses.wait_for("aaa", now);
  ASSERT_LT(1s, wait);
  reach("aaa");
  w.pass(wait - 1ms);
  EXPECT_TRUE(network.dials.empty());
  w.pass(60ms);
  EXPECT_EQ(1u, network.dials.size());
}

// ---- when nobody answers ----

TEST_F(a_search, loses_the_node_after_the_monitor_timeout_and_says_what_was_tried) {
  finds.learn("aaa", {place_of_aaa});
  reach("aaa");
  w.pass(s.monitor_timeout - 1ms);
  EXPECT_EQ("", news.text());
  w.pass(1ms);
  EXPECT_EQ("!aaa", news.text());
  EXPECT_EQ(words{"unable to connect within 30 s: 10.0.0.2:4040: no answer"}, losses);
}

TEST_F(a_search, closes_the_handshakes_that_came_of_it_when_it_gives_up) {
  finds.learn("aaa", {place_of_aaa});
  begin(mid);
  reach("aaa");
  w.pass(1s);
  answer(place_of_aaa, aaa);
  for (int i = 0; i < 3; ++i) {
    w.pass(9s);
    mid.say("a");  // a greeting that comes in drips
    aaa.say("a");
  }
  w.pass(2s);
  EXPECT_EQ("!aaa", news.text());
  EXPECT_FALSE(aaa.is_open());
  EXPECT_TRUE(mid.is_open());
  EXPECT_TRUE(was_logged(7, "no connection to 10.0.0.2:4040: gave_up: unable to connect"));
}

TEST_F(a_search, says_what_to_do_when_no_address_is_known) {
  const std::string reason = end_of("aaa");
  EXPECT_NE(std::string::npos, reason.find("no known address: node aaa did not connect by itself")) << reason;
}

TEST_F(a_search, says_that_a_hidden_node_has_to_be_connected_to_its_master) {
  const std::string far = end_of("aaa@10.0.0.3:4040");
  EXPECT_NE(std::string::npos, far.find("which has to be connected to its master there")) << far;
  ASSERT_TRUE(open.open({here}, [](std::unique_ptr<net::stream>) {}));
  const std::string near = end_of("aaa@10.0.0.1:4040");
  EXPECT_NE(std::string::npos, near.find("not connected to its master, which is this node")) << near;
}

TEST_F(a_search, is_over_when_nobody_knows_an_address_unless_there_is_one) {
  reach("aaa");
  tell([&] { finds.has_no_address("aaa"); });
  EXPECT_EQ("!aaa", news.take());
  tell([&] { finds.learn("aaa", {place_of_aaa}); });
  reach("aaa");
  connect(mid);
  news.take();
  tell([&] {
    finds.has_no_address("aaa");
    finds.has_no_address("mid");
    finds.has_no_address("nobody");
  });
  EXPECT_EQ("", news.text());
}

// ---- through other nodes ----

TEST_F(a_search, opens_a_circuit_through_a_node_that_is_connected) {
  connect(mid);
  reach("aaa");
  tell([&] { finds.add_ways("aaa", {"mid"}); });
  w.pass(1ms);
  ASSERT_FALSE(mid.heard().empty());
  const std::string asked = mid.heard().front();
  EXPECT_TRUE(asked.starts_with(" snd aaa# circuit here ") && asked.ends_with(" open")) << asked;
  ASSERT_EQ(2u, made.in_order().size());
  const origin& from = made.in_order()[1]->from;
  EXPECT_EQ("mid", from.through);
  EXPECT_EQ("aaa", from.wanted);
}

TEST_F(a_search, connects_the_node_in_the_middle_first_and_goes_on_as_soon_as_that_is_up) {
  finds.learn("mid", {another});
  reach("aaa");
  tell([&] { finds.add_ways("aaa", {"mid"}); });
  w.pass(100ms);
  EXPECT_EQ(endpoints{another}, network.dials);
  const std::string tried = all.find("aaa")->dial->outcomes();
  EXPECT_TRUE(tried.starts_with("through node mid: not_connected: it is not connected yet (")) << tried;
  answer(another, mid);
  mid.shake_hands();
  ASSERT_EQ(2u, made.in_order().size());
  EXPECT_EQ("mid", made.in_order()[1]->from.through);
  EXPECT_FALSE(mid.heard().empty());
}

TEST_F(a_search, for_a_hidden_node_goes_through_its_master_whatever_that_is_called) {
  reach("aaa@10.0.0.3:4040");
  w.pass(100ms);
  EXPECT_EQ(endpoints{another}, network.dials);
  answer(another, mid);
  mid.shake_hands();
  ASSERT_EQ(2u, made.in_order().size());
  EXPECT_EQ("mid", made.in_order()[1]->from.through);
}

TEST_F(a_search, goes_through_eight_other_nodes_at_most) {
  reach("aaa");
  words many;
  for (int i = 1; i <= 9; ++i) many.push_back("n" + std::to_string(i));
  tell([&] {
    finds.add_ways("aaa", many);
    finds.add_ways("nobody", many);
  });
  w.pass(29s);
  EXPECT_NE(nullptr, all.find("n8"));
  EXPECT_EQ(nullptr, all.find("n9"));
  EXPECT_EQ(nullptr, all.find("nobody"));
}

// ---- a hidden node whose master is this node ----

TEST_F(a_search, waits_for_a_hidden_node_of_this_one_to_come_by_itself) {
  ASSERT_TRUE(open.open({here}, [](std::unique_ptr<net::stream>) {}));
  EXPECT_FALSE(reach("aaa@10.0.0.1:4040")->dial->knows_places());
  EXPECT_TRUE(reach("aaa@10.0.0.3:4040")->dial->knows_places());
}

class a_search_of_a_noderef : public a_search {
 protected:
  a_search_of_a_noderef() : a_search("10.0.0.1:4040") {}
};

TEST_F(a_search_of_a_noderef,
       waits_for_hidden_nodes_that_call_it_their_master_even_if_it_does_not_listen_there) {
  EXPECT_FALSE(reach("aaa@10.0.0.1:4040")->dial->knows_places());
  EXPECT_TRUE(reach("aaa@10.0.0.3:4040")->dial->knows_places());
}

TEST_F(a_search, knows_a_hidden_node_of_this_one_that_is_connected_by_its_own_name) {
  ASSERT_TRUE(open.open({here}, [](std::unique_ptr<net::stream>) {}));
  connection& c = connect(aaa);
  const peer* p = reach("aaa@10.0.0.1:4040");
  ASSERT_NE(nullptr, p);
  EXPECT_EQ(&c, p->up);
  EXPECT_EQ("aaa", all.real_name("aaa@10.0.0.1:4040"));
}

TEST_F(a_search, may_end_at_once_and_then_there_is_no_peer_and_the_core_knows_it) {
  ASSERT_TRUE(open.open({here}, [](std::unique_ptr<net::stream>) {}));
  connect(aaa);
  const auto name = [](int i) { return "aaa@10.0.0.1:4040,10.0.0.9:" + std::to_string(i); };
  for (int i = 1; i <= 64; ++i) EXPECT_NE(nullptr, reach(name(i)));
  mon(name(65) + "#p");
  EXPECT_EQ(nullptr, reach(name(65)));
  EXPECT_EQ(1u, reasons.size());
}

}  // namespace
}  // namespace aemp::mesh
