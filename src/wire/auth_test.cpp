#include "wire/auth.hpp"

#include <gtest/gtest.h>

#include "wire/hash.hpp"
#include "wire/md6.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::text_of;
using testing::vectors;

TEST(auth, hashes_secrets_like_the_real_node) {
  for (const char* table : {"secret_keys", "secret_keys_non_ascii"}) {
    for (const auto& v : vectors(table)) {
      EXPECT_EQ(to_hex(md6_256(text_of(v, "secret"))), text_of(v, "secret_key_hex"));
    }
  }
}

TEST(auth, writes_cleartext_with_one_byte_per_character) {
  for (const auto& v : vectors("secret_keys")) {
    EXPECT_EQ(auth_data(auth_method::cleartext, {}, {}, text_of(v, "secret")), text_of(v, "cleartext_auth"));
  }
  for (const auto& v : vectors("secret_keys_non_ascii")) {
    EXPECT_EQ(auth_data(auth_method::cleartext, {}, {}, text_of(v, "secret")),
              text_of(v, "cleartext_expected_by_perl"));
  }
}

TEST(auth, writes_a_secret_that_is_no_text_as_it_is) {
  for (const char* secret : {"\xff", "a\xc3", "a\xc3z", "\xc1\xbf"}) {
    EXPECT_EQ(auth_data(auth_method::cleartext, {}, {}, secret), to_hex(secret));
  }
}

TEST(auth, has_a_form_of_one_byte_a_character_for_text_that_is_not_ascii_and_fits) {
  EXPECT_EQ(one_byte_form("geh\xc3\xa4im"), "geh\xe4im");
  EXPECT_EQ(one_byte_form("\xc2\x80\xc3\xbf"), "\x80\xff");
  EXPECT_EQ(one_byte_form("geheim"), "");
  EXPECT_EQ(one_byte_form(""), "");
  EXPECT_EQ(one_byte_form("\xc4\x80"), "");               // U+0100
  EXPECT_EQ(one_byte_form("\xc3\xa4 \xe2\x82\xac"), "");  // with a euro sign
  EXPECT_EQ(one_byte_form("\xc3\xa4 \xf0\x9f\x98\x80"), "");
  for (const char* no_text : {"\xe4", "\xc3\xa4\xc3", "\xc0\x80", "\xc1\xbf"})
    EXPECT_EQ(one_byte_form(no_text), "");
}

TEST(auth, agrees_with_the_example_of_the_manual) {
  const auto& v = vectors().at("manual_example_0.9");
  const std::string gt1 = text_of(v.at("gt").as_array()[0]);
  const std::string gt2 = text_of(v.at("gt").as_array()[1]);
  const std::string lt1 = text_of(v.at("lt").as_array()[0]);
  const std::string lt2 = text_of(v.at("lt").as_array()[1]);
  const greeting_lines gt = {gt1, gt2};
  const greeting_lines lt = {lt1, lt2};
  const std::string secret = text_of(v, "secret");
  EXPECT_EQ(auth_data(auth_method::hmac_md6_64_256, gt, lt, secret), text_of(v, "auth_of_gt_side"));
  EXPECT_EQ(auth_data(auth_method::hmac_md6_64_256, lt, gt, secret), text_of(v, "auth_of_lt_side"));
}

TEST(auth, computes_tls_sha3_512_over_own_lines_first) {
  EXPECT_EQ(auth_data(auth_method::tls_sha3_512, {"a", "b"}, {"c", "d"}, "ignored"),
            to_hex(sha3_512("a\nb\nc\nd\n")));
}

TEST(auth, knows_its_methods_by_name) {
  for (const auto method : all_auth_methods) EXPECT_EQ(auth_method_named(to_text(method)), method);
  EXPECT_EQ(auth_method_named("hmac_sha3"), std::nullopt);
  EXPECT_EQ(auth_method_named(""), std::nullopt);
}

TEST(auth, chooses_the_first_of_the_peers_list_that_is_offered_and_possible) {
  const std::vector<std::string> v1 = {"tls_md6_64_256", "hmac_md6_64_256", "tls_anon", "cleartext"};
  const std::vector<std::string> v2 = {"tls_sha3_512", "hmac_sha3_512", "tls_anon", "cleartext"};
  const auto choose = [](const std::vector<std::string>& peer, std::vector<auth_method> offer,
                         auth_means means) { return choose_auth(peer, offer, means); };
  const std::vector<auth_method> all(std::begin(all_auth_methods), std::end(all_auth_methods));
  EXPECT_EQ(choose(v1, all, {"geheim", false}), auth_method::hmac_md6_64_256);
  EXPECT_EQ(choose(v2, all, {"geheim", false}), auth_method::hmac_sha3_512);
  EXPECT_EQ(choose(v1, all, {"geheim", true}), auth_method::tls_md6_64_256);
  EXPECT_EQ(choose(v2, all, {"", true}), auth_method::tls_sha3_512);
  EXPECT_EQ(choose(v2, {auth_method::tls_anon}, {"", true}), auth_method::tls_anon);
  EXPECT_EQ(choose(v2, {auth_method::cleartext}, {"geheim", false}), auth_method::cleartext);
  EXPECT_EQ(choose(v2, {auth_method::hmac_md6_64_256}, {"geheim", false}), std::nullopt);
  EXPECT_EQ(choose(v1, all, {"", false}), std::nullopt);
}

TEST(auth, skips_an_hmac_inside_tls_where_a_real_node_would_fail) {
  const std::vector<std::string> peer = {"nosuch", "hmac_sha3_512", "tls_sha3_512"};
  EXPECT_EQ(choose_auth(peer, all_auth_methods, {"geheim", true}), auth_method::tls_sha3_512);
}

TEST(auth, line_is_split_and_tells_missing_from_empty) {
  const auto full = parse_auth_line("tls_anon;;json;key=value");
  EXPECT_EQ(full.method, "tls_anon");
  EXPECT_EQ(full.data, "");
  EXPECT_EQ(full.framing, "json");
  EXPECT_EQ(full.acceptance, 0u);
  const auto bare = parse_auth_line("hmac_sha3_512");
  EXPECT_EQ(bare.method, "hmac_sha3_512");
  EXPECT_EQ(bare.data, std::nullopt);
  EXPECT_EQ(bare.framing, std::nullopt);
  EXPECT_EQ(parse_auth_line("").method, "");
  EXPECT_EQ(parse_auth_line("a;b").framing, std::nullopt);
  EXPECT_EQ(parse_auth_line("a;b;json;7").acceptance, 7u);
  EXPECT_EQ(parse_auth_line("a;b;json;18446744073709551615;more").acceptance, UINT64_MAX);
  for (const char* const none : {"", "-1", "7 ", " 7", "7a", "18446744073709551616"})
    EXPECT_EQ(parse_auth_line("a;b;json;" + std::string(none)).acceptance, 0u) << none;
}

}  // namespace
}  // namespace aemp::wire
