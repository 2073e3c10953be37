#include <aemp/message.hpp>

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace aemp {
namespace {

message again_as_values(const message& m) { return message::of(m.elements()); }

TEST(message, an_empty_one_has_no_elements) {
  const message m;
  EXPECT_TRUE(m.empty());
  EXPECT_EQ(m.size(), 0u);
  EXPECT_EQ(m.tag(), "");
  EXPECT_TRUE(m[0].is_null());
  EXPECT_EQ(m.to_string(), "");
  EXPECT_EQ(m.to_json(), "[]");
  EXPECT_EQ(m, message::of({}));
}

TEST(message, gives_its_elements_as_values) {
  const message m("tag", 1, 2.5, std::string("text"), std::vector<int>{1, 2}, nullptr, "literal");
  EXPECT_EQ(m.size(), 7u);
  EXPECT_EQ(m.tag(), "tag");
  EXPECT_EQ(m[0], value("tag"));
  EXPECT_EQ(m[1], value(1));
  EXPECT_EQ(m[2], value(2.5));
  EXPECT_EQ(m[3], value("text"));
  EXPECT_EQ(m[4], value(value::array{1, 2}));
  EXPECT_TRUE(m[5].is_null());
  EXPECT_EQ(m[6], value("literal"));
  EXPECT_TRUE(m[7].is_null());
  EXPECT_EQ(m.elements().size(), 7u);
}

TEST(message, equals_the_same_elements_however_they_are_kept) {
  const message typed("tag", 1, std::string("x"));
  const message values = again_as_values(typed);
  EXPECT_EQ(typed, values);
  EXPECT_EQ(values, typed);
  EXPECT_EQ(values.tag(), "tag");
  EXPECT_FALSE(typed == message("tag", 1));
  EXPECT_FALSE(typed == message("tag", 2, "x"));
  EXPECT_EQ(typed, message("tag", "1", "x"));  // numbers and their texts
}

TEST(message, has_a_tag_only_when_text_comes_first) {
  EXPECT_EQ(message(1, "two").tag(), "");
  EXPECT_EQ(message(std::string("one")).tag(), "one");
  EXPECT_EQ(message(std::string_view("one")).tag(), "one");
  EXPECT_EQ(message(value("one")).tag(), "one");
  EXPECT_EQ(message(value::bytes_of("one")).tag(), "one");
  EXPECT_EQ(message(value(1)).tag(), "");
  EXPECT_EQ(message("").tag(), "");
  EXPECT_EQ(message("").size(), 1u);
}

// Whatever the tag is kept as, it is found under the same key.
TEST(message, has_the_same_key_for_the_same_tag) {
  const char* pointer = "tag";
  const char array[] = "tag";
  char buffer[10] = "tag";
  const char const_buffer[10] = "tag";
  const std::uint64_t key = symbol_key("tag");
  for (const message& m : {message("tag"), message(std::string("tag")), message(std::string_view("tag")),
                           message(pointer), message(array), message(buffer), message(const_buffer),
                           message(value("tag")), message::of({"tag"})}) {
    EXPECT_EQ(m.get()->key, key);
    EXPECT_EQ(m.tag(), "tag");
    EXPECT_EQ(m[0].text(), "tag");
  }
}

// Character arrays are C strings: they end at the first NUL, in whatever place they stand. Strings keep
// theirs.
TEST(message, keeps_embedded_nuls_of_strings_only) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(message(text)[0].text(), text);
  EXPECT_EQ(message(text).tag(), text);
  EXPECT_EQ(message("x", text)[1].text(), text);
  EXPECT_EQ(message("a\0b")[0].text(), "a");
  EXPECT_EQ(message("a\0b").get()->key, symbol_key("a"));
  EXPECT_EQ(message("x", "a\0b")[1].text(), "a");
}

TEST(message, what_was_in_a_buffer_is_copied) {
  char buffer[40] = "a tag of more than seven bytes";
  const message m(buffer, buffer);
  buffer[0] = 'X';
  EXPECT_EQ(m.tag(), "a tag of more than seven bytes");
  EXPECT_EQ(m[1].text(), "a tag of more than seven bytes");
  EXPECT_EQ(m.get()->key, symbol_key(m.tag()));
}

struct thing {
  explicit thing(int n) : n(n) {}
  int n;
};

TEST(message, objects_without_a_value_form_can_only_be_printed) {
  const message m("tag", thing(1));
  EXPECT_EQ(m[1].type(), value::kind::object);
  EXPECT_TRUE(m.get()->ops->has_objects);
  EXPECT_FALSE(message("tag", 1).get()->ops->has_objects);
  EXPECT_EQ(m, m);
  EXPECT_FALSE(m == message("tag", thing(1)));
}

TEST(message, may_hold_what_can_only_be_moved) {
  message m("tag", std::make_unique<int>(5));
  const detail::element_place& place = m.get()->ops->places[1];
  ASSERT_EQ(place.type, detail::type_key_of<std::unique_ptr<int>>());
  EXPECT_EQ(**static_cast<std::unique_ptr<int>*>(detail::object_at(*m.get(), place)), 5);
}

TEST(message, destroys_its_elements_once) {
  const auto alive = std::make_shared<int>(0);
  {
    const message m("tag", alive, std::vector{alive});
    EXPECT_EQ(alive.use_count(), 3);
    const message copy = m;
    message moved = std::move(const_cast<message&>(m));
    moved = copy;
    EXPECT_EQ(alive.use_count(), 3);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

struct bomb {
  bomb() = default;
  bomb(const bomb&) { throw std::runtime_error("no copies"); }
};

TEST(message, leaves_nothing_behind_when_an_element_cannot_be_copied) {
  const bomb b;
  EXPECT_THROW(message("tag", b), std::runtime_error);
}

TEST(message, may_be_larger_than_any_size_class) {
  std::array<int, 1000> many{};
  many[999] = 7;
  const message m("tag", many, std::string("after"));
  EXPECT_EQ(m[1][999], value(7));
  EXPECT_EQ(m[2], value("after"));
  std::vector<value> values(1000, value(std::string(30, 'x')));
  EXPECT_EQ(message::of(values).size(), 1000u);
  EXPECT_EQ(message::of(values)[999].text(), std::string(30, 'x'));
}

TEST(message, prints_with_blanks_and_as_json) {
  const message m("died", 9, "of it", std::vector<int>{1});
  std::ostringstream out;
  out << m;
  EXPECT_EQ(out.str(), "died 9 of it [1]");
  EXPECT_EQ(m.to_json(), R"(["died",9,"of it",[1]])");
}

TEST(message, reads_json) {
  const auto m = message::from_json(R"(["tag", 1, {"a": [true]}])");
  ASSERT_TRUE(m);
  EXPECT_EQ(m->tag(), "tag");
  EXPECT_EQ((*m)[2]["a"][0], value(true));
  EXPECT_EQ(message::from_json("{}").error().name, "not_a_list");
  EXPECT_EQ(message::from_json("[").error().name, "bad_json");
  EXPECT_TRUE(message::from_json("[]")->empty());
}

TEST(message, copies_may_be_read_and_dropped_on_other_threads) {
  const message m("tag", std::string(100, 'x'), std::make_shared<int>(1));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([m] {
      for (int n = 0; n < 1000; ++n) {
        const message copy = m;
        ASSERT_EQ(copy[1].text().size(), 100u);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(m.get()->refs.load(), 1u);
}

}  // namespace
}  // namespace aemp
