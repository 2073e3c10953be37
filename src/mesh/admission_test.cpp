// Two nodes, the handshakes between them step by step, and who decides. What comes of all orders is tested in
// rivals_test and succession_test.
#include "mesh/admission.hpp"

#include "mesh/goodbye.hpp"
#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;

const net::endpoint their_place{"10.0.0.2", 4040};

class admission_of_a_pair : public parts {
 protected:
  void settle(const std::string& node, bool holder_lives) {
    w.inside([&] { who_may.settle_claims(node, holder_lives); });
    w.settle();
  }
  static words question(int n) { return {" snd here# devnull " + std::to_string(n)}; }

  // "here" is the arbiter for aaa, and zzz is the arbiter for "here". Each of them twice as the same process,
  // and as another one.
  far_end aaa{w, {.id = "aaa", .instance = "i"}}, aaa_too{w, {.id = "aaa", .instance = "i"}};
  far_end aaa_anew{w, {.id = "aaa", .instance = "j", .host = "10.0.0.3"}};
  far_end zzz{w, {.id = "zzz", .instance = "i"}}, zzz_too{w, {.id = "zzz", .instance = "i"}};
  far_end zzz_anew{w, {.id = "zzz", .instance = "j", .host = "10.0.0.3"}};
};

// ---- who shows its proof first ----

TEST_F(admission_of_a_pair, keeps_the_arbiters_proof_back_until_the_other_node_has_proven_itself) {
  begin(aaa);
  aaa.greet();
  EXPECT_FALSE(aaa.has_seen_proof());
  aaa.prove();
  EXPECT_TRUE(aaa.is_up());
  EXPECT_EQ("+aaa", news.text());
  EXPECT_EQ(1u, aaa.acceptance());
}

TEST_F(admission_of_a_pair, shows_the_proof_at_once_where_the_other_node_is_the_arbiter) {
  begin(zzz);
  zzz.greet();
  EXPECT_TRUE(zzz.has_seen_proof());
  EXPECT_EQ("", news.text()) << "nothing is proven yet";
  zzz.prove();
  EXPECT_EQ("+zzz", news.text());
}

TEST_F(admission_of_a_pair, is_left_to_this_node_by_one_that_does_not_know_the_rule) {
  far_end old(w, {.id = "zzz", .has_rule = false});
  begin(old);
  old.greet();
  EXPECT_FALSE(old.has_seen_proof());
  old.prove();
  EXPECT_EQ("+zzz", news.text());
}

TEST_F(admission_of_a_pair, is_no_matter_of_data_connections) {
  far_end stream(w, {.id = "aaa", .protocol = data_protocol, .keys = {{data_key, "d1"}}});
  data.serve(*this);
  connect(aaa);
  begin(stream);
  stream.greet();
  EXPECT_TRUE(stream.has_seen_proof()) << "nobody holds anything back";
  stream.prove();
  EXPECT_EQ("+aaa data:aaa:d1", news.text());
  EXPECT_TRUE(aaa.is_open());
}

// ---- rivals ----

TEST_F(admission_of_a_pair, closes_the_other_handshakes_with_the_node_when_the_arbiter_has_chosen) {
  far_end other(w, {.id = "bbb"}), unknown(w, {.id = "aaa"});
  far_end stream(w, {.id = "aaa", .protocol = data_protocol, .keys = {{data_key, "d1"}}});
  begin(aaa);
  begin(aaa_too);
  begin(other);
  begin(unknown);
  begin(stream);
  for (far_end* e : {&aaa, &aaa_too, &other, &stream}) e->greet();
  aaa_too.prove();
  EXPECT_TRUE(aaa_too.is_up());
  EXPECT_FALSE(aaa.is_open());
  EXPECT_TRUE(other.is_open()) << "another node";
  EXPECT_TRUE(unknown.is_open()) << "has not said who it is";
  EXPECT_TRUE(stream.is_open()) << "a data connection";
  EXPECT_TRUE(was_logged(7, "already_connected: node aaa is connected already"));
}

TEST_F(admission_of_a_pair, leaves_the_choice_to_the_other_arbiter) {
  begin(zzz);
  begin(zzz_too);
  zzz.shake_hands();
  zzz_too.greet();
  EXPECT_TRUE(zzz.is_up());
  EXPECT_TRUE(zzz_too.is_open());
  zzz_too.prove();
  EXPECT_FALSE(zzz.is_open()) << "the arbiter has given it up";
  EXPECT_TRUE(zzz_too.is_up());
  EXPECT_EQ("+zzz -zzz +zzz", news.text());
}

TEST_F(admission_of_a_pair, knows_which_of_two_the_other_arbiter_accepted_later) {
  begin(zzz);
  begin(zzz_too);
  zzz.greet();
  zzz_too.greet();
  zzz.prove(2);
  EXPECT_EQ("+zzz", news.text());
  zzz_too.prove(1);
  EXPECT_FALSE(zzz_too.is_open()) << "its acceptance took longer on the way";
  EXPECT_TRUE(zzz.is_open());
  EXPECT_EQ("+zzz", news.text());
}

TEST_F(admission_of_a_pair, knows_only_which_connection_is_older_where_two_processes_have_accepted) {
  begin(zzz);
  begin(zzz_anew);
  zzz.greet();
  zzz_anew.greet();
  zzz_anew.prove(1);
  zzz.prove(2);
  EXPECT_FALSE(zzz.is_open());
  EXPECT_TRUE(zzz_anew.is_open());
  EXPECT_EQ("+zzz", news.text());
}

TEST_F(admission_of_a_pair, ends_a_connection_that_the_arbiter_has_dialled_in_vain_at_once) {
  connect(aaa);
  begin(aaa_too, {.dialled = their_place, .wanted = "aaa"});
  aaa_too.greet();
  EXPECT_FALSE(aaa_too.is_open());
  EXPECT_TRUE(aaa.is_open());
  EXPECT_TRUE(aaa.heard().empty()) << "it is not asked";
}

// ---- a node that comes again ----

TEST_F(admission_of_a_pair, asks_the_holder_when_the_node_comes_again_and_has_proven_itself) {
  connect(aaa);
  begin(aaa_too);
  aaa_too.greet();
  EXPECT_TRUE(aaa.heard().empty());
  aaa_too.prove();
  EXPECT_EQ(question(1), aaa.heard());
  EXPECT_FALSE(aaa_too.has_seen_proof()) << "the claim waits";
  EXPECT_TRUE(aaa.is_open());
  EXPECT_EQ("+aaa", news.text());
}

TEST_F(admission_of_a_pair, refuses_the_claim_of_the_same_process_when_the_holder_lives) {
  connect(aaa);
  connect(aaa_too);
  settle("aaa", true);
  EXPECT_FALSE(aaa_too.is_open());
  EXPECT_TRUE(aaa.is_open());
  EXPECT_EQ("+aaa", news.text());
  EXPECT_TRUE(was_logged(7, "already_connected"));
  EXPECT_FALSE(was_logged(2, "same_node_id"));
}

TEST_F(admission_of_a_pair, names_both_of_two_processes_with_one_node_id) {
  connect(aaa);
  connect(aaa_anew);
  settle("aaa", true);
  EXPECT_FALSE(aaa_anew.is_open());
  EXPECT_TRUE(aaa.is_open());
  EXPECT_TRUE(
      was_logged(2, "same_node_id: two nodes call themselves aaa: the one at 10.0.0.2:4040 was here"));
  EXPECT_TRUE(was_logged(2, "give the one at 10.0.0.3:4040 a node ID of its own"));
}

TEST_F(admission_of_a_pair,
       gives_the_place_to_the_claimant_when_the_holder_is_silent_and_the_loss_comes_first) {
  connect(aaa);
  mon("aaa#p");
  connect(aaa_anew);
  on_came_up = [&](connection&) { EXPECT_EQ("+aaa -aaa +aaa", news.text()); };
  settle("aaa", false);
  EXPECT_EQ("+aaa -aaa +aaa", news.text());
  EXPECT_TRUE(aaa_anew.is_up());
  EXPECT_FALSE(aaa.is_open());
  ASSERT_EQ(1u, reasons.size());
  EXPECT_TRUE(reasons[0].starts_with("transport_error aaa connection_replaced: ")) << reasons[0];
}

TEST_F(admission_of_a_pair, waits_a_sixth_of_the_monitor_timeout_for_the_holder) {
  connect(aaa);
  connect(aaa_anew);
  w.pass(s.monitor_timeout / 6 - 1ms);
  EXPECT_TRUE(aaa.is_open());
  w.pass(2ms);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_TRUE(aaa_anew.is_up());
}

TEST_F(admission_of_a_pair, waits_for_less_where_the_holder_announces_that_it_speaks_more_often) {
  far_end quick(w, {.id = "aaa", .instance = "i", .keys = {{"heartbeat", "6"}}});
  connect(quick);
  connect(aaa_anew);
  w.pass(999ms);
  EXPECT_TRUE(quick.is_open());
  w.pass(2ms);
  EXPECT_FALSE(quick.is_open());
}

TEST_F(admission_of_a_pair, asks_once_for_all_claims_and_lets_the_first_of_them_win) {
  connect(aaa);
  connect(aaa_anew);
  connect(aaa_too);
  EXPECT_EQ(question(1), aaa.heard());
  settle("aaa", false);
  EXPECT_TRUE(aaa_anew.is_up());
  EXPECT_FALSE(aaa_too.is_open());
  EXPECT_EQ("+aaa -aaa +aaa", news.text());
}

TEST_F(admission_of_a_pair, asks_with_a_word_of_its_own_each_time) {
  connect(aaa);
  connect(aaa_anew);
  settle("aaa", true);
  connect(aaa_too);
  EXPECT_EQ((words{question(1)[0], question(2)[0]}), aaa.heard());
}

TEST_F(admission_of_a_pair, closes_a_silent_holder_even_when_the_proven_claimant_has_left) {
  connect(aaa);
  connect(aaa_anew);
  aaa_anew.hang_up();
  EXPECT_TRUE(aaa.is_open());
  settle("aaa", false);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_EQ("+aaa -aaa", news.text());
}

// The other node is the arbiter, and shows its proof after ours only.
TEST_F(admission_of_a_pair, asks_the_holder_before_it_shows_its_proof_to_another_process_of_the_arbiter) {
  connect(zzz);
  begin(zzz_anew);
  zzz_anew.greet();
  EXPECT_EQ(question(1), zzz.heard());
  EXPECT_FALSE(zzz_anew.has_seen_proof());
  settle("zzz", false);
  EXPECT_TRUE(zzz_anew.has_seen_proof());
  EXPECT_TRUE(zzz.is_open()) << "nothing is proven yet";
  zzz_anew.prove();
  EXPECT_TRUE(zzz_anew.is_up());
  EXPECT_EQ("+zzz -zzz +zzz", news.text());
}

TEST_F(admission_of_a_pair, never_closes_the_holder_for_somebody_who_has_proven_nothing) {
  connect(zzz);
  begin(zzz_anew);
  zzz_anew.greet();
  zzz_anew.hang_up();
  w.pass(s.monitor_timeout / 2);
  EXPECT_TRUE(zzz.is_open());
  EXPECT_EQ("+zzz", news.text());
}

TEST_F(admission_of_a_pair, closes_those_who_wait_for_an_answer_when_the_arbiter_has_replaced_the_holder) {
  connect(zzz);
  begin(zzz_anew);
  zzz_anew.greet();
  connect(zzz_too);
  EXPECT_TRUE(zzz_too.is_up());
  EXPECT_FALSE(zzz.is_open());
  EXPECT_FALSE(zzz_anew.is_open());
  EXPECT_EQ("+zzz -zzz +zzz", news.text());
}

TEST_F(admission_of_a_pair, does_not_ask_the_holder_where_the_same_process_of_the_arbiter_comes_again) {
  connect(zzz);
  begin(zzz_too);
  zzz_too.greet();
  EXPECT_TRUE(zzz.heard().empty());
  EXPECT_TRUE(zzz_too.has_seen_proof());
}

TEST_F(admission_of_a_pair,
       replaces_a_circuit_by_a_direct_connection_with_the_same_process_without_a_question) {
  connect(aaa, {.through = "middle"});
  connect(aaa_too);
  EXPECT_TRUE(aaa.heard().empty());
  EXPECT_TRUE(aaa_too.is_up());
  EXPECT_FALSE(aaa.is_open());
}

TEST_F(admission_of_a_pair, replaces_a_circuit_by_another_process_or_another_circuit_after_a_question_only) {
  connect(aaa, {.through = "middle"});
  connect(aaa_too, {.through = "another"});
  connect(aaa_anew);
  EXPECT_EQ(question(1), aaa.heard());
  EXPECT_TRUE(aaa.is_open());
  EXPECT_EQ("+aaa", news.text());
}

// ---- a connection ends ----

TEST_F(admission_of_a_pair, loses_the_node_with_the_reason_of_its_connections_end) {
  const std::pair<error, std::string> ends[] = {
      {{"connection_lost", "the cable"}, "transport_error aaa the cable"},
      {{"heartbeat_lost", "silence"}, "transport_error aaa silence"},
      {{"malformed_packet", "what?"}, "transport_error aaa malformed_packet: what?"},
      {{node_stopped, "it stops"}, "node_stopped aaa it stops"}};
  for (const auto& [why, reason] : ends) {
    far_end again(w, {.id = "aaa"});
    connection& c = connect(again);
    mon("aaa#p");
    w.inside([&] { c.close(why); });
    w.settle();
    EXPECT_EQ(words{reason}, std::exchange(reasons, {}));
    EXPECT_EQ("+aaa -aaa", news.take());
  }
}

TEST_F(admission_of_a_pair, does_not_lose_the_node_with_a_handshake_that_fails) {
  connect(aaa);
  begin(aaa_too);
  aaa_too.greet();
  aaa_too.hang_up();
  EXPECT_EQ("+aaa", news.text());
  EXPECT_TRUE(was_logged(7, "no connection from 10.0.0.2:4040: handshake_broken: node aaa closed"));
  EXPECT_EQ(1u, made.in_order().size());
}

TEST_F(admission_of_a_pair, is_done_with_a_handshake_when_the_connection_is_up) {
  connect(aaa);
  EXPECT_TRUE(made.handshakes().empty());
}

}  // namespace
}  // namespace aemp::mesh
