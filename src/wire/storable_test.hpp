// For the tests of storable: packets around an image's bytes in hex, and what they become.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "wire/framing_test.hpp"
#include "wire/hash.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire::testing {

inline std::string storable_frame(std::string_view image_hex) {
  const std::string image = from_hex(image_hex);
  std::string length(1, static_cast<char>(image.size() & 0x7f));
  for (std::size_t rest = image.size() >> 7; rest != 0; rest >>= 7)
    length.insert(0, 1, static_cast<char>(0x80 | (rest & 0x7f)));
  return length + image;
}

inline std::string hex_32(std::size_t n) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(n >> shift);
  return to_hex(bytes);
}

inline std::string repeated(std::string_view hex, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += hex;
  return all;
}

// The image of the packet for port "b" with so many elements, whose bytes these are.
inline std::string storable_image(std::string_view hex, std::size_t elements = 1) {
  return "050b02" + hex_32(elements + 1) + "0a0162" + std::string(hex);
}

// The elements as JSON; the error's name if the packet is refused.
inline std::string storable_elements(std::string_view hex, std::size_t elements = 1,
                                     const framing_limits& limits = {}) {
  receiver r("storable", limits);
  r.receive(storable_frame(storable_image(hex, elements)));
  return r.sink.packets.size() == 1 ? r.sink.packets[0].second.to_json() : r.failure.name;
}

struct from_perl {
  const char* expression;
  std::string hex;
  const char* json;
};

// Also that the image is taken in pieces, and that nothing shorter is.
inline void expect_perl(std::initializer_list<from_perl> all) {
  for (const auto& [expression, hex, json] : all) {
    SCOPED_TRACE(expression);
    const auto wanted = value::from_json(json);
    ASSERT_TRUE(wanted) << wanted.error().text;
    const std::string image = storable_image(hex, wanted->size());
    for (const std::size_t slice : {std::string_view::npos, std::size_t{3}}) {
      receiver r("storable");
      r.receive(storable_frame(image), slice);
      EXPECT_EQ(r.failure.text, "");
      EXPECT_EQ(r.sink.text, "b " + std::string(json) + "\n");
    }
    for (std::size_t size = 2; size < image.size(); size += 2) {
      receiver r("storable");
      r.receive(storable_frame(std::string_view(image).substr(0, size)));
      EXPECT_EQ(r.failure.name, "malformed_packet") << "of " << size / 2 << " bytes";
    }
  }
}

}  // namespace aemp::wire::testing
