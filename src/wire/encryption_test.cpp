#include "wire/encryption.hpp"

#include <gtest/gtest.h>

#include "wire/hash.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

// The expected keys were made with Python's hmac and hashlib; docs/protocol.md shows the first.
constexpr greeting_lines alpha = {
    "aemp;1;alpha;hmac_sha3_512;cbor,json;psk=wanted;provider=aemp;peeraddr=10.0.0.2:4040", "nonce of alpha"};
constexpr greeting_lines beta = {
    "aemp;1;beta;hmac_sha3_512;cbor;psk=possible;provider=aemp;peeraddr=10.0.0.1:51234", "nonce of beta"};

TEST(psk, is_made_from_the_secret_and_both_greetings) {
  EXPECT_EQ(to_hex(make_psk("geheim", alpha, beta)),
            "47e620cf626ce0a08f13ba2dd58e8d2cb7fa5c9481c80a92bf31e8c46f569936");
  EXPECT_EQ(to_hex(make_psk("größer", alpha, beta)),
            "3ff9e954d1718452be3632fb185a774efdaad000c8cdbff8c6adf2e20d4ab447");
  EXPECT_EQ(to_hex(make_psk("geheim", beta, alpha)),
            "53ca5533ed18b9f29e6014115c91a3b4e21dc00a3900699820c0b619e5ec0d7b");
}

TEST(psk, is_another_one_when_any_line_is) {
  const std::string key = make_psk("geheim", alpha, beta);
  EXPECT_NE(key, make_psk("geheim", {alpha.first, "another nonce"}, beta));
  EXPECT_NE(key, make_psk("geheim", {"aemp;1;alpha;hmac_sha3_512;cbor", alpha.nonce}, beta));
  EXPECT_NE(key, make_psk("geheim", alpha, {beta.first, "another nonce"}));
}

TEST(hkdf, agrees_with_the_rfc) {  // RFC 5869 A.1, the first 32 bytes
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), testing::from_hex("000102030405060708090a0b0c"),
                               testing::from_hex("f0f1f2f3f4f5f6f7f8f9"))),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST(psk_wish, is_read_from_the_greeting) {
  const auto wish_in = [](std::string keys) {
    return psk_wish_of(parse_greeting("aemp;1;a;hmac_sha3_512;json" + keys).value());
  };
  for (const psk_wish wish : {psk_wish::possible, psk_wish::wanted, psk_wish::required})
    EXPECT_EQ(wish_in(";psk=" + std::string(to_text(wish))), wish);
  for (const char* none : {"", ";psk", ";psk=", ";psk=1", ";psk=Wanted", ";npsk=wanted"})
    EXPECT_EQ(wish_in(none), psk_wish::none) << none;
}

// Every pair of what two sides may say; the rows are ours, the columns the peer's.
TEST(choose_encryption, is_the_same_on_both_sides_and_as_the_table_says) {
  const auto without = [](psk_wish wish) { return encryption_means{false, false, wish}; };
  const auto with = [](psk_wish wish) { return encryption_means{false, wish != psk_wish::none, wish}; };
  using enum psk_wish;
  const encryption_means sides[] = {with(none), with(possible), with(wanted), with(required),
                                    without(required)};
  constexpr auto clear = encryption::none;
  constexpr auto psk = encryption::secret;
  constexpr auto refused = encryption::impossible;
  constexpr encryption table[5][5] = {
      // none  possible wanted  required required without a secret
      {clear, clear, clear, refused, refused},       // none: off, no secret, or Perl
      {clear, clear, psk, psk, refused},             // possible: auto, loopback
      {clear, psk, psk, psk, refused},               // wanted: auto, not loopback
      {refused, psk, psk, psk, refused},             // required
      {refused, refused, refused, refused, refused}  // required, without a secret
  };
  for (int own = 0; own < 5; ++own) {
    for (int peer = 0; peer < 5; ++peer) {
      EXPECT_EQ(choose_encryption(sides[own], sides[peer]), table[own][peer]) << own << ' ' << peer;
      encryption_means one = sides[own];
      encryption_means other = sides[peer];
      one.certificate = true;
      EXPECT_EQ(choose_encryption(one, other), table[own][peer]) << "only one has a certificate";
      other.certificate = true;
      EXPECT_EQ(choose_encryption(one, other), encryption::certificates) << own << ' ' << peer;
    }
  }
}

}  // namespace
}  // namespace aemp::wire
