// The handshake of two nodes that encrypt with a key from their secret, and somebody between them who changes
// what they say. TLS is acted: the client's hello, the server's answer, an alert where they do not go
// together; what is inside it is not encrypted here.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "wire/session.hpp"

namespace aemp::wire {
namespace {

constexpr std::string_view hello = "\x16\x03\x01";
constexpr std::string_view alert = "\x15\x03\x03";

session_config config_for(std::string node_id, psk_wish wish, std::string secret = "geheim") {
  session_config c;
  c.node_id = std::move(node_id);
  c.secret = std::move(secret);
  c.nonce = "nonce of " + c.node_id;
  c.psk = wish;
  return c;
}

// One node: session, owner and stream.
class side {
 public:
  explicit side(session_config config, bool is_arbiter = false) : s(std::move(config)), arbiter_(is_arbiter) {
    to_send = s.take_output();
  }

  void take(std::string_view bytes) {
    if (failed) return;
    if (tls_client && !tls_up) {
      bytes = shake_tls(bytes);
      if (!tls_up) return;
    }
    for (;;) {
      const session_step step = s.feed(bytes);
      bytes.remove_prefix(step.consumed);
      to_send += s.take_output();
      switch (step.event) {
        case session_event::none:
          return;
        case session_event::peer_named:
          if (arbiter_) s.hold_auth();
          break;
        case session_event::start_tls_client:
        case session_event::start_tls_server:
          tls_client = step.event == session_event::start_tls_client;
          if (*tls_client) to_send += own_hello();
          return;
        case session_event::verified:
          s.send_auth();
          break;
        case session_event::ready:
          is_ready = true;
          return;
        case session_event::failed:
          failed = s.failure();
          return;
      }
    }
  }

  session s;
  std::string to_send;
  std::optional<bool> tls_client;  // once TLS has begun
  bool tls_up = false;
  bool is_ready = false;
  std::optional<aemp::error> failed;

 private:
  std::string own_hello() const { return std::string(hello) + (*tls_client ? 'c' : 's') + s.psk(); }

  std::string_view shake_tls(std::string_view bytes) {
    if (bytes.empty()) return bytes;
    const std::string own = own_hello();
    const bool is_hello = bytes.size() >= own.size() && bytes.starts_with(hello);
    const std::size_t role = hello.size();
    if (!is_hello || bytes[role] == own[role]) return refuse("tls_failed");
    if (bytes.substr(role + 1, own.size() - role - 1) != own.substr(role + 1)) return refuse("wrong_key");
    if (!*tls_client) to_send += own;
    tls_up = true;
    s.tls_ready();
    return bytes.substr(own.size());
  }
  std::string_view refuse(const char* name) {
    to_send += alert;
    failed = s.tls_failed({name, "as acted"});
    return {};
  }

  const bool arbiter_;
};

// Changes the first line that somebody sends.
using edit = std::function<std::string(std::string)>;

void converse(side& a, side& b, const edit& of_a = {}, const edit& of_b = {}) {
  const auto edited = [](std::string bytes, const edit& change) {
    const std::size_t end = bytes.find('\n');
    return change ? change(bytes.substr(0, end)) + bytes.substr(end) : bytes;
  };
  a.to_send = edited(a.to_send, of_a);
  b.to_send = edited(b.to_send, of_b);
  while (!a.to_send.empty() || !b.to_send.empty()) {
    const std::string to_b = std::exchange(a.to_send, {});
    const std::string to_a = std::exchange(b.to_send, {});
    b.take(to_b);
    a.take(to_a);
  }
}

edit replace(std::string from, std::string to) {
  return [=](std::string line) {
    const std::size_t at = line.find(from);
    return at == std::string::npos ? line : line.replace(at, from.size(), to);
  };
}

TEST(session_encryption, is_said_in_the_greeting_by_those_with_a_secret) {
  EXPECT_NE(session(config_for("a", psk_wish::wanted)).own_greeting().find(";psk=wanted;"),
            std::string::npos);
  EXPECT_EQ(session(config_for("a", psk_wish::none)).own_greeting().find("psk"), std::string::npos);
  EXPECT_EQ(session(config_for("a", psk_wish::required, "")).own_greeting().find("psk"), std::string::npos);
}

TEST(session_encryption, has_the_lower_node_as_client_and_the_proof_of_the_secret_inside) {
  for (const bool arbiter : {false, true}) {
    side low(config_for("a", psk_wish::wanted));
    side high(config_for("b", psk_wish::possible), arbiter);
    converse(low, high);
    EXPECT_TRUE(low.is_ready && high.is_ready);
    EXPECT_EQ(low.tls_client, true);
    EXPECT_EQ(high.tls_client, false);
    for (const side* s : {&low, &high}) {
      EXPECT_EQ(s->s.encryption(), encryption::secret);
      EXPECT_EQ(s->s.own_auth(), auth_method::hmac_sha3_512);
      EXPECT_EQ(s->s.peer_auth(), auth_method::hmac_sha3_512);
    }
    EXPECT_EQ(low.s.psk(), make_psk("geheim", {low.s.own_greeting(), "nonce of a"},
                                    {high.s.own_greeting(), "nonce of b"}));
    EXPECT_EQ(high.s.psk(), low.s.psk());
  }
}

TEST(session_encryption, is_left_where_nobody_wants_it_or_the_peer_does_not_know_it) {
  for (const auto& [mine, theirs] :
       {std::pair(psk_wish::possible, psk_wish::possible), std::pair(psk_wish::wanted, psk_wish::none)}) {
    side a(config_for("a", mine));
    side b(config_for("b", theirs));
    converse(a, b);
    EXPECT_TRUE(a.is_ready && b.is_ready);
    EXPECT_EQ(a.s.encryption(), encryption::none);
    EXPECT_TRUE(a.s.psk().empty());
  }
}

TEST(session_encryption, by_certificates_goes_before_that_by_the_secret) {
  session_config one = config_for("a", psk_wish::required);
  session_config other = config_for("b", psk_wish::required);
  one.tls_available = other.tls_available = true;
  side a(one);
  side b(other);
  converse(a, b);
  EXPECT_TRUE(a.is_ready && b.is_ready);
  EXPECT_EQ(a.s.encryption(), encryption::certificates);
  EXPECT_EQ(a.s.own_auth(), auth_method::tls_sha3_512);
  EXPECT_TRUE(a.s.psk().empty());
}

TEST(session_encryption, that_is_required_is_missed_by_name_on_both_sides) {
  side a(config_for("a", psk_wish::required));
  side b(config_for("b", psk_wish::none));
  converse(a, b);
  for (const side* s : {&a, &b}) {
    ASSERT_TRUE(s->failed);
    EXPECT_EQ(s->failed->name, "encryption_required") << s->failed->text;
    EXPECT_NE(s->failed->text.find("node "), std::string::npos) << s->failed->text;
  }
  side perl(config_for("perl", psk_wish::none));
  side strict(config_for("a", psk_wish::required, ""));
  converse(strict, perl);
  ASSERT_TRUE(strict.failed);
  EXPECT_EQ(strict.failed->name, "encryption_required");
}

TEST(session_encryption, with_different_secrets_fails_by_name_on_both_sides) {
  side a(config_for("a", psk_wish::wanted, "geheim"));
  side b(config_for("b", psk_wish::wanted, "falsch"));
  converse(a, b);
  // The client learns it by an alert, whose meaning is TLS' business.
  ASSERT_TRUE(b.failed);
  EXPECT_EQ(b.failed->name, "wrong_secret");
  EXPECT_NE(b.failed->text.find("config.secret"), std::string::npos) << b.failed->text;
  EXPECT_TRUE(a.failed);
  EXPECT_FALSE(a.is_ready || b.is_ready);
}

struct attack {
  const char* what;
  psk_wish low, high;
  edit of_low, of_high;
};

TEST(session_encryption, cannot_be_talked_out_of_by_somebody_in_between) {
  using enum psk_wish;
  const edit strip = replace(";psk=wanted", "");
  const edit strip_possible = replace(";psk=possible", "");
  const edit strip_required = replace(";psk=required", "");
  const edit calm = replace("psk=wanted", "psk=possible");
  const edit excite = replace("psk=possible", "psk=wanted");
  const attack attacks[] = {
      {"stripped both ways", wanted, wanted, strip, strip},
      {"stripped one way", wanted, wanted, strip, {}},
      {"stripped the other way", wanted, wanted, {}, strip},
      {"calmed both ways", wanted, wanted, calm, calm},
      {"calmed one way", wanted, wanted, calm, {}},
      {"calmed the other way", wanted, wanted, {}, calm},
      {"calmed where it matters", wanted, possible, calm, {}},
      {"calmed where it matters, the other way", possible, wanted, {}, calm},
      {"stripped where it matters", wanted, possible, strip, {}},
      {"stripped from the one who does not care", wanted, possible, {}, strip_possible},
      {"excited one way", possible, possible, excite, {}},
      {"excited the other way", possible, possible, {}, excite},
      {"excited both ways", possible, possible, excite, excite},
      {"stripped from one who requires it", required, wanted, strip_required, {}},
      {"stripped towards one who requires it", wanted, required, strip, {}},
      {"another word", wanted, wanted, replace("provider=aemp", "provider=evil"), {}},
  };
  for (const attack& one : attacks) {
    for (const bool arbiter : {false, true}) {
      side low(config_for("a", one.low));
      side high(config_for("b", one.high), arbiter);
      converse(low, high, one.of_low, one.of_high);
      EXPECT_FALSE(low.is_ready || high.is_ready) << one.what;
      // Where one side refuses at once, without a word, the other is told by the end of the connection.
      const bool by_rule = (low.failed && low.failed->name == "encryption_required") ||
                           (high.failed && high.failed->name == "encryption_required");
      for (const side* s : {&low, &high}) {
        if (by_rule && !s->failed) continue;
        ASSERT_TRUE(s->failed) << one.what << (s == &low ? ": low" : ": high") << " still waits";
        EXPECT_TRUE(s->failed->name == "wrong_secret" || s->failed->name == "greeting_changed" ||
                    s->failed->name == "encryption_required")
            << one.what << ": " << s->failed->name;
      }
    }
  }
}

TEST(session_encryption, sees_tls_where_a_line_is_due_however_it_is_sliced) {
  for (const std::string_view record : {hello, alert}) {
    session s(config_for("b", psk_wish::wanted));
    std::string in = "aemp;1;a;hmac_sha3_512;json\nnonce\n";
    EXPECT_EQ(s.feed(in).event, session_event::peer_named);
    EXPECT_EQ(s.feed(in.substr(in.find('\n') + 1)).event, session_event::none);
    EXPECT_EQ(s.feed(record.substr(0, 1)).event, session_event::failed);
    EXPECT_TRUE(s.failed_with(session_error::greeting_changed)) << s.failure().text;
  }
}

}  // namespace
}  // namespace aemp::wire
