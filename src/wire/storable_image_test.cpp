// What a peer may make the reader of Storable's images do: not more than max_packet, max_depth and max_weight
// say, whatever refers to what.
#include "wire/storable_image.hpp"

#include <gtest/gtest.h>

#include "wire/storable_test.hpp"

namespace aemp::wire {
namespace {

using testing::from_hex;
using testing::hex_32;
using testing::repeated;
using testing::storable_elements;

TEST(storable_image, counts_references_and_classes_as_depth) {
  const framing_limits limits{.max_depth = 100};
  const auto nested = [&](const char* around, std::size_t times, const char* inside) {
    return storable_elements(repeated(around, times) + inside, 1, limits);
  };
  EXPECT_EQ(nested("04", 99, "0882"), "[2]");
  EXPECT_EQ(nested("04", 100, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("14", 100, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("1b", 100, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("1c", 100, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("110141", 99, "0882"), "[2]");
  EXPECT_EQ(nested("110141", 101, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("1101411200", 60, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("1340", 100, "0882"), "packet_too_deep");  // things that frozen ones need
  EXPECT_EQ(nested("0b", 100, "0882"), "packet_too_deep");    // tied
  EXPECT_EQ(nested("15", 100, "0882"), "packet_too_deep");
  EXPECT_EQ(nested("0402000000010411014104", 50, "0882"), "packet_too_deep");
}

// A class in front of a list or map costs no depth, so real objects may be as deep as plain data.
TEST(storable_image, takes_objects_as_deep_as_lists) {
  const framing_limits limits{.max_depth = 100};
  const std::string object = "0411014102" + hex_32(1), list = "0402" + hex_32(1);
  EXPECT_TRUE(storable_elements(repeated(object, 99) + "05", 1, limits).starts_with("[[[[["));
  EXPECT_EQ(storable_elements(repeated(object, 100) + "05", 1, limits), "packet_too_deep");
  EXPECT_TRUE(storable_elements(repeated(list, 99) + "05", 1, limits).starts_with("[[[[["));
  EXPECT_EQ(storable_elements(repeated(list, 100) + "05", 1, limits), "packet_too_deep");
}

// ["b", $deep, [[…[$deep]…]]], where $deep has 50 levels and number 3.
TEST(storable_image, counts_the_depth_of_what_is_repeated_where_it_is_repeated) {
  const framing_limits limits{.max_depth = 100};
  const std::string list = "0402" + hex_32(1);
  const std::string deep = repeated(list, 50) + "05";
  const auto below = [&](std::size_t levels) {
    return storable_elements(deep + repeated(list, levels) + "0400" + hex_32(3), 2, limits);
  };
  EXPECT_TRUE(below(49).starts_with("[[[[[")) << below(49);
  EXPECT_EQ(below(50), "packet_too_deep");
}

// Perl sends a list of a hundred elements that is in the message 10,000 times in 6 bytes each time.
TEST(storable_image, weighs_what_is_repeated_each_time) {
  const auto message_with = [](std::size_t times) {
    return "0402" + hex_32(100) + repeated("05", 100) + "0402" + hex_32(times) +
           repeated("0400" + hex_32(3), times);
  };
  const std::size_t once = 64 + 100 * 24;
  EXPECT_TRUE(storable_elements(message_with(10000), 2).starts_with("[[null,"));
  EXPECT_EQ(storable_elements(message_with(10000), 2, {.max_weight = 10000 * once}), "packet_too_large");
  EXPECT_EQ(storable_elements(message_with(10), 2, {.max_weight = 10 * once}), "packet_too_large");
  EXPECT_TRUE(storable_elements(message_with(10), 2, {.max_weight = 13 * once}).starts_with("[[null,"));

  const std::string text = "0401" + hex_32(1000) + repeated("78", 1000);  // a reference to it, that is
  const std::string texts = text + "0402" + hex_32(100) + repeated("0400" + hex_32(3), 100);
  EXPECT_TRUE(storable_elements(texts, 2, {.max_weight = 120000}).starts_with("[\"xxx"));
  EXPECT_EQ(storable_elements(texts, 2, {.max_weight = 100000}), "packet_too_large");
}

// [$a = [], $b = [$a, $a], $c = [$b, $b]…]: each doubles.
TEST(storable_image, refuses_lists_that_double_sixty_times) {
  std::string all = "0402" + hex_32(0);  // number 3
  std::size_t number = 3;
  for (int i = 0; i < 60; ++i) {
    all += "0402" + hex_32(2) + repeated("0400" + hex_32(number), 2);
    number += i == 0 ? 2 : 4;
  }
  EXPECT_EQ(storable_elements(all, 61), "packet_too_large");
}

TEST(storable_image, weighs_what_takes_places_in_its_tables) {
  const framing_limits limits{.max_weight = 100000};
  EXPECT_EQ(storable_elements("0413" + repeated("4005", 5000) + "00014100", 1, limits), "packet_too_large");
  EXPECT_EQ(storable_elements(repeated("04040404110141110141", 1000) + "05", 1000,
                              {.max_weight = 100000, .max_depth = 100000}),
            "packet_too_large");
}

TEST(storable_image, refuses_numbers_that_have_not_come) {
  EXPECT_EQ(storable_elements("0000000001"), "[\"b\"]");  // the port name, number 1
  EXPECT_EQ(storable_elements("0000000002"), "malformed_packet");
  EXPECT_EQ(storable_elements("0400ffffffff"), "malformed_packet");
  EXPECT_EQ(storable_elements("04020000000000" + hex_32(3), 2), "malformed_packet");  // without a reference
}

// What a fuzzer does, for a moment: with Perl's image of a message that has something of every kind.
TEST(storable_image, understands_or_refuses_whatever_one_byte_is_changed_to) {
  const std::string image = from_hex(testing::storable_image(
      "0402000000021411114a534f4e3a3a50503a3a426f6f6c65616e0881140000000005041105506c61696e190100"
      "00000208810000000001610e14000000016204134202000000010881820446726f7a03616263010000000d1d04"
      "76312e320a020102041a0a087b0a202020200a7d040c04110c5469653a3a537464486173680300000000040000"
      "000003041106526567657870200001610169",
      8));
  std::size_t understood = 0;
  for (std::size_t at = 0; at < image.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = image;
      changed[at] = static_cast<char>(byte);
      testing::receiver r("storable", {.max_weight = 100000});
      r.receive(testing::storable_frame(to_hex(changed)));
      EXPECT_NE(r.sink.packets.empty(), r.failure.name.empty());
      if (r.failure.name.empty()) ++understood;
    }
  }
  EXPECT_GT(understood, image.size());
}

}  // namespace
}  // namespace aemp::wire
