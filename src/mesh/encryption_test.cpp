#include "mesh/encryption.hpp"

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint alpha_place{"10.0.0.1", 4040};
const net::endpoint here{"127.0.0.1", 4040};
const net::endpoint there{"10.0.0.2", 4040};

settings with(encryption_mode mode) {
  settings s = plain_settings();
  s.encryption = mode;
  return s;
}

TEST(psk_wish, depends_on_the_mode_and_on_where_the_ends_are) {
  using wire::psk_wish;
  EXPECT_EQ(psk_wish_for(encryption_mode::automatic, here, {"::1", 1}), psk_wish::possible);
  EXPECT_EQ(psk_wish_for(encryption_mode::automatic, here, there), psk_wish::wanted);
  EXPECT_EQ(psk_wish_for(encryption_mode::automatic, there, here), psk_wish::wanted);
  EXPECT_EQ(psk_wish_for(encryption_mode::automatic, there, there), psk_wish::wanted);
  for (const net::endpoint& end : {here, there}) {
    EXPECT_EQ(psk_wish_for(encryption_mode::required, here, end), psk_wish::required);
    EXPECT_EQ(psk_wish_for(encryption_mode::off, here, end), psk_wish::none);
  }
}

// What two nodes with these modes make of it: the end of the line that says that they are up.
std::string how(encryption_mode of_alpha, encryption_mode of_beta, bool same_host = false) {
  test_world w;
  test_node& alpha = w.add_on("one", "alpha", with(of_alpha));
  test_node& beta = w.add_on(same_host ? "one" : "two", "beta", with(of_beta));
  const net::endpoint place = same_host ? here : alpha_place;
  alpha.listen(place);
  alpha.record("log");
  beta.mesh.learn("alpha", {place});
  beta.snd("alpha#log", "hello");
  w.run(1s);
  for (const char* kind : {"in the clear", "encrypted by the secret"}) {
    if (w.was_logged(std::string("hmac_sha3_512, ") + kind, 7))
      return alpha.heard.size() == 1 ? kind : "lost";
  }
  return w.was_logged("encryption_required: node alpha", 2) &&
                 w.was_logged("encryption_required: node beta", 2)
             ? "refused by both"
             : w.whole_log();
}

TEST(encryption, is_by_the_secret_where_one_wants_it_and_the_other_can) {
  using enum encryption_mode;
  EXPECT_EQ(how(automatic, automatic), "encrypted by the secret");
  EXPECT_EQ(how(automatic, required), "encrypted by the secret");
  EXPECT_EQ(how(required, required), "encrypted by the secret");
  EXPECT_EQ(how(automatic, off), "in the clear");
  EXPECT_EQ(how(off, off), "in the clear");
  EXPECT_EQ(how(required, off), "refused by both");
  EXPECT_EQ(how(off, required), "refused by both");
}

TEST(encryption, is_left_within_a_machine_unless_it_is_required) {
  using enum encryption_mode;
  EXPECT_EQ(how(automatic, automatic, true), "in the clear");
  EXPECT_EQ(how(automatic, required, true), "encrypted by the secret");
  EXPECT_EQ(how(required, off, true), "refused by both");
}

TEST(encryption, with_another_secret_fails_by_name_on_both_sides) {
  test_world w;
  settings other = plain_settings();
  other.secret = "something else";
  test_node& alpha = w.add("alpha");
  test_node& beta = w.add("beta", other);
  alpha.listen(alpha_place);
  beta.mesh.learn("alpha", {alpha_place});
  beta.mon("alpha");
  ASSERT_TRUE(w.run_until([&] { return !beta.reasons.empty(); }));
  EXPECT_TRUE(w.was_logged("wrong_secret: node beta at 10.0.0.2:", 2)) << w.whole_log();
  EXPECT_TRUE(w.was_logged("wrong_secret: node alpha at 10.0.0.1:", 2)) << w.whole_log();
  EXPECT_TRUE(contains(beta.reasons[0], "wrong_secret")) << beta.reasons[0];
}

// A Perl node has certificates or is in the clear.
TEST(encryption, of_a_peer_without_the_key_is_missed_where_it_is_required) {
  for (const encryption_mode mode : {encryption_mode::automatic, encryption_mode::required}) {
    test_world w;
    test_node& alpha = w.add("alpha", with(mode));
    alpha.listen(alpha_place);
    plain_peer& perl = w.join(std::make_unique<plain_peer>(w.net, "perl", "perl"));
    perl.dial(alpha_place);
    w.run(1s);
    const bool refuses = mode == encryption_mode::required;
    EXPECT_EQ(perl.up(), refuses ? 0 : 1);
    EXPECT_EQ(w.was_logged("encryption_required: node perl at 10.0.0.2:", 2), refuses) << w.whole_log();
  }
}

}  // namespace
}  // namespace aemp::mesh
