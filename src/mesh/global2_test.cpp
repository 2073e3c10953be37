// What a node of version 2 says to peers about large families, and how it asks them.
#include "mesh/global2.hpp"

#include <gtest/gtest.h>

#include <aemp/group.hpp>

#include "mesh/lots.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

using keys = std::vector<std::pair<std::string, std::string>>;
const keys original{{"mproto", "1"}, {"gproto", "1"}};
const keys of_this_library{{"mproto", "1"}, {"gproto", "1"}, {"arbiter", "1"}, {"lots", "1"}};

// A node with a peer that is played here.
class large_families : public testing::Test {
 protected:
  large_families() {
    settings s = plain_settings();
    s.global_2 = true;
    node_ = &w.add("alpha", std::move(s));
    node_->listen({"10.0.0.1", 4040});
  }
  ~large_families() override {
    node_->act([&] { kept_.clear(); });
  }

  void meet(keys greeting, bool is_seed = false) {
    plain_peer::options how;
    how.keys = std::move(greeting);
    peer_ = &w.join(std::make_unique<plain_peer>(w.net, "peer", "peer", std::move(how)));
    peer_->listen({"10.0.0.2", 4040});
    if (is_seed) node_->act([&] { node_->mesh.follow({{"10.0.0.2", 4040}}); });
    node_->start();
    if (!is_seed) peer_->dial({"10.0.0.1", 4040});
    ASSERT_TRUE(w.run_until([&] { return peer_->has("alpha") && node_->is_up("peer"); }, 5s));
    w.run(100ms);
  }
  void db_set(int from, int to) {
    node_->act([&] {
      group_functions groups(node_->core);
      for (int i = from; i < to; ++i) kept_.push_back(groups.db_set("f", "key" + std::to_string(i), i));
    });
    w.run(100ms);
  }
  // The last that the peer has got with this tag, without the port.
  message last(const char* tag) {
    std::vector<value> found;
    for (const message& m : peer_->seen) {
      if (m.size() > 1 && m[1] == value(tag)) found = m.elements();
    }
    if (!found.empty()) found.erase(found.begin());
    return message::of(std::move(found));
  }
  message ask(const message& m, const char* answer) {
    peer_->seen.clear();
    peer_->send("", m);
    w.run(100ms);
    return last(answer);
  }
  static value::map part(int from, int to) {
    value::map all;
    for (int i = from; i < to; ++i) all.emplace("key" + std::to_string(i), i);
    return all;
  }

  test_world w;
  test_node* node_ = nullptr;
  plain_peer* peer_ = nullptr;
  std::vector<registration> kept_;
};

TEST_F(large_families, go_to_a_slave_in_lots) {
  meet(of_this_library);
  db_set(0, 2500);
  peer_->send("", message("g_slave", value::map{}));
  message lot = ask(message("g_mon1", "f"), "g_chg1");
  value::map all;
  int lots = 1;
  for (; !lot[4].is_null(); ++lots) {
    EXPECT_GE(keys_in_a_lot, lot[2].size());
    all.insert(lot[2].entries().begin(), lot[2].entries().end());
    const value behind = lot[4];
    lot = ask(message("g_mon1", "f", behind), "g_chg1");
    EXPECT_EQ(behind, lot[5]);
  }
  all.insert(lot[2].entries().begin(), lot[2].entries().end());
  EXPECT_EQ(3, lots);
  EXPECT_EQ(part(0, 2500), all);
}

TEST_F(large_families, go_to_another_global_node_in_lots) {
  meet(of_this_library);
  db_set(0, 2500);
  peer_->send("", message("g_slave"));
  message lot = ask(message("g_global"), "g_set");
  value::map all;
  int lots = 1;
  for (; !lot[2].is_null(); ++lots) {
    EXPECT_GE(keys_in_a_lot, lot[1]["f"].size());
    all.insert(lot[1]["f"].entries().begin(), lot[1]["f"].entries().end());
    lot = ask(message("g_more", lot[2]), "g_set");
  }
  all.insert(lot[1]["f"].entries().begin(), lot[1]["f"].entries().end());
  EXPECT_EQ(3, lots);
  EXPECT_EQ(part(0, 2500), all);
}

TEST_F(large_families, go_to_a_master_in_lots) {
  db_set(0, 1500);
  meet(of_this_library, true);
  const message first = last("g_slave");
  ASSERT_EQ(2u, first[2].size());
  EXPECT_GE(keys_in_a_lot, first[1]["f"].size());
  const message rest = ask(message("g_more", first[2]), "g_slave");
  EXPECT_TRUE(rest[2].is_null());
  EXPECT_EQ(first[2], rest[3]);
  EXPECT_EQ(1500u, first[1]["f"].size() + rest[1]["f"].size());
}

TEST_F(large_families, go_to_nodes_of_the_original_in_one_piece) {
  meet(original);
  db_set(0, 2500);
  peer_->send("", message("g_slave", value::map{}));
  EXPECT_EQ(value(part(0, 2500)), ask(message("g_mon1", "f"), "g_chg1")[2]);
  EXPECT_EQ(value(part(0, 2500)), ask(message("g_db_family", "f", "7"), "g_reply")[2]);
  EXPECT_EQ(value(part(0, 2500)), ask(message("g_global"), "g_set")[1]["f"]);
  EXPECT_EQ(2u, last("g_set").size());
}

TEST_F(large_families, are_asked_for_lot_by_lot) {
  meet(of_this_library, true);
  node_->act([&] { group_functions(node_->core).grp_get("f"); });
  w.run(100ms);
  EXPECT_EQ(message("g_mon1", "f"), last("g_mon1"));
  const auto members = [&] { return node_->core.registry().family("f"); };
  EXPECT_EQ(message("g_mon1", "f", "key4"),
            ask(message("g_chg1", "f", part(2, 5), nullptr, "key4"), "g_mon1"));
  peer_->send("", message("g_chg2", "f", part(9, 10), value::array{}));
  EXPECT_EQ(message("g_mon1", "f", "key6"),
            ask(message("g_chg1", "f", part(5, 7), nullptr, "key6", "key4"), "g_mon1"));
  value::map so_far = part(2, 7);
  so_far.merge(part(9, 10));
  EXPECT_EQ(so_far, members());
  EXPECT_EQ(message(), ask(message("g_chg1", "f", part(8, 9), nullptr, nullptr, "key6"), "g_mon1"));
  so_far = part(2, 7);
  so_far.merge(part(8, 9));
  EXPECT_EQ(so_far, members());
}

TEST_F(large_families, that_a_question_is_about_are_asked_for_part_by_part) {
  meet(of_this_library, true);
  value::map answer;
  std::vector<int> values;
  node_->act([&] {
    group_functions groups(node_->core);
    groups.db_family("f", [&](value::map all) { answer = std::move(all); });
    groups.db_values("f", [&](std::vector<int> all) { values = std::move(all); });
  });
  w.run(100ms);
  const value family_id = last("g_db_family")[2], values_id = last("g_db_values")[2];
  EXPECT_EQ(message("g_db_family", "f", family_id, "key2"),
            ask(message("g_reply", family_id, part(0, 3), "key2"), "g_db_family"));
  EXPECT_EQ(message("g_db_values", "f", values_id, "key1"),
            ask(message("g_reply", values_id, value::array{7, 8}, "key1"), "g_db_values"));
  peer_->send("", message("g_reply", values_id, value::array{9}));
  peer_->send("", message("g_reply", family_id, part(3, 4)));
  w.run(100ms);
  EXPECT_EQ(part(0, 4), answer);
  EXPECT_EQ((std::vector<int>{7, 8, 9}), values);
}

TEST_F(large_families, are_not_asked_for_again_and_again) {
  meet(of_this_library, true);
  node_->act([&] { group_functions(node_->core).grp_get("f"); });
  w.run(100ms);
  EXPECT_EQ(message("g_mon1", "f", "key4"),
            ask(message("g_chg1", "f", part(2, 5), nullptr, "key4"), "g_mon1"));
  EXPECT_EQ(message(), ask(message("g_chg1", "f", part(2, 5), nullptr, "key4", "key4"), "g_mon1"));
  EXPECT_TRUE(w.was_logged("malformed g_chg1", 2));
}

TEST_F(large_families, of_bytes_become_text) {
  meet(original, true);
  node_->act([&] { group_functions(node_->core).grp_get("f"); });
  w.run(100ms);
  peer_->send("", message("g_chg1", "f", value::map{{"\xe4", 1}}));
  w.run(100ms);
  EXPECT_EQ((value::map{{"\xc3\xa4", 1}}), node_->core.registry().family("f"));
}

}  // namespace
}  // namespace aemp::mesh
