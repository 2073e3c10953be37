#include <aemp/port_id.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>
#include <thread>
#include <unordered_set>

#include "data/identity.hpp"

namespace aemp {
namespace {

using detail::make_local_port;
using detail::make_named_port;

port_id parsed(std::string_view text, const detail::node_identity* home = nullptr) {
  return *detail::parse_port(text, home);
}

TEST(port_id, the_empty_one_is_no_port) {
  const port_id none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.str(), "");
  EXPECT_FALSE(none.is_node_port());
  EXPECT_EQ(none, port_id());
  EXPECT_FALSE(none == parsed("a"));
  EXPECT_LT(none, parsed("a"));
}

TEST(port_id, is_split_at_the_first_hash) {
  EXPECT_EQ(parsed("node#name").node(), "node");
  EXPECT_EQ(parsed("node#name").name(), "name");
  EXPECT_EQ(parsed("node#a#b").name(), "a#b");
  EXPECT_EQ(parsed("127.0.0.1:4040,[::1]:4041#x").node(), "127.0.0.1:4040,[::1]:4041");
  EXPECT_EQ(parsed("node#name").str(), "node#name");
}

TEST(port_id, without_a_name_is_the_node_port_and_prints_bare) {
  for (const char* text : {"node", "node#"}) {
    EXPECT_TRUE(parsed(text).is_node_port());
    EXPECT_EQ(parsed(text).str(), "node");
  }
  EXPECT_EQ(parsed("node"), parsed("node#"));
  EXPECT_EQ(parsed("node").hash(), parsed("node#").hash());
  EXPECT_FALSE(parsed("node#x").is_node_port());
}

TEST(port_id, refuses_what_cannot_be_one) {
  for (const char* text : {"", "#", "#name", "a\nb#c", "a#b\r", "a;b#c"}) {
    const auto r = port_id::parse(text);
    ASSERT_FALSE(r) << text;
    EXPECT_EQ(r.error().name, "bad_port_id");
    EXPECT_NE(r.error().text.find("expected node#name"), std::string::npos);
  }
  EXPECT_TRUE(port_id::parse("a#b;c"));
}

TEST(port_id, prints_as_it_is_parsed) {
  std::ostringstream out;
  out << parsed("node#name") << ' ' << parsed("node");
  EXPECT_EQ(out.str(), "node#name node");
}

TEST(port_id, a_moved_one_is_empty) {
  port_id a = parsed("node#name");
  const port_id b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT
  EXPECT_EQ(b.str(), "node#name");
}

TEST(port_id, a_local_one_is_the_number_in_its_name) {
  const detail::node_identity& home = detail::make_identity("home", "u.x");
  const port_id id = make_local_port(home, 36 * 36 + 35);
  EXPECT_EQ(id.str(), "home#u.x.10z");
  EXPECT_EQ(parsed("home#u.x.10z", &home).identity(), &home);
  EXPECT_EQ(parsed("home#u.x.10z", &home).number(), id.number());
  EXPECT_EQ(parsed("home", &home).identity(), &home);
  EXPECT_TRUE(parsed("home", &home).is_node_port());
}

TEST(port_id, other_spellings_of_a_number_are_other_names) {
  const detail::node_identity& home = detail::make_identity("home", "u");
  for (const char* text : {"home#u.010", "home#u.1Z", "home#u.", "home#u.0", "home#u.-1",
                           "home#u.10000000000000000", "home#U.10", "home#u10", "other#u.10"}) {
    EXPECT_EQ(parsed(text, &home).identity(), nullptr) << text;
    EXPECT_EQ(parsed(text, &home).str(), text);
  }
}

TEST(port_id, parse_knows_the_node_whose_callback_runs) {
  const detail::node_identity& home = detail::make_identity("home", "u");
  EXPECT_EQ(port_id::parse("home#u.1")->identity(), nullptr);
  detail::set_home_identity(&home);
  EXPECT_EQ(port_id::parse("home#u.1")->identity(), &home);
  detail::set_home_identity(nullptr);
}

TEST(port_id, outlives_its_node) {
  detail::node_identity& gone = detail::make_identity("gone", "u");
  const port_id id = make_local_port(gone, 1);
  gone.owner = nullptr;
  EXPECT_EQ(id.str(), "gone#u.1");
  EXPECT_EQ(id, parsed("gone#u.1"));
  // A new node of the same name is another one.
  const detail::node_identity& next = detail::make_identity("gone", "v");
  EXPECT_FALSE(make_local_port(next, 1) == id);
}

// Any two IDs, each in the number's or the text's form: both say the same about them.
TEST(port_id, both_forms_are_equal_and_order_and_hash_alike) {
  static const std::vector<const detail::node_identity*> nodes = {
      &detail::make_identity("n", "u"), &detail::make_identity("n", "u.1"), &detail::make_identity("n", "v"),
      &detail::make_identity("nn", "u")};
  const auto any_id = [](const detail::node_identity*& node, std::uint64_t& number) {
    node = *rc::gen::elementOf(nodes);
    number = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 40), rc::gen::arbitrary<std::uint64_t>());
  };
  EXPECT_TRUE(rc::check([&] {
    const detail::node_identity *x, *y;
    std::uint64_t m, n;
    any_id(x, m);
    any_id(y, n);
    const port_id a = make_local_port(*x, m), b = make_local_port(*y, n);
    const port_id a_text = make_named_port(a.node(), a.name()), b_text = make_named_port(b.node(), b.name());
    RC_ASSERT((a_text.shared_text() != nullptr));
    RC_ASSERT(a == a_text);
    RC_ASSERT(a_text == a);
    RC_ASSERT(((a <=> a_text) == 0));
    RC_ASSERT(a.hash() == a_text.hash());
    RC_ASSERT(parsed(a.str(), x) == a);
    RC_ASSERT((parsed(a.str(), x).identity() == x));
    RC_ASSERT((a == b) == (a.str() == b.str()));
    RC_ASSERT((a == b) == (a_text == b_text));
    RC_ASSERT((a == b) == (a == b_text));
    RC_ASSERT(((a <=> b) == (a_text <=> b_text)));
    RC_ASSERT(((a <=> b) == (a <=> b_text)));
    RC_ASSERT(((a <=> b) == (a_text <=> b)));
    RC_ASSERT(((a <=> b) == 0) == (a == b));
    RC_ASSERT((a < b) == (b > a));
  }));
}

TEST(port_id, text_round_trips) {
  EXPECT_TRUE(rc::check([](const std::string& node, const std::string& name) {
    const std::string text = node + "#" + name;
    const bool valid = !node.empty() && text.find_first_of("\r\n") == std::string::npos && node[0] != '#' &&
                       node.substr(0, node.find('#')).find(';') == std::string::npos;
    const auto id = port_id::parse(text);
    RC_ASSERT(static_cast<bool>(id) == valid);
    if (!valid) return;
    RC_ASSERT(id->node() == text.substr(0, text.find('#')));
    RC_ASSERT(id->name() == text.substr(text.find('#') + 1));
    RC_ASSERT(*port_id::parse(id->str()) == *id);
  }));
}

TEST(port_id, is_made_of_a_node_and_a_name) {
  EXPECT_EQ(named_port("alpha", "lobby"), *port_id::parse("alpha#lobby"));
  EXPECT_EQ(named_port("alpha", "a#b").name(), "a#b");
  EXPECT_TRUE(named_port("alpha", "").is_node_port());
  EXPECT_THROW(named_port("", "lobby"), std::invalid_argument);
  EXPECT_THROW(named_port("a;b", "lobby"), std::invalid_argument);
}

TEST(port_id, is_a_key_of_hash_tables) {
  const detail::node_identity& home = detail::make_identity("home", "hash");
  std::unordered_set<port_id> ids;
  for (std::uint64_t n = 0; n < 1000; ++n) ids.insert(make_local_port(home, n));
  for (std::uint64_t n = 0; n < 1000; ++n) ids.insert(parsed(make_local_port(home, n).str()));
  EXPECT_EQ(ids.size(), 1000u);
  std::unordered_set<std::size_t> hashes;
  for (const port_id& id : ids) hashes.insert(id.hash());
  EXPECT_GT(hashes.size(), 990u);
}

TEST(port_id, copies_may_live_on_several_threads) {
  const port_id id = parsed("node#a name that is shared by its copies");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([id] {
      for (int n = 0; n < 1000; ++n) {
        port_id copy = id;
        ASSERT_EQ(copy, id);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(id.name(), "a name that is shared by its copies");
}

}  // namespace
}  // namespace aemp
