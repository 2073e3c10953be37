#include "mesh/connections.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using list = std::vector<connection*>;
using words = std::vector<std::string>;

class all_connections : public parts {
 protected:
  connection& come(far_end& other, const origin& from = {}) { return begin(other, from, patient); }
  connection& come_up(far_end& other, const origin& from = {}) {
    connection& made_here = come(other, from);
    other.shake_hands();
    return made_here;
  }
  list under_way() const {
    list out;
    for (const auto& [number, shaking] : made.handshakes()) out.push_back(shaking);
    return out;
  }
  void knock() {
    w.inside([&] { made.make_room_for_a_handshake(); });
    w.settle();
  }
  // So many bytes of a message that is not complete.
  static void begin_message(far_end& other, std::size_t bytes) {
    other.say("[\"log\",\"" + std::string(bytes, 'x'));
  }
  void send(connection& c, std::size_t bytes) {
    w.inside([&] { c.send({"log"}, message(std::string(bytes, 'x'))); });
    w.settle();
  }
  void check_queued(std::size_t elsewhere) {
    w.inside([&] { made.check_queued(elsewhere); });
    w.settle();
  }

  far_end a{w, {.id = "aaa"}}, b{w, {.id = "bbb"}}, c{w, {.id = "ccc"}}, d{w, {.id = "ddd"}};
};

TEST_F(all_connections, are_numbered_in_the_order_in_which_they_were_made_and_do_not_start_by_themselves) {
  w.inside([&] {
    auto one = a.stream(), two = b.stream();
    auto first = greeter.on(*one, {}, false), second = greeter.on(*two, {}, false);
    connection& x = made.add(std::move(first), std::move(one), {}, patient, *this);
    connection& y = made.add(std::move(second), std::move(two), {}, patient, *this);
    EXPECT_EQ(1u, x.number);
    EXPECT_EQ(2u, y.number);
    EXPECT_TRUE(made.contains(x));
    EXPECT_EQ((list{&x, &y}), made.in_order());
  });
  w.settle();
  EXPECT_FALSE(a.shared().started);
  EXPECT_EQ("", a.shared().written);
}

TEST_F(all_connections, are_listed_with_the_oldest_first) {
  std::vector<std::unique_ptr<far_end>> others;
  list expected;
  for (int i = 0; i < 20; ++i) {
    others.push_back(std::make_unique<far_end>(w, far_end::who{.id = "n" + std::to_string(i)}));
    expected.push_back(&come(*others.back()));
  }
  EXPECT_EQ(expected, made.in_order());
  EXPECT_EQ(expected, under_way());
}

TEST_F(all_connections, have_handshakes_until_these_are_done_or_the_connection_has_ended) {
  connection &x = come(a), &y = come(b), &z = come(c);
  EXPECT_EQ((list{&x, &y, &z}), under_way());
  b.shake_hands();
  EXPECT_EQ((list{&x, &z}), under_way());
  a.hang_up();
  EXPECT_EQ(list{&z}, under_way());
  EXPECT_EQ((list{&y, &z}), made.in_order());
}

TEST_F(all_connections, live_until_the_worker_is_idle_after_they_have_retired) {
  connection& x = come(a);
  w.inside([&] {
    EXPECT_TRUE(made.retire(x));
    EXPECT_FALSE(made.contains(x));
    EXPECT_FALSE(made.retire(x));
    EXPECT_TRUE(made.in_order().empty());
  });
  EXPECT_TRUE(a.is_open());
  w.settle();
  EXPECT_FALSE(a.is_open());
}

TEST_F(all_connections, retire_together_and_are_destroyed_at_once_when_that_is_wanted) {
  come(a);
  come_up(b);
  w.inside([&] {
    made.retire_all();
    EXPECT_TRUE(made.in_order().empty());
    EXPECT_TRUE(made.handshakes().empty());
    EXPECT_TRUE(a.is_open() && b.is_open());
    made.drop_retired();
  });
  EXPECT_FALSE(a.is_open() || b.is_open());
}

TEST_F(all_connections, are_accepted_with_a_number_that_grows_as_far_as_they_are_still_here) {
  patient.holds = true;
  connection &x = come(a), &y = come(b), &z = come(c);
  for (far_end* other : {&a, &b, &c}) other->shake_hands();
  ASSERT_EQ((list{&x, &y, &z}), patient.proven);
  EXPECT_FALSE(a.has_seen_proof());
  w.inside([&] {
    made.retire(y);
    made.accept(z);
    made.accept(list{&y, &x});
  });
  EXPECT_TRUE(a.is_up());
  EXPECT_FALSE(b.is_up());
  EXPECT_EQ(1u, c.acceptance());
  EXPECT_EQ(2u, a.acceptance());
}

TEST_F(all_connections, that_are_up_say_goodbye_behind_what_waits_and_circuits_first) {
  far_end e(w, {.id = "eee", .keys = {{"goodbye", "1"}}});
  far_end f(w, {.id = "fff", .keys = {{"goodbye", "1"}}});
  core::diary order;
  a.shared().when_finished = [&] { order("shaking"); };
  e.shared().when_finished = [&] { order("direct"); };
  f.shared().when_finished = [&] { order("circuit"); };
  come(a);
  connection& direct = come_up(e);
  come_up(f, {.through = "eee"});
  w.inside([&] {
    direct.send({"log"}, message("last", 1));
    made.say_goodbye();
  });
  EXPECT_EQ("circuit direct", order.text());
  EXPECT_EQ((words{"log last 1", " aemp::goodbye"}), e.heard());
  EXPECT_EQ(words{" aemp::goodbye"}, f.heard());
  EXPECT_TRUE(patient.ended.empty());
}

// ---- limits ----

TEST_F(all_connections, that_come_in_cost_the_oldest_handshake_of_the_greediest_host_its_place) {
  s.limits.max_handshakes = 4;
  far_end lone(w, {.id = "lone", .host = "10.0.0.8"}), late(w, {.id = "late", .host = "10.0.0.9"});
  come(lone);
  come(a);
  come(b);
  knock();
  EXPECT_TRUE(patient.ended.empty());
  come(late);
  knock();
  EXPECT_EQ(words{"too_many_handshakes"}, patient.ended);
  EXPECT_FALSE(a.is_open());
  EXPECT_TRUE(lone.is_open() && b.is_open() && late.is_open());
}

TEST_F(all_connections, that_are_up_or_were_dialled_are_no_handshakes_that_have_to_make_room) {
  s.limits.max_handshakes = 2;
  come_up(a);
  come(b, {.dialled = net::endpoint{"10.0.0.2", 4040}});
  come(c);
  knock();
  EXPECT_TRUE(patient.ended.empty());
  come(d);
  knock();
  EXPECT_EQ(words{"too_many_handshakes"}, patient.ended);
  EXPECT_TRUE(a.is_open() && b.is_open() && d.is_open());
  EXPECT_FALSE(c.is_open());
}

TEST_F(all_connections, that_have_ended_leave_their_place_to_other_handshakes) {
  s.limits.max_handshakes = 2;
  come(a);
  come(b);
  a.hang_up();
  patient.ended.clear();
  knock();
  EXPECT_TRUE(patient.ended.empty());
}

TEST_F(all_connections, leave_half_of_the_descriptors_to_others) {
  come(a);
  network.descriptors = 4;
  knock();
  come(b);
  network.descriptors = 3;
  knock();
  EXPECT_EQ(words{"too_many_handshakes"}, patient.ended)
      << "with their own two there are five, and two are half";
  EXPECT_FALSE(a.is_open());
  EXPECT_TRUE(b.is_open());
}

TEST_F(all_connections, end_when_they_hold_most_of_what_is_incomplete_and_too_much) {
  s.limits.max_received_total = 1'000'000;
  come_up(a);
  come_up(b);
  come_up(c);
  begin_message(a, 300'000);
  begin_message(b, 500'000);
  EXPECT_TRUE(patient.ended.empty());
  begin_message(c, 250'000);
  EXPECT_EQ(words{"too_much_received"}, patient.ended);
  EXPECT_TRUE(a.is_open() && c.is_open());
  EXPECT_FALSE(b.is_open());
}

TEST_F(all_connections, that_have_ended_hold_nothing) {
  s.limits.max_received_total = 1'000'000;
  come_up(a);
  come_up(b);
  begin_message(a, 600'000);
  a.hang_up();
  patient.ended.clear();
  begin_message(b, 600'000);
  EXPECT_TRUE(patient.ended.empty());
  EXPECT_TRUE(b.is_open());
}

TEST_F(all_connections, end_when_most_waits_on_them_of_what_is_too_much_for_all) {
  connection &x = come_up(a), &y = come_up(b);
  a.shared().jammed = b.shared().jammed = true;
  send(x, 10'000);
  send(y, 20'000);
  s.limits.max_queued_total = made.queued() + 5'000;
  check_queued(5'000);
  EXPECT_TRUE(patient.ended.empty());
  check_queued(5'001);
  EXPECT_EQ(words{"send_buffer_full"}, patient.ended);
  EXPECT_TRUE(a.is_open());
  EXPECT_FALSE(b.is_open());
  EXPECT_EQ(x.queued(), made.queued());
}

TEST_F(all_connections, count_what_waits_on_those_that_are_up_only) {
  a.shared().jammed = b.shared().jammed = true;
  const connection& shaking = come(a);
  EXPECT_LT(0u, shaking.queued());
  EXPECT_EQ(0u, made.queued());
  b.shared().jammed = false;
  connection& up = come_up(b);
  b.shared().jammed = true;
  send(up, 1'000);
  EXPECT_LT(1'000u, up.queued());
  EXPECT_EQ(up.queued(), made.queued());
}

}  // namespace
}  // namespace aemp::mesh
