#include "wire/md6.hpp"

#include <gtest/gtest.h>

#include "wire/hash.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::counting_bytes;
using testing::size_of;
using testing::text_of;
using testing::vectors;

TEST(md6, agrees_with_the_captured_digests_of_counting_bytes) {
  for (const auto& v : vectors("md6_256")) {
    EXPECT_EQ(to_hex(md6_256(counting_bytes(size_of(v, "len")))), text_of(v, "md6_256")) << size_of(v, "len");
  }
}

TEST(md6, agrees_with_the_captured_digests_of_texts) {
  for (const auto& v : vectors("md6_256_strings")) {
    EXPECT_EQ(to_hex(md6_256(text_of(v, "input"))), text_of(v, "md6_256"));
  }
}

TEST(md6, makes_digests_of_other_sizes) {
  for (const auto& v : vectors("md6_other_sizes")) {
    md6 hash(static_cast<unsigned>(size_of(v, "d")));
    hash.update(text_of(v, "input"));
    EXPECT_EQ(to_hex(hash.finish()), text_of(v, "hex"));
  }
}

TEST(md6, does_not_care_how_the_input_is_sliced) {
  const std::string input = counting_bytes(20000);
  for (const std::size_t slice : {1, 7, 511, 512, 513, 2048, 4096}) {
    md6 hash;
    for (std::size_t i = 0; i < input.size(); i += slice)
      hash.update(std::string_view(input).substr(i, slice));
    EXPECT_EQ(hash.finish(), md6_256(input)) << slice;
  }
}

TEST(md6, refuses_digest_sizes_that_do_not_exist) {
  EXPECT_THROW(md6(0), std::invalid_argument);
  EXPECT_THROW(md6(12), std::invalid_argument);
  EXPECT_THROW(md6(520), std::invalid_argument);
}

TEST(hmac_md6, agrees_with_the_captured_values) {
  int compared = 0;
  for (const auto& v : vectors("hmac_md6_64_256")) {
    const auto& entry = v.as_object();
    if (entry.contains("hmac_bits")) continue;  // another hash size, which nothing uses
    const bool literal = entry.contains("key");
    const std::string key = literal ? text_of(v, "key") : counting_bytes(size_of(v, "key_len"));
    const std::string data = literal ? text_of(v, "data") : counting_bytes(size_of(v, "data_len"));
    EXPECT_EQ(to_hex(hmac_md6_64_256(key, data)), text_of(v, "hmac_hex"))
        << key.size() << ", " << data.size();
    ++compared;
  }
  EXPECT_EQ(compared, 46);
}

}  // namespace
}  // namespace aemp::wire
