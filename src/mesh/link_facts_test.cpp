#include "mesh/link_facts.hpp"

#include "mesh/parts_test.hpp"

namespace aemp::mesh {
namespace {

using words = std::vector<std::string>;

const net::endpoint their_place{"10.0.0.2", 4040};

class what_is_known : public parts {
 protected:
  words links(std::uint64_t after, std::size_t most) {
    words out;
    for (const link_facts& f : links_after(w.core(), all, after, most))
      out.push_back(f.node + std::to_string(f.number));
    return out;
  }
  link_facts link(std::uint64_t number) { return links_after(w.core(), all, number - 1, 1).at(0); }
  void look_for(const std::string& node) {
    w.inside([&] {
      peer& p = all.add(node);
      all.begin_search(p, std::make_unique<dialler>(w.worker_at(), network, s, chance, dialler::callbacks{}));
      p.dial->add_way("middle");
    });
  }

  far_end aaa{w, {.id = "aaa"}}, bbb{w, {.id = "bbb"}}, ccc{w, {.id = "ccc"}};
};

TEST_F(what_is_known, is_listed_from_the_oldest_connection_on_so_many_at_a_time) {
  for (far_end* e : {&ccc, &aaa, &bbb}) connect(*e);
  EXPECT_EQ((words{"ccc1", "aaa2", "bbb3"}), links(0, 10));
  EXPECT_EQ((words{"ccc1", "aaa2"}), links(0, 2));
  EXPECT_EQ(words{"bbb3"}, links(2, 2));
  EXPECT_TRUE(links(3, 2).empty());
  EXPECT_TRUE(links(0, 0).empty());
}

TEST_F(what_is_known, is_one_link_per_node_that_is_up_whatever_else_it_is_called) {
  connect(aaa);
  begin(bbb);
  look_for("ccc");
  all.add(their_place.str());
  w.inside([&] { members.add_alias(their_place.str(), *all.find("aaa")); });
  EXPECT_EQ(words{"aaa1"}, links(0, 10));
}

TEST_F(what_is_known, of_a_connection_is_where_it_leads_and_who_began_it) {
  connect(aaa);
  connect(bbb, {.dialled = their_place});
  connect(ccc, {.dialled = their_place, .through = "aaa"});
  EXPECT_EQ("10.0.0.2:4040", link(1).address);
  EXPECT_EQ((std::vector{false, true, true}),
            (std::vector{link(1).dialled, link(2).dialled, link(3).dialled}));
  EXPECT_EQ((words{"", "", "aaa"}), (words{link(1).through, link(2).through, link(3).through}));
}

TEST_F(what_is_known, of_a_connection_is_how_it_was_agreed_on) {
  connect(aaa);
  EXPECT_EQ("json", link(1).framing_in);
  EXPECT_EQ("json", link(1).framing_out);
  EXPECT_EQ("hmac_sha3_512", link(1).auth);
  EXPECT_EQ("none", link(1).encryption);
}

TEST_F(what_is_known, of_a_connection_is_what_went_over_it_and_what_waits) {
  connection& c = connect(aaa);
  const traffic before = link(1).total;
  aaa.send("log", message("hello"));
  w.inside([&] {
    c.send({"log"}, message("one"));
    c.send({"log"}, message("two"));
    EXPECT_EQ(c.queued(), link(1).queued);
    EXPECT_LT(0u, link(1).queued);
  });
  w.settle();
  const link_facts after = link(1);
  EXPECT_EQ(0u, after.queued);
  EXPECT_EQ(before.packets_in + 1, after.total.packets_in);
  EXPECT_EQ(before.packets_out + 2, after.total.packets_out);
  EXPECT_EQ(before.bytes_in + std::string(R"(["log","hello"])").size(), after.total.bytes_in);
  EXPECT_EQ(before.bytes_out + std::string(R"(["log","one"]["log","two"])").size(), after.total.bytes_out);
}

TEST_F(what_is_known, of_a_connection_is_its_age_and_its_silence) {
  connect(aaa);
  w.pass(3s);
  aaa.send("log", message("hello"));
  w.pass(2s);
  EXPECT_EQ(5s, link(1).age);
  EXPECT_EQ(2s, link(1).idle);
}

TEST_F(what_is_known, of_a_connection_is_who_monitors_whom) {
  connect(aaa);
  w.inside([&] {
    const port_id mine = w.me.port("x", [] {});
    all.find("aaa")->protocol->handle(message("mon1", mine.name()));
  });
  mon("aaa#p");
  mon("aaa#q");
  mon("bbb#p");
  w.settle();
  EXPECT_EQ(1u, link(1).monitors);
  EXPECT_EQ(2u, link(1).watched);
}

TEST_F(what_is_known, of_a_wish_is_what_waits_for_it_and_what_was_tried) {
  connect(aaa);
  look_for("bbb");
  peer& p = *all.find("bbb");
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(limits.add_waiting(p, {backlog::packet::kind::message, "log", message("hello")}));
  const std::vector<wish_facts> wishes = wishes_in(all, 10);
  ASSERT_EQ(1u, wishes.size());
  EXPECT_EQ("bbb", wishes[0].node);
  EXPECT_EQ(2u, wishes[0].messages);
  EXPECT_EQ(p.waiting.bytes(), wishes[0].bytes);
  EXPECT_EQ("through node middle: not tried yet", wishes[0].tried);
}

TEST_F(what_is_known, of_wishes_is_no_more_than_was_asked_for) {
  for (const char* node : {"aaa", "bbb", "ccc"}) look_for(node);
  EXPECT_EQ(2u, wishes_in(all, 2).size());
  EXPECT_EQ(3u, wishes_in(all, 4).size());
}

}  // namespace
}  // namespace aemp::mesh
