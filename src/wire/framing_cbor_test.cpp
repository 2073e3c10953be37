#include "wire/framing_cbor.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "wire/framing_test.hpp"
#include "wire/hash.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::encoded;
using testing::from_hex;
using testing::receiver;
using testing::text_of;
using testing::vectors;

// The only element behind the port name of the packet that this hex is; its text if the packet is refused.
value element(std::string_view hex) {
  receiver r("cbor");
  r.receive(from_hex("824162" + std::string(hex)));
  if (r.sink.packets.size() != 1) return value(r.failure.name);
  return r.sink.packets[0].second[0];
}

std::string hex_of(const value& v) { return to_hex(encoded("cbor", "b", message::of({v}))).substr(6); }

TEST(framing_cbor, understands_every_frame_captured_from_real_nodes) {
  for (const auto& v : vectors("cbor_frames_seen_2x")) {
    const std::string frame = from_hex(text_of(v, "hex"));
    SCOPED_TRACE(text_of(v, "same_as_json"));
    receiver as_json("json");
    as_json.receive(text_of(v, "same_as_json"));
    for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{5}}) {
      receiver r("cbor");
      r.receive(frame, slice);
      ASSERT_EQ(r.failure.text, "");
      ASSERT_EQ(r.sink.packets.size(), as_json.sink.packets.size());
      if (r.sink.packets.empty()) continue;
      const auto& [port, m] = r.sink.packets[0];
      EXPECT_EQ(port, as_json.sink.packets[0].first);
      if (m.tag() == "time") continue;  // the json column is rounded to 15 digits
      EXPECT_EQ(m, as_json.sink.packets[0].second);
      receiver again("cbor");
      again.receive(encoded("cbor", port, m));
      EXPECT_EQ(again.sink.packets[0].second, m);
    }
  }
}

TEST(framing_cbor, repeats_captured_frames_of_byte_strings_exactly) {
  for (const char* hex : {"8241624372656c", "8341624363616e40", "83416244706f6e6701"}) {
    receiver r("cbor");
    r.receive(from_hex(hex));
    // Ours differs in the port name only, which is a text string.
    EXPECT_EQ(to_hex(encoded("cbor", "b", r.sink.packets[0].second)).substr(6),
              std::string_view(hex).substr(6));
  }
}

// RFC 8949, appendix A.
TEST(framing_cbor, reads_the_examples_of_the_rfc) {
  EXPECT_EQ(element("00").integer(), 0);
  EXPECT_EQ(element("1818").integer(), 24);
  EXPECT_EQ(element("1b000000e8d4a51000").integer(), 1000000000000);
  EXPECT_EQ(element("1bffffffffffffffff").unsigned_integer(), UINT64_MAX);
  EXPECT_EQ(element("3863").integer(), -100);
  EXPECT_EQ(element("3b7fffffffffffffff").integer(), INT64_MIN);
  EXPECT_EQ(element("3b8000000000000000").text(), "-9223372036854775809");
  EXPECT_EQ(element("3bffffffffffffffff").text(), "-18446744073709551616");
  EXPECT_EQ(element("f93e00").real(), 1.5);
  EXPECT_EQ(element("f90001").real(), 5.960464477539063e-8);
  EXPECT_EQ(element("fa47c35000").real(), 100000.0);
  EXPECT_EQ(element("fb3ff199999999999a").real(), 1.1);
  EXPECT_EQ(element("f97c00").real(), HUGE_VAL);
  EXPECT_TRUE(std::isnan(element("f97e00").real()));
  EXPECT_EQ(element("f4"), value(false));
  EXPECT_EQ(element("f5"), value(true));
  EXPECT_TRUE(element("f6").is_null());
  EXPECT_TRUE(element("f7").is_null());
  EXPECT_EQ(element("64f0908591").text(), "\xf0\x90\x85\x91");
  EXPECT_EQ(element("4401020304").type(), value::kind::bytes);
  EXPECT_EQ(element("c11a514b67b0").integer(), 1363896240);
  EXPECT_EQ(element("d818456449455446").text(), "dIETF");
  EXPECT_EQ(element("5f42010243030405ff").text(), "\x01\x02\x03\x04\x05");
  EXPECT_EQ(element("7f657374726561646d696e67ff").text(), "streaming");
  EXPECT_EQ(element("7fff").text(), "");
  EXPECT_EQ(element("9f018202039f0405ffff").to_json(), "[1,[2,3],[4,5]]");
  EXPECT_EQ(element("bf6346756ef563416d7421ff").to_json(), "{\"Amt\":-2,\"Fun\":true}");
  EXPECT_EQ(element("a201020304").to_json(), "{\"1\":2,\"3\":4}");
  EXPECT_EQ(element("a0").to_json(), "{}");
}

TEST(framing_cbor, reads_a_packet_without_a_length) {
  receiver r("cbor");
  r.receive(from_hex("9f41624372656cff"), 1);
  EXPECT_EQ(r.sink.text, "b [\"rel\"]\n");
}

TEST(framing_cbor, takes_text_that_is_no_utf8_for_bytes) {
  EXPECT_EQ(element("61ff").type(), value::kind::bytes);
  EXPECT_EQ(element("7f61c361a4ff"), value("ä"));  // cut inside a character
}

TEST(framing_cbor, writes_the_shortest_form) {
  EXPECT_EQ(hex_of(value(23)), "17");
  EXPECT_EQ(hex_of(value(24)), "1818");
  EXPECT_EQ(hex_of(value(-1)), "20");
  EXPECT_EQ(hex_of(value(INT64_MIN)), "3b7fffffffffffffff");
  EXPECT_EQ(hex_of(value(UINT64_MAX)), "1bffffffffffffffff");
  EXPECT_EQ(hex_of(value(1.5)), "fb3ff8000000000000");
  EXPECT_EQ(hex_of(value()), "f6");
  EXPECT_EQ(hex_of(value(true)), "f5");
  EXPECT_EQ(hex_of(value("ä")), "62c3a4");
  EXPECT_EQ(hex_of(value("\xe4")), "41e4");
  EXPECT_EQ(hex_of(value::bytes_of("x")), "4178");
  EXPECT_EQ(hex_of(value(value::map{{"b", 1}, {"a", value::array{}}})),
            "a261618061"
            "6201");
}

TEST(framing_cbor, refuses_what_is_no_packet) {
  for (const char* hex :
       {"00", "a0", "4161", "5fff", "f6", "ff", "1c", "8241621c", "824162f8ff", "824162ff", "9f41625f6161ff",
        "9f41625f00ff", "9f41625f5fff", "824162a1f600", "824162bf01ff", "9f4162bf80"}) {
    receiver r("cbor");
    r.receive(from_hex(hex));
    EXPECT_EQ(r.failure.name, "malformed_packet") << hex;
    EXPECT_TRUE(r.sink.packets.empty()) << hex;
  }
  receiver r("cbor");
  r.receive(from_hex("824162f8ff"));
  EXPECT_NE(r.failure.text.find("at byte 3"), std::string::npos) << r.failure.text;
}

TEST(framing_cbor, refuses_announced_sizes_beyond_the_limit_before_the_data_comes) {
  for (const char* hex : {"9affffffff", "9bffffffffffffffff", "8241629affffffff", "824162ba7fffffff",
                          "8241625affffffff", "8241627b00ffffffffffffff", "82607bffffffffffffffff",
                          "8241627bffffffffffffffff", "8241625bfffffffffffffff7"}) {
    receiver r("cbor", {.max_packet = 1000000});
    r.receive(from_hex(hex));
    EXPECT_EQ(r.failure.name, "packet_too_large") << hex;
  }
}

TEST(framing_cbor, gives_back_any_message_cut_anywhere) {
  EXPECT_TRUE(rc::check([] { testing::expect_round_trips("cbor", true); }));
}

TEST(framing_cbor, takes_the_fast_way_only_to_where_the_slow_one_leads) {
  EXPECT_TRUE(rc::check([] { testing::expect_same_however_cut("cbor"); }));
}

}  // namespace
}  // namespace aemp::wire
