// Secrets with characters from U+0080 to U+00FF: a Perl node of 2.x may take one byte for each of them in
// hmac_sha3_512 (docs/protocol.md). The proofs were computed with Python's hmac and hashlib.
#include <gtest/gtest.h>

#include "wire/session_test.hpp"

namespace aemp::wire {
namespace {

using testing::side;

// Of the node that is tested, and of a real node of 2.01.
constexpr char own_lines[] = "aemp;1;a;hmac_sha3_512;json;provider=aemp\nnonce of a\n";
constexpr char perl_lines[] =
    "aemp;1;perl2;tls_sha3_512,hmac_sha3_512,tls_anon,cleartext;cbor,json,storable;mproto=1;gproto=1;"
    "provider=AE-2.01\nnonce of perl2\n";

struct proofs {
  const char* secret;  // in UTF-8
  const char *utf8_of_perl, *utf8_of_ours, *one_byte_of_perl, *one_byte_of_ours;
};
constexpr proofs known[] = {
    {"geh\xc3\xa4im",
     "decd227af8c5cc5f11b4efc7e4fe5201c7f254352804c9830de12f0680404ee83cb8b3e7e6b8059ef79b30e28bb229374a82236"
     "6"
     "a2305ee5510d57eaf975a4c3",
     "31fb5607174c2bdb58701c7d6abfd43a194971cf8116309d4a882efab87c50121bc0c79f814f924e4f163a7d26fc13ca9b60c34"
     "9"
     "53eec2b91d81146ee939470f",
     "49a67da9595bc28716d5723630e5932236f3ea6ab5ef9ac5eeb0e6fd51db39bff498526c1a6437297da8b3f569a8bbabe84e66e"
     "8"
     "a83b4dd28bd26e040684389e",
     "911d4c636dd7790d2ec6080841112aa307c308eedc40798a01ffbdbb26d5eb1a9108ad569ed268a6f7b775aca83bc1668121f93"
     "5"
     "186976b42decc28f35278d6e"},
    {"\xc2\x80\xc3\xbf",
     "8d6b6328efe0061bd1173be856f73a1702f3b261fd6a288caeca6624920cd76a243f95b031f4229908558a0f76ac6af503d00ca"
     "1"
     "bd3fae2ea58c9013b021e252",
     "b6361a841eb9bca66f7968eb3cc0fa2e10e64308416f0202d449f50bc98875953d21b44e70b2d990a42a79605eef6ae2d21568c"
     "e"
     "f4ca2cb2e04e945cebfed5fc",
     "a01ae6ada0ed297b8ce1edbd50e79ae9fd331b26aecbabef037a64d36f7a2a1ce040b5ca71fafb1207590ce876d897c2b507ccc"
     "5"
     "abe4dcaf7cf09bcd421d9275",
     "6ca9695e6e232df4aa15a1658d774047d9d638aec8ddd09a2c50778ed559376fe9f0daea62eb507a4aae345efd81ddc9f3eef3c"
     "d"
     "5d9b992a0274d217d71e06f4"},
};

std::string line_with(const std::string& proof) { return "hmac_sha3_512;" + proof + ";json\n"; }

// With the very lines that the proofs above are about.
session_config config_with(const std::string& secret) {
  session_config c;
  c.node_id = "a";
  c.nonce = "nonce of a";
  c.secret = secret;
  c.auth_offer = c.auth_accept = {auth_method::hmac_sha3_512};
  c.framings = {"json"};
  return c;
}

// The authentication line that the session answers with when a Perl peer proves itself like that; empty when
// it is not let in. The arbiter holds its line back, so it knows the peer's form by then.
std::string answer_of_the_arbiter(const std::string& secret, const std::string& proof) {
  side s(config_with(secret));
  EXPECT_EQ(s.written, own_lines);
  s.hold = true;
  s.feed(perl_lines + line_with(proof));
  if (s.last() != session_event::verified) return {};
  s.s.send_auth();
  s.feed(" ");
  EXPECT_EQ(s.last(), session_event::ready);
  return s.written.substr(sizeof own_lines - 1);
}

TEST(session, answers_a_perl_node_of_version_2_in_the_form_of_the_secret_that_it_has) {
  for (const proofs& p : known) {
    EXPECT_EQ(answer_of_the_arbiter(p.secret, p.one_byte_of_perl), line_with(p.one_byte_of_ours));
    EXPECT_EQ(answer_of_the_arbiter(p.secret, p.utf8_of_perl), line_with(p.utf8_of_ours));
  }
}

TEST(session, that_speaks_first_takes_one_byte_a_character_towards_a_perl_node_of_version_2) {
  for (const proofs& p : known) {
    side s(config_with(p.secret));
    s.feed(perl_lines);
    EXPECT_EQ(s.written, own_lines + line_with(p.one_byte_of_ours));
    s.feed(line_with(p.one_byte_of_perl));
    EXPECT_EQ(s.last(), session_event::ready);
  }
}

TEST(session, takes_the_other_form_for_no_other_secret) {
  EXPECT_EQ(answer_of_the_arbiter(known[0].secret, known[1].one_byte_of_perl), "");
  EXPECT_EQ(answer_of_the_arbiter(known[0].secret, known[0].one_byte_of_ours), "");  // its own, sent back
  EXPECT_EQ(answer_of_the_arbiter("geheim", known[0].one_byte_of_perl), "");
}

// What either side of a handshake proves itself with, in lines that it has chosen.
std::string proof_of(const std::string& lines, const std::string& peer_lines, const std::string& secret) {
  const auto split = [](const std::string& two) {
    const auto end = two.find('\n');
    return greeting_lines{std::string_view(two).substr(0, end),
                          std::string_view(two).substr(end + 1, two.size() - end - 2)};
  };
  return auth_data(auth_method::hmac_sha3_512, split(lines), split(peer_lines), secret);
}

TEST(session, takes_utf8_alone_from_nodes_of_this_library_and_of_unknown_kind) {
  const std::string secret = known[0].secret;
  for (const char* keys : {";mproto=1;gproto=1;arbiter=1", ";mproto=1;heartbeat=30", ";mproto=1;instance=x",
                           ";gproto=1;relay=1", ";mproto=1;psk=possible", "", ";provider=AE-2.01"}) {
    SCOPED_TRACE(keys);
    const std::string lines = std::string("aemp;1;b;hmac_sha3_512;json") + keys + "\nnonce of b\n";
    side wrong(config_with(secret));
    wrong.feed(lines + line_with(proof_of(lines, own_lines, one_byte_form(secret))));
    EXPECT_TRUE(wrong.s.failed_with(session_error::wrong_secret));
    side right(config_with(secret));
    right.feed(lines + line_with(proof_of(lines, own_lines, secret)));
    EXPECT_EQ(right.last(), session_event::ready);
    EXPECT_EQ(right.written, own_lines + line_with(proof_of(own_lines, lines, secret)));
  }
}

TEST(session, has_no_other_form_of_a_secret_with_characters_above_one_byte) {
  const std::string euro = "geh\xe2\x82\xacim";
  EXPECT_EQ(answer_of_the_arbiter(euro, proof_of(perl_lines, own_lines, "geh\xacim")), "");
  EXPECT_EQ(answer_of_the_arbiter(euro, proof_of(perl_lines, own_lines, euro)),
            line_with(proof_of(own_lines, perl_lines, euro)));
}

TEST(session, of_ours_connect_with_such_a_secret_in_utf8) {
  session_config config = config_with(known[0].secret);
  config.more_keys = {{"arbiter", "1"}, {"mproto", "1"}};
  side a(config);
  config.node_id = "b";
  config.nonce = "nonce of b";
  side b(config);
  const std::string from_a = a.written, from_b = b.written;
  a.feed(from_b);
  b.feed(from_a);
  EXPECT_EQ(a.written, from_a + line_with(proof_of(from_a, from_b, config.secret)));
  b.feed(a.written.substr(from_a.size()));
  a.feed(b.written.substr(from_b.size()));
  EXPECT_EQ(a.last(), session_event::ready);
  EXPECT_EQ(b.last(), session_event::ready);
}

}  // namespace
}  // namespace aemp::wire
