#include <aemp/convert.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <list>
#include <stdexcept>

namespace aemp {

struct point {
  int x = 0;
  int y = 0;
  friend bool operator==(const point&, const point&) = default;
};

namespace elsewhere {

// Not an aggregate: needs the hook.
class temperature {
 public:
  temperature() = default;
  explicit temperature(double kelvin) : kelvin_(kelvin) {}
  double kelvin() const { return kelvin_; }

  template <class Fields>
  friend void aemp_fields(Fields& fields, temperature& t) {
    fields(t.kelvin_);
  }

 private:
  double kelvin_ = 0;
};

}  // namespace elsewhere

namespace {

using detail::convertible;
using detail::to_value;

template <class T>
std::optional<T> from(const value& v) {
  return v.to<T>();
}

template <class T>
void expect_edges() {
  constexpr T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  EXPECT_EQ(from<T>(value(low)), low);
  EXPECT_EQ(from<T>(value(high)), high);
  EXPECT_EQ(from<T>(value(std::to_string(low))), low);
  EXPECT_EQ(from<T>(value(std::to_string(high))), high);
  if constexpr (sizeof(T) < 8) {
    EXPECT_EQ(from<T>(value(std::int64_t{low} - 1)), std::nullopt);
    EXPECT_EQ(from<T>(value(std::int64_t{high} + 1)), std::nullopt);
    EXPECT_EQ(from<T>(value(static_cast<double>(high) + 1)), std::nullopt);
    EXPECT_EQ(from<T>(value(static_cast<double>(high))), high);
  }
}

TEST(convert, a_number_fits_or_is_refused) {
  expect_edges<std::int8_t>();
  expect_edges<std::uint8_t>();
  expect_edges<std::int16_t>();
  expect_edges<std::uint16_t>();
  expect_edges<std::int32_t>();
  expect_edges<std::uint32_t>();
  expect_edges<std::int64_t>();
  expect_edges<std::uint64_t>();
  EXPECT_EQ(from<unsigned>(value(-1)), std::nullopt);
  EXPECT_EQ(from<std::int64_t>(value(UINT64_MAX)), std::nullopt);
  EXPECT_EQ(from<std::int64_t>(value(9223372036854775808.0)), std::nullopt);
  EXPECT_EQ(from<std::int64_t>(value(-9223372036854775808.0)), INT64_MIN);
  EXPECT_EQ(from<std::uint64_t>(value(18446744073709551616.0)), std::nullopt);
  EXPECT_EQ(from<std::uint64_t>(value(9223372036854775808.0)), std::uint64_t{1} << 63);
}

TEST(convert, a_real_becomes_an_integer_only_when_it_is_one) {
  EXPECT_EQ(from<int>(value(3.0)), 3);
  EXPECT_EQ(from<int>(value(3.5)), std::nullopt);
  EXPECT_EQ(from<int>(value(std::nan(""))), std::nullopt);
  EXPECT_EQ(from<int>(value(std::numeric_limits<double>::infinity())), std::nullopt);
  EXPECT_EQ(from<unsigned>(value(-0.0)), 0u);
}

TEST(convert, integers_become_reals) {
  EXPECT_EQ(from<double>(value(3)), 3.0);
  EXPECT_EQ(from<double>(value(UINT64_MAX)), 18446744073709551616.0);
  EXPECT_EQ(from<float>(value(0.5)), 0.5f);
}

TEST(convert, a_real_that_no_float_can_hold_is_refused) {
  EXPECT_EQ(from<float>(value(1e300)), std::nullopt);
  EXPECT_EQ(from<float>(value(-1e300)), std::nullopt);
  EXPECT_EQ(from<float>(value(std::numeric_limits<double>::infinity())),
            std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(*from<float>(value(std::nan("")))));
  EXPECT_EQ(from<float>(value(double{std::numeric_limits<float>::max()})), std::numeric_limits<float>::max());
}

TEST(convert, text_that_spells_a_number_is_one) {
  EXPECT_EQ(from<int>(value("42")), 42);
  EXPECT_EQ(from<int>(value("-42")), -42);
  EXPECT_EQ(from<int>(value("+42")), 42);
  EXPECT_EQ(from<int>(value::bytes_of("42")), 42);
  EXPECT_EQ(from<int>(value("4.2e1")), 42);
  EXPECT_EQ(from<double>(value("1e-3")), 0.001);
  EXPECT_EQ(from<std::uint64_t>(value("18446744073709551615")), UINT64_MAX);
  for (const char* no : {"", " 1", "1 ", "1x", "x", "+-5", "-+5", "--5", "++5", "+", "-", "0x10", "1e400"}) {
    EXPECT_EQ(from<int>(value(no)), std::nullopt) << no;
    EXPECT_EQ(from<double>(value(no)), std::nullopt) << no;
    EXPECT_EQ(from<unsigned>(value(no)), std::nullopt) << no;
  }
  EXPECT_EQ(from<unsigned>(value("-5")), std::nullopt);
  EXPECT_EQ(from<int>(value("99999999999999999999")), std::nullopt);
}

TEST(convert, numbers_become_text) {
  EXPECT_EQ(from<std::string>(value(-7)), "-7");
  EXPECT_EQ(from<std::string>(value(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(from<std::string>(value(0.1)), "0.1");
  EXPECT_EQ(from<std::string>(value(3.0)), "3");
}

TEST(convert, nothing_else_becomes_a_number_or_text) {
  for (const value& v :
       {value(), value(value::array{1}), value(value::map{}), value::object_of(typeid(int))}) {
    EXPECT_EQ(from<int>(v), std::nullopt);
    EXPECT_EQ(from<double>(v), std::nullopt);
    EXPECT_EQ(from<bool>(v), std::nullopt);
    EXPECT_EQ(from<std::string>(v), std::nullopt);
    EXPECT_EQ(from<bytes>(v), std::nullopt);
    EXPECT_EQ(from<port_id>(v), std::nullopt);
  }
  EXPECT_EQ(from<std::string>(value(true)), std::nullopt);
  EXPECT_EQ(from<int>(value(*port_id::parse("n#p"))), std::nullopt);
}

TEST(convert, booleans_are_one_and_zero_and_perls_false) {
  EXPECT_EQ(from<bool>(value(true)), true);
  EXPECT_EQ(from<int>(value(true)), 1);
  EXPECT_EQ(from<double>(value(false)), 0.0);
  EXPECT_EQ(from<bool>(value(1)), true);
  EXPECT_EQ(from<bool>(value("0")), false);
  EXPECT_EQ(from<bool>(value("")), false);
  EXPECT_EQ(from<bool>(value(2)), std::nullopt);
  EXPECT_EQ(from<bool>(value("true")), std::nullopt);
}

TEST(convert, text_and_bytes_become_each_other_when_that_is_utf8) {
  EXPECT_EQ(from<std::string>(value::bytes_of("\xc3\xa4")), "\xc3\xa4");
  EXPECT_EQ(from<std::string>(value::bytes_of("\xff")), std::nullopt);
  EXPECT_EQ(from<bytes>(value("ab")), (bytes{std::byte{'a'}, std::byte{'b'}}));
  EXPECT_EQ(from<bytes>(value(1)), std::nullopt);
}

TEST(convert, ports_become_text_and_back) {
  const port_id id = *port_id::parse("node#port");
  EXPECT_EQ(from<std::string>(value(id)), "node#port");
  EXPECT_EQ(from<port_id>(value("node#port")), id);
  EXPECT_EQ(from<port_id>(value("")), std::nullopt);
  EXPECT_EQ(from<port_id>(value("two\nlines")), std::nullopt);
  EXPECT_EQ(from<port_id>(value::bytes_of("\xff")), std::nullopt);
}

TEST(convert, lists) {
  EXPECT_EQ(from<std::vector<int>>(value(value::array{1, "2", 3.0})), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(from<std::vector<int>>(value(value::array{1, "x"})), std::nullopt);
  EXPECT_EQ(from<std::vector<int>>(value("1")), std::nullopt);
  EXPECT_EQ(from<std::vector<bool>>(value(value::array{true, 0})), (std::vector<bool>{true, false}));
  EXPECT_EQ((from<std::array<int, 2>>(value(value::array{1, 2, 3}))), (std::array<int, 2>{1, 2}));
  EXPECT_EQ((from<std::array<int, 2>>(value(value::array{1}))), std::nullopt);
  EXPECT_EQ((from<std::tuple<int, std::string>>(value(value::array{1, 2}))),
            (std::tuple<int, std::string>{1, "2"}));
  EXPECT_EQ((from<std::pair<int, bool>>(value(value::array{1, true}))), (std::pair<int, bool>{1, true}));
  EXPECT_EQ(from<std::tuple<>>(value(value::array{})), std::tuple<>());
  EXPECT_EQ((from<std::vector<std::vector<int>>>(value(value::array{value::array{1}, value::array{}}))),
            (std::vector<std::vector<int>>{{1}, {}}));
}

TEST(convert, maps) {
  const value v(value::map{{"a", 1}, {"b", "2"}});
  EXPECT_EQ((from<std::map<std::string, int>>(v)), (std::map<std::string, int>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ((from<std::unordered_map<std::string, int>>(v)),
            (std::unordered_map<std::string, int>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ((from<std::map<std::string, point>>(v)), std::nullopt);
  EXPECT_EQ((from<std::map<std::string, int>>(value(value::array{}))), std::nullopt);
  EXPECT_EQ(to_value(std::unordered_map<std::string, std::vector<int>>{{"k", {1}}}),
            value(value::map{{"k", value::array{1}}}));
}

TEST(convert, an_optional_is_null_or_its_value) {
  EXPECT_EQ(from<std::optional<int>>(value()),
            std::optional<std::optional<int>>(std::in_place, std::nullopt));
  EXPECT_EQ(from<std::optional<int>>(value(5)), std::optional<std::optional<int>>(5));
  EXPECT_EQ(from<std::optional<int>>(value("x")), std::nullopt);
  EXPECT_EQ(to_value(std::optional<int>()), value());
  EXPECT_EQ(to_value(std::optional<int>(5)), value(5));
}

TEST(convert, null_is_nullptr) {
  EXPECT_TRUE(from<std::nullptr_t>(value()).has_value());
  EXPECT_FALSE(from<std::nullptr_t>(value(0)).has_value());
}

struct nested {
  std::string name;
  point where;
  std::vector<point> path;
  std::optional<int> size;
  friend bool operator==(const nested&, const nested&) = default;
};

TEST(convert, a_plain_aggregate_is_a_list_of_its_members) {
  EXPECT_EQ(to_value(point{1, 2}), value(value::array{1, 2}));
  EXPECT_EQ(from<point>(value(value::array{1, 2})), (point{1, 2}));
  EXPECT_EQ(from<point>(value(value::array{1})), std::nullopt);
  EXPECT_EQ(from<point>(value(value::array{1, "x"})), std::nullopt);
  const nested n{"a", {1, 2}, {{3, 4}}, {}};
  EXPECT_EQ(to_value(n),
            value(value::array{"a", value::array{1, 2}, value::array{value(value::array{3, 4})}, nullptr}));
  EXPECT_EQ(from<nested>(to_value(n)), n);
}

struct one {
  int a;
};
struct twelve {
  int a, b, c, d, e, f, g, h, i, j, k, l;
};
struct thirteen {
  int a, b, c, d, e, f, g, h, i, j, k, l, m;
};
struct with_inner_array {
  int few[3];
  int more;
};
struct with_std_array {
  std::array<int, 3> few;
  int more;
};
struct base {
  int a;
};
struct derived : base {
  int b;
};
struct empty_base {};
struct derived_from_empty : empty_base {
  int b;
};
struct empty {};
struct with_pointer {
  std::unique_ptr<int> p;
};
enum class colour { red };

TEST(convert, knows_which_aggregates_have_a_value_form) {
  EXPECT_TRUE(convertible<one>());
  EXPECT_TRUE(convertible<twelve>());
  EXPECT_TRUE(convertible<with_std_array>());
  EXPECT_EQ(to_value(with_std_array{{1, 2, 3}, 4}), value(value::array{value::array{1, 2, 3}, 4}));
  EXPECT_EQ(to_value(twelve{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})[11], value(12));
  // Everything else stays what it is: an object that cannot leave the process.
  EXPECT_FALSE(convertible<thirteen>());
  EXPECT_FALSE(convertible<with_inner_array>());
  EXPECT_FALSE(convertible<derived>());
  EXPECT_FALSE(convertible<derived_from_empty>());
  EXPECT_FALSE(convertible<empty>());
  EXPECT_FALSE(convertible<with_pointer>());
  EXPECT_FALSE(convertible<int*>());
  EXPECT_FALSE(convertible<std::unique_ptr<int>>());
  EXPECT_FALSE(convertible<std::vector<empty>>());
  EXPECT_FALSE(convertible<std::list<int>>());
  EXPECT_FALSE((convertible<std::map<int, int>>()));
  EXPECT_FALSE((convertible<std::tuple<int, empty>>()));
  EXPECT_EQ(to_value(derived{{1}, 2}).type(), value::kind::object);
  EXPECT_EQ(from<derived>(value(value::array{1, 2})).has_value(), false);
}

TEST(convert, the_hook_serves_both_directions) {
  const elsewhere::temperature t(300);
  EXPECT_EQ(to_value(t), value(value::array{300.0}));
  EXPECT_EQ(from<elsewhere::temperature>(value(value::array{"273.15"}))->kelvin(), 273.15);
  EXPECT_FALSE(from<elsewhere::temperature>(value(value::array{})).has_value());
  EXPECT_FALSE(from<elsewhere::temperature>(value(3)).has_value());
  EXPECT_EQ(to_value(std::vector{t}), value(value::array{value(value::array{300.0})}));
}

TEST(convert, as_says_what_was_found_and_what_was_asked_for) {
  EXPECT_EQ(value("42").as<int>(), 42);
  try {
    (void)value("many").as<int>();
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "value is text (many), int expected");
  }
}

}  // namespace
}  // namespace aemp
