#include "mesh/outcomes.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;

const net::endpoint seed_place{"10.0.0.2", 4040};
const std::string noderef = "10.0.0.2:4040";

settings with_a_seed() {
  settings s = settings_of_parts();
  s.seeds = {{"10.0.0.2", 4040}};
  return s;
}

class what_becomes_of_a_dial : public parts {
 protected:
  what_becomes_of_a_dial() : parts(with_a_seed()) {}

  // The seed is dialled, and answers.
  connection& dial_seed(far_end& other) {
    w.inside([&] { given.start(); });
    w.pass(200ms);
    network.answer(seed_place, other.stream());
    return begin(other, {.dialled = seed_place}, patient);
  }
  // The node is looked for, a stream to that place is there, and somebody greets on it.
  connection& dial(const std::string& node, far_end& other) {
    w.inside([&] {
      peer& p = all.add(node);
      all.begin_search(p, std::make_unique<dialler>(w.worker_at(), network, s, chance,
                                                    dialler::callbacks{[](const auto&, auto) {}, {}, {}}));
      p.dial->add(std::vector<net::endpoint>{seed_place});
    });
    w.pass(100ms);
    network.answer(seed_place, other.stream());
    connection& c = begin(other, {.dialled = seed_place, .wanted = node}, patient);
    other.greet();
    return c;
  }
  // The node is up by another connection.
  void bring_up(far_end& other) {
    connection& c = begin(other, {}, patient);
    other.shake_hands();
    w.inside([&] { members.bring_up(c); });
    w.settle();
    news.take();
  }
  template <class F>
  void tell(F&& f) {
    w.inside(std::forward<F>(f));
    w.settle();
  }
  std::string tried(const std::string& node) const { return all.find(node)->dial->outcomes(); }
  static std::string shaking() { return "10.0.0.2:4040: the handshake did not come to an end"; }

  far_end aaa{w, {.id = "aaa"}}, other{w, {.id = "aaa"}};
  const error broken{"handshake_broken", "it hung up"};
};

// ---- seeds ----

TEST_F(what_becomes_of_a_dial, is_told_to_the_seeds_when_it_was_one_of_theirs) {
  connection& c = dial_seed(aaa);
  aaa.greet();
  EXPECT_FALSE(given.is_seed("aaa"));
  tell([&] { told.named(c); });
  EXPECT_TRUE(given.is_seed("aaa"));
  EXPECT_TRUE(given.trying());
  aaa.prove();
  tell([&] {
    members.bring_up(c);
    told.came_up(c);
  });
  EXPECT_FALSE(given.trying());
  EXPECT_FALSE(was_logged(2, ""));
  tell([&] { members.lose("aaa", "the cable"); });
  w.pass(10s);
  EXPECT_LT(1u, network.dials.size()) << "the first attempt is over";
}

TEST_F(what_becomes_of_a_dial, is_told_to_the_seeds_when_it_fails) {
  connection& c = dial_seed(aaa);
  news.take();
  tell([&] { told.handshake_failed(c, broken); });
  EXPECT_EQ("seed_failed", news.take());
  EXPECT_TRUE(was_logged(7, "seed 10.0.0.2:4040: handshake_broken: it hung up"));
  tell([&] { told.attempt_failed({.dialled = seed_place}, {"connection_refused", "no"}); });
  EXPECT_TRUE(was_logged(7, "seed 10.0.0.2:4040: connection_refused: no"));
}

TEST_F(what_becomes_of_a_dial, says_nothing_about_seeds_when_it_was_none_of_theirs) {
  connection& came_in = begin(aaa, {}, patient);
  aaa.shake_hands();
  connection& wanted = dial("aaa", other);
  tell([&] {
    told.named(came_in);
    told.named(wanted);
    members.bring_up(came_in);
    told.came_up(came_in);
    told.handshake_failed(wanted, broken);
  });
  EXPECT_FALSE(given.is_seed("aaa"));
  EXPECT_EQ("+aaa", news.text());
}

TEST_F(what_becomes_of_a_dial, makes_the_seeds_forget_the_node_itself) {
  connection& c = dial_seed(aaa);
  aaa.greet();
  tell([&] { told.handshake_failed(c, {"talking_to_myself", "no"}); });
  EXPECT_EQ(1u, given.size()) << "node aaa answers there";
  far_end self(w, {.id = "here"});
  begin(self, {.dialled = seed_place});
  self.greet();
  EXPECT_EQ(0u, given.size());
}

// ---- searches ----

TEST_F(what_becomes_of_a_dial, is_told_to_the_search_for_the_node) {
  connection& c = dial("aaa", aaa);
  EXPECT_EQ(shaking(), tried("aaa"));
  tell([&] { told.handshake_failed(c, broken); });
  EXPECT_EQ("10.0.0.2:4040: handshake_broken: it hung up", tried("aaa"));
}

TEST_F(what_becomes_of_a_dial, is_told_to_the_search_when_there_was_no_connection_at_all) {
  dial("aaa", aaa);
  tell([&] { told.attempt_failed({.dialled = seed_place, .wanted = "aaa"}, {"weak_secret", "longer"}); });
  EXPECT_EQ("10.0.0.2:4040: weak_secret: longer", tried("aaa"));
}

TEST_F(what_becomes_of_a_dial, is_nothing_that_anybody_has_to_hear_when_the_search_is_over) {
  connection& c = dial("aaa", aaa);
  tell([&] {
    members.lose("aaa", "too late");
    told.handshake_failed(c, broken);
    told.attempt_failed({.dialled = seed_place, .wanted = "aaa"}, broken);
  });
  EXPECT_EQ("!aaa", news.text());
}

TEST_F(what_becomes_of_a_dial, is_a_wrong_node_where_another_one_than_the_named_one_answers) {
  connection& c = dial("bbb", aaa);
  aaa.prove();
  tell([&] {
    members.bring_up(c);
    told.came_up(c);
  });
  EXPECT_EQ("10.0.0.2:4040: wrong_node: node aaa answers there", tried("bbb"));
  EXPECT_EQ("bbb", all.real_name("bbb"));
}

TEST_F(what_becomes_of_a_dial, is_another_name_of_the_node_that_answers_at_a_noderef) {
  connection& c = dial(noderef, aaa);
  aaa.prove();
  tell([&] {
    members.bring_up(c);
    told.came_up(c);
  });
  EXPECT_EQ("aaa", all.real_name(noderef));
}

TEST_F(what_becomes_of_a_dial, is_another_name_of_a_hidden_node_only_if_that_one_answers) {
  connection& right = dial("aaa@10.0.0.2:4040", aaa);
  aaa.prove();
  tell([&] {
    members.bring_up(right);
    told.came_up(right);
  });
  EXPECT_EQ("aaa", all.real_name("aaa@10.0.0.2:4040"));
  far_end bbb(w, {.id = "bbb"});
  connection& wrong = dial("ccc@10.0.0.2:4040", bbb);
  bbb.prove();
  tell([&] {
    members.bring_up(wrong);
    told.came_up(wrong);
  });
  EXPECT_EQ("ccc@10.0.0.2:4040", all.real_name("ccc@10.0.0.2:4040"));
  EXPECT_EQ("10.0.0.2:4040: wrong_node: node bbb answers there", tried("ccc@10.0.0.2:4040"));
}

TEST_F(what_becomes_of_a_dial, is_a_name_of_the_node_even_when_that_one_is_up_by_another_connection) {
  connection& c = dial(noderef, aaa);
  bring_up(other);
  tell([&] { told.handshake_failed(c, {"already_connected", "it is"}); });
  EXPECT_EQ("aaa", all.real_name(noderef));
}

TEST_F(what_becomes_of_a_dial, is_no_name_of_a_node_that_is_not_up) {
  connection& c = dial(noderef, aaa);
  all.add("aaa");
  tell([&] { told.handshake_failed(c, broken); });
  EXPECT_EQ(noderef, all.real_name(noderef));
  EXPECT_EQ("10.0.0.2:4040: handshake_broken: it hung up", tried(noderef));
}

// ---- data connections ----

TEST_F(what_becomes_of_a_dial, is_told_to_the_server_of_the_data_connection) {
  data.serve(*this);
  const origin from{.dialled = seed_place, .wanted = "aaa", .data_id = "d1"};
  connection& c = begin(aaa, from, patient);
  tell([&] { told.handshake_failed(c, broken); });
  EXPECT_EQ("no_data:aaa:d1:handshake_broken", news.take());
  tell([&] { told.attempt_failed(from, {"connection_refused", "no"}); });
  EXPECT_EQ("no_data:aaa:d1:connection_refused", news.take());
}

// ---- the log ----

TEST_F(what_becomes_of_a_dial, is_shown_to_people_unless_it_happens_in_a_healthy_network) {
  connection& in = begin(aaa, {}, patient);
  connection& out = begin(other, {.dialled = net::endpoint{"10.0.0.9", 1}}, patient);
  tell([&] {
    told.handshake_failed(in, {"wrong_secret", "no"});
    told.handshake_failed(out, {"no_common_auth", "no"});
    told.handshake_failed(in, {"talking_to_myself", "no"});
    for (const char* routine : {"already_connected", "handshake_broken", "handshake_timeout", "gave_up"})
      told.handshake_failed(in, {routine, "no"});
  });
  EXPECT_EQ((words{"no connection from 10.0.0.2:4040: wrong_secret: no",
                   "no connection to 10.0.0.2:4040: no_common_auth: no"}),
            log.at(2, "no connection"));
  EXPECT_EQ(5u, log.at(7, "no connection from").size());
}

TEST_F(what_becomes_of_a_dial,
       of_this_node_to_itself_is_shown_to_people_only_where_this_node_does_not_listen) {
  connection& c = begin(aaa, {.dialled = seed_place}, patient);
  const error why{"talking_to_myself", "no"};
  const std::string line = "no connection to 10.0.0.2:4040: talking_to_myself";
  tell([&] { told.handshake_failed(c, why); });
  EXPECT_EQ(1u, log.at(2, line).size());
  ASSERT_TRUE(open.open({seed_place}, [](std::unique_ptr<net::stream>) {}));
  tell([&] { told.handshake_failed(c, why); });
  EXPECT_EQ(1u, log.at(2, line).size());
  EXPECT_EQ(1u, log.at(7, line).size());
}

}  // namespace
}  // namespace aemp::mesh
