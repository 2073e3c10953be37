#include "core/names.hpp"

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class names_of_a_node : public testing::Test {
 protected:
  world w{2};
  names& known = w.core().names();
};

TEST_F(names_of_a_node, a_port_is_found_by_its_id_by_its_text_and_by_its_number) {
  const port_id p = w.me.port();
  const auto number = known.resolve(p);
  ASSERT_TRUE(number);
  EXPECT_EQ(known.resolve_name(p.name()), number);
  EXPECT_EQ(known.number_in(p.name()), number);
  EXPECT_TRUE(known.is_local(p));
  EXPECT_TRUE(known.is_local(detail::make_named_port("here", p.name())));
  EXPECT_FALSE(known.is_local(detail::make_named_port("there", p.name())));
}

TEST_F(names_of_a_node, the_empty_name_is_the_node_port) { EXPECT_EQ(known.resolve_name(""), 0u); }

TEST_F(names_of_a_node, a_given_name_means_one_port_until_it_ends) {
  const auto [number, is_new] = known.name_port("lobby", 1);
  EXPECT_TRUE(is_new);
  EXPECT_EQ(port_number::worker(number), 1u);
  EXPECT_EQ(known.name_port("lobby", 0), std::pair(number, false));
  EXPECT_EQ(known.resolve_name("lobby"), number);
  EXPECT_FALSE(known.number_in("lobby"));  // it may mean another port later
  known.given().has_ended("lobby", number);
  EXPECT_FALSE(known.resolve_name("lobby"));
}

TEST_F(names_of_a_node, unique_names_are_unique) {
  EXPECT_EQ(known.new_unique_name(), "u-1");
  EXPECT_EQ(known.new_unique_name(), "u-2");
}

}  // namespace
}  // namespace aemp::core
