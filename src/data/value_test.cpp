#include <aemp/value.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

namespace aemp {
namespace {

using kind = value::kind;

std::string of_size(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

TEST(value, knows_what_it_was_made_from) {
  EXPECT_EQ(value().type(), kind::null);
  EXPECT_EQ(value(nullptr).type(), kind::null);
  EXPECT_EQ(value(true).type(), kind::boolean);
  EXPECT_EQ(value(-1).type(), kind::integer);
  EXPECT_EQ(value(1u).type(), kind::integer);
  EXPECT_EQ(value('a').type(), kind::integer);
  EXPECT_EQ(value(std::uint64_t{INT64_MAX}).type(), kind::integer);
  EXPECT_EQ(value(std::uint64_t{INT64_MAX} + 1).type(), kind::unsigned_integer);
  EXPECT_EQ(value(1.0f).type(), kind::real);
  EXPECT_EQ(value("text").type(), kind::text);
  EXPECT_EQ(value(std::string("text")).type(), kind::text);
  EXPECT_EQ(value(bytes{std::byte{1}}).type(), kind::bytes);
  EXPECT_EQ(value(*port_id::parse("node#port")).type(), kind::port);
  EXPECT_EQ(value(value::array{}).type(), kind::array);
  EXPECT_EQ(value(value::map{}).type(), kind::map);
  EXPECT_EQ(value::object_of(typeid(int)).type(), kind::object);
}

TEST(value, keeps_text_of_every_length_around_the_inline_size) {
  for (std::size_t n : {0, 1, 21, 22, 23, 24, 100, 5000}) {
    const std::string text = of_size(n);
    const value v(text);
    const value b = value::bytes_of(text);
    EXPECT_EQ(v.text(), text);
    EXPECT_EQ(b.text(), text);
    value copy = v;
    EXPECT_EQ(copy.text(), text);
    EXPECT_EQ(copy, v);
    value moved = std::move(copy);
    EXPECT_EQ(moved.text(), text);
    EXPECT_TRUE(copy.is_null());  // NOLINT: what is left of a moved value is null
    copy = moved;
    moved = value(1);
    EXPECT_EQ(copy.text(), text);
    const value& itself = copy;
    copy = itself;
    EXPECT_EQ(copy.text(), text);
  }
}

TEST(value, keeps_nul_characters) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(value(text).text(), text);
  EXPECT_EQ(value(text).text().size(), 3u);
}

TEST(value, copies_share_lists_maps_and_ports) {
  const value list(value::array{1, of_size(50), value::map{{"k", of_size(30)}}, *port_id::parse("a#b")});
  {
    value copy = list;
    EXPECT_EQ(&copy.elements(), &list.elements());
    copy = value::map{{"x", copy}};
    EXPECT_EQ(copy["x"], list);
  }
  EXPECT_EQ(list[1].text(), of_size(50));
  EXPECT_EQ(list[2]["k"].text(), of_size(30));
  EXPECT_EQ(list[3].port().str(), "a#b");
}

TEST(value, swaps) {
  value a(of_size(40)), b(3);
  a.swap(b);
  EXPECT_EQ(a, value(3));
  EXPECT_EQ(b.text(), of_size(40));
}

TEST(value, finds_elements_and_entries_and_gives_null_for_what_is_missing) {
  const value list(value::array{1, 2});
  EXPECT_EQ(list[0], value(1));
  EXPECT_EQ(list[1], value(2));
  EXPECT_TRUE(list[2].is_null());
  EXPECT_TRUE(list[-1].is_null());
  EXPECT_TRUE(list["key"].is_null());
  EXPECT_EQ(list.size(), 2u);
  const value map(value::map{{"a", 1}});
  EXPECT_EQ(map["a"], value(1));
  EXPECT_TRUE(map["b"].is_null());
  EXPECT_TRUE(map[0].is_null());
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(value("text").size(), 0u);
  EXPECT_TRUE(value("text")[0].is_null());
}

TEST(value_equality, a_number_equals_the_text_that_spells_it) {
  EXPECT_EQ(value(42), value("42"));
  EXPECT_EQ(value("42"), value(42));
  EXPECT_EQ(value(-1), value::bytes_of("-1"));
  EXPECT_EQ(value(0.5), value("0.5"));
  EXPECT_EQ(value(UINT64_MAX), value("18446744073709551615"));
  EXPECT_FALSE(value(42) == value("42 "));
  EXPECT_FALSE(value(42) == value("042"));
  EXPECT_FALSE(value(true) == value("1"));
}

TEST(value_equality, numbers_of_different_kinds_are_equal_when_they_are_exactly_equal) {
  EXPECT_EQ(value(3), value(3.0));
  EXPECT_EQ(value(3.0), value(3u));
  EXPECT_EQ(value(UINT64_MAX), value(UINT64_MAX));
  EXPECT_FALSE(value(-1) == value(UINT64_MAX));
  EXPECT_FALSE(value(3) == value(3.5));
  // 2^53 + 1 and 2^63 - 1 are no doubles.
  EXPECT_FALSE(value(9007199254740993) == value(9007199254740992.0));
  EXPECT_FALSE(value(INT64_MAX) == value(9223372036854775808.0));
  EXPECT_EQ(value(std::uint64_t{1} << 63), value(9223372036854775808.0));
  EXPECT_FALSE(value(UINT64_MAX) == value(18446744073709551616.0));
  EXPECT_EQ(value(0.0), value(-0.0));
  EXPECT_FALSE(value(std::nan("")) == value(std::nan("")));
}

TEST(value_equality, text_equals_bytes_and_a_port_its_text) {
  EXPECT_EQ(value("abc"), value::bytes_of("abc"));
  EXPECT_EQ(value(of_size(30)), value::bytes_of(of_size(30)));
  EXPECT_FALSE(value("abc") == value::bytes_of("abd"));
  const port_id id = *port_id::parse("node#port");
  EXPECT_EQ(value(id), value("node#port"));
  EXPECT_EQ(value("node#port"), value(id));
  EXPECT_EQ(value(id), value(*port_id::parse("node#port")));
  EXPECT_FALSE(value(id) == value("node#other"));
}

TEST(value_equality, lists_and_maps_are_equal_element_by_element) {
  EXPECT_EQ(value(value::array{1, "2"}), value(value::array{"1", 2}));
  EXPECT_FALSE(value(value::array{1}) == value(value::array{1, 2}));
  EXPECT_EQ(value(value::map{{"a", 1}}), value(value::map{{"a", "1"}}));
  EXPECT_FALSE(value(value::map{{"a", 1}}) == value(value::map{{"b", 1}}));
  EXPECT_FALSE(value(value::array{}) == value(value::map{}));
}

TEST(value_equality, other_kinds_never_meet) {
  EXPECT_EQ(value(), value(nullptr));
  EXPECT_FALSE(value() == value(""));
  EXPECT_FALSE(value() == value(0));
  EXPECT_FALSE(value(true) == value(1));
  EXPECT_FALSE(value(true) == value(false));
  EXPECT_FALSE(value::object_of(typeid(int)) == value::object_of(typeid(int)));
}

TEST(value, prints_text_bare_and_everything_else_as_json) {
  std::ostringstream out;
  out << value("a \"b\"") << '|' << value(1) << '|' << value(value::array{"x", nullptr}) << '|'
      << value(*port_id::parse("n#p"));
  EXPECT_EQ(out.str(), "a \"b\"|1|[\"x\",null]|n#p");
  EXPECT_EQ(value::object_of(typeid(std::shared_ptr<int>)).to_string(), "<std::shared_ptr<int>>");
}

TEST(value, names_its_kinds) {
  EXPECT_EQ(name_of(kind::text), "text");
  EXPECT_EQ(name_of(kind::unsigned_integer), "integer");
  EXPECT_EQ(name_of(kind::array), "list");
}

}  // namespace
}  // namespace aemp
