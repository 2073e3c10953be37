#include "wire/hash.hpp"

#include <gtest/gtest.h>

#include <array>

#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

TEST(hash, makes_sha3_512) {
  // FIPS 202 example values.
  EXPECT_EQ(to_hex(sha3_512("")),
            "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
            "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26");
  EXPECT_EQ(to_hex(sha3_512("abc")),
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
            "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0");
}

TEST(hash, makes_hmac_sha3_512) {
  // From the captured handshake of two real nodes.
  const auto& h = testing::vectors("handshakes_2x")[0];
  const auto& own = h.at("connecting");
  const auto& peer = h.at("accepting");
  std::string data;
  for (const auto* side : {&own, &peer}) {
    data += testing::text_of(*side, "greeting1") + '\n' + testing::text_of(*side, "greeting2_nonce") + '\n';
  }
  EXPECT_EQ("hmac_sha3_512;" + to_hex(hmac_sha3_512("geheim", data)) + ";json",
            testing::text_of(own, "auth_line"));
}

TEST(hash, takes_an_empty_key) {
  EXPECT_EQ(to_hex(hmac_sha3_512("", "")),
            "cbcf45540782d4bc7387fbbf7d30b3681d6d66cc435cafd82546b0fce96b367e"
            "a79662918436fba442e81a01d0f9592dfcd30f7a7a8f1475693d30be4150ca84");
}

TEST(hash, writes_bytes_as_text) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  for (const char* plain : {"", "f", "fo", "foo", "foob"}) EXPECT_EQ(from_base64(to_base64(plain)), plain);
  for (const char* bad : {"Z", "Zg", "Zg=", "Zh==", " Zg==", "Zg==\n", "Zm9v====", "Zm=v", "Z-9v"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(hash, compares_content_and_length) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(hash, makes_nonces_of_88_characters) {
  std::array<unsigned char, nonce_bytes> random;
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<unsigned char>(i * 37);
  const std::string nonce = make_nonce(random);
  EXPECT_EQ(nonce.size(), 88u);
  random[65] ^= 1;
  EXPECT_NE(make_nonce(random), nonce);
}

}  // namespace
}  // namespace aemp::wire
