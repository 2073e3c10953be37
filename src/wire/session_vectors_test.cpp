// Handshakes of real nodes, repeated byte for byte.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "wire/session_test.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::side;
using testing::text_of;
using testing::vectors;

// One side of a captured handshake, set up so that our session has to say exactly what the real node said.
session_config captured(const boost::json::value& handshake, const boost::json::value& own) {
  session_config c;
  const greeting g = *parse_greeting(text_of(own, "greeting1"));
  c.node_id = g.node_id;
  c.protocol = g.protocol;
  c.served_protocols = {"aemp", "aemp-dataconn"};
  c.captured_line = g.line;
  c.nonce = text_of(own, "greeting2_nonce");
  c.framings = g.framings;
  c.auth_accept.push_back(auth_method::cleartext);
  c.tls_available = g.offers_tls();
  if (handshake.as_object().contains("secret") && handshake.at("secret").is_string()) {
    c.secret = text_of(handshake, "secret");
  }
  const auto line = text_of(own, "auth_line");
  c.auth_offer = {*auth_method_named(line.substr(0, line.find(';')))};
  return c;
}

void repeat_handshake(const boost::json::value& handshake, const boost::json::value& own,
                      const boost::json::value& peer) {
  const std::string from_peer = text_of(peer, "greeting1") + '\n' + text_of(peer, "greeting2_nonce") + '\n' +
                                text_of(peer, "auth_line") + '\n' + "[]";
  for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{7}}) {
    if (text_of(own, "greeting2_nonce").empty()) return;  // a minimal peer's; we always send a nonce
    side s(captured(handshake, own));
    s.feed(from_peer, slice);
    ASSERT_EQ(s.last(), session_event::ready) << s.s.failure().text;
    EXPECT_EQ(s.packets, "[]");
    EXPECT_EQ(s.written, text_of(own, "greeting1") + '\n' + text_of(own, "greeting2_nonce") + '\n' +
                             text_of(own, "auth_line") + '\n');
    EXPECT_EQ(s.s.peer().line, text_of(peer, "greeting1"));
    EXPECT_TRUE(text_of(own, "auth_line").ends_with(';' + s.s.framing_to_write()));
    EXPECT_TRUE(text_of(peer, "auth_line").ends_with(';' + s.s.framing_to_read()));
    if (own.as_object().contains("tls_role")) {
      const auto role = own.at("tls_role").is_null()            ? session_event::peer_named
                        : text_of(own, "tls_role") == "connect" ? session_event::start_tls_client
                                                                : session_event::start_tls_server;
      EXPECT_EQ(s.events[s.events.size() - 2], role);
      if (s.s.encryption() == encryption::certificates) {
        EXPECT_EQ(s.written_before_tls, text_of(own, "wire_plain"));
      }
    }
  }
}

TEST(session, repeats_the_captured_handshakes_of_version_1_from_both_sides) {
  for (const auto& h : vectors("handshakes_1x")) {
    SCOPED_TRACE(text_of(h, "name"));
    repeat_handshake(h, h.at("A"), h.at("B"));
    repeat_handshake(h, h.at("B"), h.at("A"));
  }
}

TEST(session, repeats_the_captured_handshakes_of_version_2_from_both_sides) {
  for (const auto& h : vectors("handshakes_2x")) {
    SCOPED_TRACE(text_of(h, "name"));
    repeat_handshake(h, h.at("connecting"), h.at("accepting"));
    repeat_handshake(h, h.at("accepting"), h.at("connecting"));
  }
}

// Every connection of the captured sessions, data connections too.
TEST(session, repeats_the_handshakes_of_the_captured_sessions_from_both_sides) {
  int repeated = 0;
  for (const auto& [name, events] : vectors().at("sessions_hex").as_object()) {
    std::map<std::int64_t, std::string> said[2];
    for (const auto& event : events.as_array()) {
      if (text_of(event, "kind") != "DATA") continue;
      said[text_of(event, "dir") == "C>S"][event.at("conn").as_int64()] +=
          testing::from_hex(text_of(event, "hex"));
    }
    for (const auto& [number, text] : said[0]) {
      SCOPED_TRACE(std::string(name) + ", connection " + std::to_string(number));
      boost::json::object sides[2];
      for (const int side : {0, 1}) {
        std::istringstream lines(said[side][number]);
        for (const char* key : {"greeting1", "greeting2_nonce", "auth_line"}) {
          std::string line;
          if (std::getline(lines, line)) sides[side][key] = line;
        }
      }
      if (!sides[0].contains("auth_line") || !sides[1].contains("auth_line"))
        continue;  // to oneself, or twice
      const boost::json::value handshake{{"secret", "geheim"}};
      repeat_handshake(handshake, sides[0], sides[1]);
      repeat_handshake(handshake, sides[1], sides[0]);
      ++repeated;
    }
  }
  EXPECT_EQ(12, repeated);
}

}  // namespace
}  // namespace aemp::wire
