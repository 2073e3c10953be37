#include "mesh/arrivals.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;

const net::endpoint place_of_aaa{"10.0.0.2", 4040};

class a_stream_that_arrives : public parts {
 protected:
  void adopt(far_end& other, const origin& from = {}) {
    w.inside([&] { streams.adopt(other.stream(), from); });
    w.settle();
  }
  // The node is looked for, and the stream comes of that.
  origin search_for(const std::string& node, far_end& other) {
    w.inside([&] {
      peer& p = all.add(node);
      dialler::callbacks tell;
      tell.stream = [this, node](const net::endpoint& at, std::unique_ptr<net::stream> stream) {
        streams.adopt(std::move(stream), {at, node});
      };
      all.begin_search(p, std::make_unique<dialler>(w.worker_at(), network, s, chance, std::move(tell)));
      p.dial->add(std::vector<net::endpoint>{place_of_aaa});
    });
    w.pass(100ms);
    network.answer(place_of_aaa, other.stream());
    w.settle();
    return {place_of_aaa, node};
  }
  std::string tried() const { return all.find("aaa")->dial->outcomes(); }

  arrivals streams{w.core(), s, made, greeter, told, data, patient, *this};
  far_end aaa{w, {.id = "aaa"}}, bbb{w, {.id = "bbb"}};
};

TEST_F(a_stream_that_arrives, becomes_a_connection_that_greets_at_once_and_belongs_to_that_owner) {
  adopt(aaa);
  ASSERT_EQ(1u, made.in_order().size());
  EXPECT_TRUE(aaa.shared().written.starts_with("aemp;")) << aaa.shared().written;
  aaa.shake_hands();
  EXPECT_TRUE(aaa.is_up());
  EXPECT_TRUE(made.handshakes().empty()) << "the owner has heard of it";
  aaa.send("log", message("hello"));
  EXPECT_EQ(words{"log hello"}, packets);
}

TEST_F(a_stream_that_arrives, remembers_where_it_comes_from) {
  adopt(aaa, {.dialled = place_of_aaa, .wanted = "aaa", .through = "middle"});
  const origin& from = made.in_order().at(0)->from;
  EXPECT_EQ(place_of_aaa, from.dialled);
  EXPECT_EQ("aaa", from.wanted);
  EXPECT_EQ("middle", from.through);
}

TEST_F(a_stream_that_arrives, costs_another_handshake_its_place_only_when_it_came_in) {
  s.limits.max_handshakes = 1;
  adopt(aaa);
  adopt(bbb, {.dialled = place_of_aaa});
  EXPECT_TRUE(aaa.is_open() && bbb.is_open());
  far_end third(w, {.id = "ccc"});
  adopt(third);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_TRUE(bbb.is_open() && third.is_open());
}

TEST_F(a_stream_that_arrives, may_ask_for_a_data_connection_when_somebody_serves_these) {
  far_end early(w, {.id = "aaa", .protocol = data_protocol, .keys = {{data_key, "d1"}}});
  adopt(early);
  early.greet();
  EXPECT_EQ(words{"unknown_protocol"}, patient.ended);
  data.serve(*this);
  far_end late(w, {.id = "aaa", .protocol = data_protocol, .keys = {{data_key, "d1"}}});
  adopt(late);
  late.greet();
  EXPECT_EQ(1u, patient.ended.size());
  EXPECT_TRUE(late.is_open());
}

// ---- a secret that is too weak for other machines ----

TEST_F(a_stream_that_arrives, from_another_machine_is_refused_where_the_secret_is_weak) {
  s.stays_here = true;
  adopt(aaa);
  EXPECT_TRUE(made.in_order().empty());
  EXPECT_FALSE(aaa.is_open());
  EXPECT_EQ("", aaa.shared().written) << "not even a greeting leaves";
  EXPECT_TRUE(was_logged(2, "no connection with 10.0.0.2:4040: weak_secret"));
}

TEST_F(a_stream_that_arrives, from_here_or_through_another_node_is_welcome_with_a_weak_secret) {
  s.stays_here = true;
  far_end near(w, {.id = "aaa", .host = "127.0.0.1"});
  adopt(near);
  adopt(bbb, {.through = "middle"});
  EXPECT_EQ(2u, made.in_order().size());
}

TEST_F(a_stream_that_arrives, is_told_to_whoever_has_dialled_it_when_it_is_refused) {
  s.stays_here = true;
  search_for("aaa", aaa);
  EXPECT_TRUE(tried().starts_with("10.0.0.2:4040: weak_secret: ")) << tried();
}

// ---- exceptions ----

TEST_F(a_stream_that_arrives, ends_with_an_exception_before_it_is_a_connection_and_its_dialler_hears_of_it) {
  adopt(bbb);
  aaa.shared().no_local = true;
  search_for("aaa", aaa);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_TRUE(tried().starts_with("10.0.0.2:4040: internal_error: ")) << tried();
  EXPECT_EQ(1u, w.core().internal_errors());
  EXPECT_EQ(1u, made.in_order().size());
  EXPECT_TRUE(bbb.is_open());
}

TEST_F(a_stream_that_arrives, ends_with_an_exception_of_its_connection_which_its_owner_hears_of) {
  adopt(bbb);
  aaa.shared().no_start = true;
  adopt(aaa);
  EXPECT_EQ(words{"internal_error"}, patient.ended);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_EQ(1u, made.in_order().size());
  bbb.shake_hands();
  EXPECT_TRUE(bbb.is_up());
}

TEST_F(a_stream_that_arrives, that_came_in_ends_with_an_exception_without_a_word_to_anybody) {
  aaa.shared().no_local = true;
  adopt(aaa);
  EXPECT_FALSE(aaa.is_open());
  EXPECT_EQ(1u, w.core().internal_errors());
  EXPECT_EQ("", news.text());
}

}  // namespace
}  // namespace aemp::mesh
