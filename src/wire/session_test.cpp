#include "wire/session_test.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "wire/hash.hpp"
#include "wire/md6.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::side;
using testing::vectors;

session_config config_for(std::string node_id, std::string secret = "geheim") {
  session_config c;
  c.node_id = std::move(node_id);
  c.nonce = "nonce of " + c.node_id;
  c.secret = std::move(secret);
  return c;
}

// Both talk until neither has anything left to say.
void converse(side& a, side& b) {
  for (std::size_t a_read = 0, b_read = 0; a_read < b.written.size() || b_read < a.written.size();) {
    const std::string to_a = b.written.substr(a_read);
    const std::string to_b = a.written.substr(b_read);
    a_read = b.written.size();
    b_read = a.written.size();
    a.feed(to_a);
    b.feed(to_b);
  }
}

void expect_failure(const side& s, session_error e) {
  EXPECT_EQ(s.last(), session_event::failed);
  EXPECT_EQ(s.s.failure().name, to_text(e)) << s.s.failure().text;
  EXPECT_TRUE(s.s.failed_with(e));
  EXPECT_NE(s.s.failure().text.find(describe(e)), std::string::npos) << s.s.failure().text;
}

TEST(session, says_both_greeting_lines_at_once) {
  session_config c = config_for("a");
  c.peeraddr = "127.0.0.1:4040";
  c.more_keys = {{"mproto", "1"}, {"arbiter", "1"}};
  session s(c);
  EXPECT_EQ(s.take_output(),
            "aemp;1;a;hmac_sha3_512,hmac_md6_64_256;cbor,json,storable;mproto=1;arbiter=1;provider=aemp;"
            "peeraddr=127.0.0.1:4040\nnonce of a\n");
  EXPECT_EQ(s.take_output(), "");
}

TEST(session, lists_only_what_can_succeed_and_tls_first) {
  session_config c = config_for("a");
  c.auth_accept = {auth_method::hmac_sha3_512, auth_method::cleartext, auth_method::tls_anon,
                   auth_method::tls_sha3_512};
  using methods = std::vector<auth_method>;
  EXPECT_EQ(auth_to_list(c), (methods{auth_method::hmac_sha3_512, auth_method::cleartext}));
  c.tls_available = true;
  EXPECT_EQ(auth_to_list(c), (methods{auth_method::tls_anon, auth_method::tls_sha3_512,
                                      auth_method::hmac_sha3_512, auth_method::cleartext}));
  c.secret.clear();
  EXPECT_EQ(auth_to_list(c), (methods{auth_method::tls_anon, auth_method::tls_sha3_512}));
}

TEST(session, of_two_of_us_prefers_version_2_and_cbor) {
  side a(config_for("a"));
  side b(config_for("b"));
  converse(a, b);
  for (side* s : {&a, &b}) {
    EXPECT_EQ(s->events, (std::vector{session_event::peer_named, session_event::ready}));
    EXPECT_EQ(s->s.own_auth(), auth_method::hmac_sha3_512);
    EXPECT_EQ(s->s.peer_auth(), auth_method::hmac_sha3_512);
    EXPECT_EQ(s->s.framing_to_read(), "cbor");
    EXPECT_EQ(s->s.framing_to_write(), "cbor");
  }
  EXPECT_EQ(a.s.peer().node_id, "b");
}

TEST(session, uses_the_secret_where_only_one_side_has_a_certificate) {
  session_config with_tls = config_for("a");
  with_tls.tls_available = true;
  side a(with_tls);
  side b(config_for("b"));
  converse(a, b);
  EXPECT_EQ(a.last(), session_event::ready);
  EXPECT_EQ(b.last(), session_event::ready);
  EXPECT_EQ(a.s.encryption(), encryption::none);
}

TEST(session, starts_tls_where_both_have_certificates_and_needs_no_secret_then) {
  session_config c = config_for("a", "");
  c.tls_available = true;
  side a(c);
  c = config_for("b", "geheim");
  c.tls_available = true;
  side b(c);
  converse(a, b);
  EXPECT_EQ(a.events,
            (std::vector{session_event::peer_named, session_event::start_tls_client, session_event::ready}));
  EXPECT_EQ(b.events,
            (std::vector{session_event::peer_named, session_event::start_tls_server, session_event::ready}));
  EXPECT_EQ(b.s.own_auth(), auth_method::tls_sha3_512);
}

TEST(session, leaves_the_bytes_behind_an_event_to_the_owner) {
  session_config c = config_for("a");
  c.tls_available = true;
  session s(c);
  const std::string_view greeting = "aemp;1;b;tls_anon;json;tls=1.0\n";
  const std::string in = std::string(greeting) + "nonce\n\x16\x03\x01 tls hello";
  EXPECT_EQ(s.feed(in).consumed, greeting.size());
  const session_step step = s.feed(std::string_view(in).substr(greeting.size()));
  EXPECT_EQ(step.consumed, 6u);
  EXPECT_EQ(step.event, session_event::start_tls_server);
  const session_step waiting = s.feed("\x16\x03\x01 tls hello");
  EXPECT_EQ(waiting.consumed, 0u);
  EXPECT_EQ(waiting.event, session_event::none);
}

TEST(session, with_its_line_held_back_first_verifies_the_peer) {
  side a(config_for("a"));
  side b(config_for("b"));
  b.hold = true;
  converse(a, b);
  EXPECT_EQ(b.events, (std::vector{session_event::peer_named, session_event::verified}));
  EXPECT_EQ(a.events, (std::vector{session_event::peer_named}));

  b.s.send_auth();
  b.s.send_auth();
  std::string_view packets = "[]";
  while (!b.drive(packets)) {
  }
  EXPECT_EQ(packets, "[]");
  EXPECT_EQ(b.last(), session_event::ready);
  a.feed(b.written.substr(b.written.rfind("hmac_sha3_512;")));
  EXPECT_EQ(a.last(), session_event::ready);
}

TEST(session, tells_a_peer_that_knows_of_arbiters_which_acceptance_this_is) {
  for (const bool knows : {true, false}) {
    session_config peer = config_for("a");
    if (knows) peer.more_keys = {{"arbiter", "1"}};
    side a(std::move(peer));
    side b(config_for("b"));
    b.hold = true;
    converse(a, b);
    b.s.send_auth(7);
    a.feed(b.s.take_output());
    ASSERT_EQ(a.last(), session_event::ready);
    EXPECT_EQ(a.s.peer_acceptance(), knows ? 7u : 0u);
  }
}

TEST(session, with_its_line_let_go_before_the_peers_is_ready_in_one_step) {
  side a(config_for("a"));
  side b(config_for("b"));
  b.hold = true;
  b.feed(a.written);
  EXPECT_EQ(b.last(), session_event::peer_named);
  b.s.send_auth();
  a.feed(b.written + b.s.take_output());
  b.feed(a.written.substr(a.written.find("hmac_sha3_512;", a.written.find('\n'))));
  EXPECT_EQ(a.last(), session_event::ready);
  EXPECT_EQ(b.events, (std::vector{session_event::peer_named, session_event::ready}));
}

TEST(session, takes_a_minimal_peer_only_if_cleartext_is_accepted) {
  // All lines in one write, with CR, and the first packet behind (C.8).
  const std::string minimal =
      "aemp;1;raw2;hmac_md6_64_256;json\r\nNxx\r\ncleartext;67656865696d;json;more=fields\r\n[\"\"]";
  side strict(config_for("a"));
  strict.feed(minimal);
  expect_failure(strict, session_error::auth_method_not_accepted);

  session_config c = config_for("a");
  c.auth_accept.push_back(auth_method::cleartext);
  for (const std::size_t slice : {1, 1000}) {
    side lenient(c);
    lenient.feed(minimal, slice);
    EXPECT_EQ(lenient.last(), session_event::ready) << lenient.s.failure().text;
    EXPECT_EQ(lenient.s.peer_auth(), auth_method::cleartext);
    EXPECT_EQ(lenient.s.own_auth(), auth_method::hmac_md6_64_256);
    EXPECT_EQ(lenient.packets, "[\"\"]");
  }
}

TEST(session, accepts_an_empty_nonce_and_version_1_point_0) {
  session_config c = config_for("a");
  c.auth_accept.push_back(auth_method::cleartext);
  side s(c);
  s.feed("aemp;1.0;raw3;hmac_md6_64_256;json\n\ncleartext;67656865696d;json\n");
  EXPECT_EQ(s.last(), session_event::ready) << s.s.failure().text;
}

// --- every way to fail ---

side after(session_config config, std::string_view bytes) {
  side s(std::move(config));
  s.feed(bytes);
  return s;
}

constexpr std::string_view peer_lines = "aemp;1;b;tls_anon,hmac_md6_64_256;json\nnonce of b\n";

TEST(session, refuses_other_protocols_and_versions) {
  expect_failure(after(config_for("a"), "foo;1;b;x;json\n"), session_error::unparsable_greeting);
  expect_failure(after(config_for("a"), "aemp;2;b;x;json\n"), session_error::version_mismatch);
  expect_failure(after(config_for("a"), "aemp-dataconn;1;b;x;json\n"), session_error::unknown_protocol);
  expect_failure(after(config_for("a"), "aemp;1;b#c;x;json\n"), session_error::bad_node_id);
}

TEST(session, lets_a_node_open_a_stream_of_another_protocol_to_itself) {
  session_config listening = config_for("a");
  listening.served_protocols = {"aemp", "aemp-dataconn"};
  session_config dialling = config_for("a");
  dialling.nonce = "another nonce";
  dialling.protocol = "aemp-dataconn";
  side a(listening), b(dialling);
  converse(a, b);
  EXPECT_EQ(session_event::ready, a.last());
  EXPECT_EQ(session_event::ready, b.last());
  EXPECT_EQ("aemp-dataconn", a.s.peer().protocol);
}

TEST(session, refuses_to_talk_to_itself) {
  side a(config_for("a"));
  session_config again = config_for("a");
  again.nonce = "another nonce";
  side b(again);
  converse(a, b);
  expect_failure(a, session_error::talking_to_myself);
  expect_failure(b, session_error::talking_to_myself);
  expect_failure(after(config_for("a"), "aemp;1;;x;json\n"), session_error::talking_to_myself);
}

TEST(session, refuses_an_echo) {
  expect_failure(after(config_for("a"), "aemp;1;b;hmac_md6_64_256;json\nnonce of a\n"),
                 session_error::echo_attack);
}

TEST(session, refuses_a_peer_with_nothing_in_common) {
  expect_failure(after(config_for("a"), "aemp;1;b;cleartext;json\nn\n"), session_error::no_common_auth);
  expect_failure(after(config_for("a"), "aemp;1;b;hmac_md6_64_256;smoke\nn\n"),
                 session_error::no_common_framing);
  expect_failure(after(config_for("a", ""), peer_lines), session_error::no_secret_and_no_tls);
}

TEST(session, refuses_a_wrong_secret_and_says_where_to_look) {
  session_config c = config_for("a", "geheim");
  c.peeraddr = "10.0.0.7:4040";
  side a(c);
  side b(config_for("b", "falsch"));
  converse(a, b);
  expect_failure(a, session_error::wrong_secret);
  expect_failure(b, session_error::wrong_secret);
  EXPECT_NE(a.s.failure().text.find("node b at 10.0.0.7:4040"), std::string::npos) << a.s.failure().text;
  EXPECT_NE(a.s.failure().text.find("config.secret"), std::string::npos);
}

TEST(session, keeps_of_a_handshake_what_the_owner_still_asks_for) {
  side a(config_for("a"));
  side b(config_for("b"));
  converse(a, b);
  ASSERT_EQ(a.last(), session_event::ready);
  const auto keys = a.s.peer().keys;
  const std::string framing = a.s.framing_to_read();
  a.s.forget_handshake();
  EXPECT_EQ(a.s.peer().node_id, "b");
  EXPECT_EQ(a.s.peer().protocol, "aemp");
  EXPECT_EQ(a.s.peer().keys, keys);
  EXPECT_EQ(a.s.framing_to_read(), framing);
  EXPECT_FALSE(a.s.framing_to_write().empty());
  EXPECT_EQ(a.s.peer().line.capacity(), std::string().capacity());
  EXPECT_EQ(a.s.own_greeting(), "");
}

// What a real node rejects, we reject: the table handshake_rejected_by_real_node.
TEST(session, refuses_proofs_that_real_nodes_refuse) {
  ASSERT_EQ(vectors("handshake_rejected_by_real_node").size(), 3u);
  const auto try_proof = [](const std::function<std::string(greeting_lines, greeting_lines)>& proof) {
    side s(config_for("a"));
    const greeting_lines own = {s.s.own_greeting(), "nonce of a"};
    const greeting_lines peer = {"aemp;1;b;hmac_md6_64_256;json", "nonce of b"};
    s.feed(std::string(peer.first) + '\n' + std::string(peer.nonce) + "\nhmac_md6_64_256;" +
           proof(peer, own) + ";json\n");
    return s;
  };
  const auto right = [](greeting_lines peer, greeting_lines own) {
    return auth_data(auth_method::hmac_md6_64_256, peer, own, "geheim");
  };
  EXPECT_EQ(try_proof(right).last(), session_event::ready);

  const auto exchanged_roles = [](greeting_lines peer, greeting_lines own) {
    std::string lines;
    for (const auto l : {peer.first, peer.nonce, own.first, own.nonce}) lines.append(l).append("\n");
    return to_hex(hmac_md6_64_256(md6_256("geheim"), lines));
  };
  const auto upper_case = [&](greeting_lines peer, greeting_lines own) {
    std::string hex = right(peer, own);
    for (char& c : hex) c = static_cast<char>(std::toupper(c));
    return hex;
  };
  const auto our_lines_first = [&](greeting_lines peer, greeting_lines own) { return right(own, peer); };
  expect_failure(try_proof(exchanged_roles), session_error::wrong_secret);
  expect_failure(try_proof(upper_case), session_error::wrong_secret);
  expect_failure(try_proof(our_lines_first), session_error::wrong_secret);
}

TEST(session, refuses_bad_authentication_lines) {
  const auto with_line = [](std::string_view line) {
    return after(config_for("a"), std::string(peer_lines) + std::string(line) + '\n');
  };
  expect_failure(with_line("foo;00;json"), session_error::unknown_auth_method);
  expect_failure(with_line(""), session_error::unknown_auth_method);
  expect_failure(with_line("hmac_md6_64_256"), session_error::missing_auth_data);
  expect_failure(with_line("hmac_md6_64_256;;json"), session_error::missing_auth_data);
  expect_failure(with_line("tls_anon;;json"), session_error::auth_method_not_accepted);
  expect_failure(with_line("tls_md6_64_256;00;json"), session_error::auth_method_not_accepted);
}

TEST(session, sends_in_storable_only_when_nothing_else_is_in_common) {
  const auto framings_of = [](std::vector<std::string> ours, std::vector<std::string> theirs) {
    session_config c = config_for("a");
    c.framings = std::move(ours);
    side a(c);
    c = config_for("b");
    c.framings = std::move(theirs);
    side b(c);
    converse(a, b);
    EXPECT_EQ(a.last(), session_event::ready);
    return std::pair(a.s.framing_to_write(), a.s.framing_to_read());
  };
  using names = std::pair<std::string, std::string>;
  const auto defaults = session_config{}.framings;
  EXPECT_EQ(defaults.back(), "storable");
  EXPECT_EQ(framings_of(defaults, {"storable"}), names("storable", "storable"));
  EXPECT_EQ(framings_of(defaults, {"storable", "json"}), names("json", "json"));
  EXPECT_EQ(framings_of({"storable", "json"}, {"smoke", "storable", "cbor"}), names("storable", "storable"));
}

TEST(session, refuses_a_framing_it_did_not_list) {
  side s(config_for("a"));
  const std::string own_line = s.s.own_greeting();
  const std::string proof = auth_data(auth_method::hmac_md6_64_256, {"aemp;1;b;hmac_md6_64_256;json", "n"},
                                      {own_line, "nonce of a"}, "geheim");
  side missing(config_for("a"));
  s.feed("aemp;1;b;hmac_md6_64_256;json\nn\nhmac_md6_64_256;" + proof + ";nosuch\n");
  expect_failure(s, session_error::unusable_framing);
  EXPECT_NE(s.s.failure().text.find("'nosuch'"), std::string::npos);
  missing.feed("aemp;1;b;hmac_md6_64_256;json\nn\nhmac_md6_64_256;" + proof + "\n");
  expect_failure(missing, session_error::unusable_framing);
}

TEST(session, refuses_a_wrong_proof_inside_tls) {
  session_config c = config_for("a");
  c.tls_available = true;
  expect_failure(after(c, "aemp;1;b;tls_anon,tls_md6_64_256;json;tls=1.0\nn\ntls_md6_64_256;00;json\n"),
                 session_error::wrong_tls_auth);
}

TEST(session, refuses_lines_that_do_not_end_however_they_are_sliced) {
  const std::string fits = "aemp;1;b;hmac_md6_64_256;json;" + std::string(max_line - 30, 'x') + '\n';
  ASSERT_EQ(fits.size(), max_line + 1);
  for (const std::size_t slice : {std::size_t{1}, std::size_t{1000}, std::string_view::npos}) {
    side ok(config_for("a"));
    ok.feed(fits, slice);
    EXPECT_EQ(ok.last(), session_event::peer_named);
    side too_long(config_for("a"));
    too_long.feed("x" + fits, slice);
    expect_failure(too_long, session_error::line_too_long);
    side endless(config_for("a"));
    endless.feed(std::string(5000, 'x'), slice);
    expect_failure(endless, session_error::line_too_long);
  }
}

TEST(session, stays_failed) {
  side s = after(config_for("a"), "foo\n");
  const std::size_t events = s.events.size();
  s.feed(peer_lines);
  EXPECT_EQ(s.events.size(), events);
}

TEST(session, cannot_be_made_without_a_nonce_or_with_a_bad_node_id) {
  session_config c = config_for("a");
  c.nonce.clear();
  EXPECT_THROW(session{c}, std::invalid_argument);
  EXPECT_THROW(session{config_for("a#b")}, std::invalid_argument);
}

TEST(session_error, has_a_name_and_a_sentence_per_value) {
  for (int i = 0; i <= static_cast<int>(session_error::greeting_changed); ++i) {
    EXPECT_NE(to_text(static_cast<session_error>(i)), "unknown") << i;
    EXPECT_GT(describe(static_cast<session_error>(i)).size(), 20u) << i;
  }
}

}  // namespace
}  // namespace aemp::wire
