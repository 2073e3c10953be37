#include "wire/framing_native.hpp"

#include <gtest/gtest.h>

#include "wire/framing_test.hpp"
#include "wire/hash.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::encoded;
using testing::from_hex;
using testing::receiver;

const port_id some_port = *port_id::parse("alpha#Xw3k.4f");

// A frame of that hex, with its length in front.
std::string frame(std::string_view hex) {
  const std::string rest = from_hex(hex);
  std::string out(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<char>(rest.size() >> 8 * i);
  return out + rest;
}

// A message to port "b" whose elements this hex is, so many of them; the name of the error if it is refused.
value elements(std::string_view hex, unsigned char count) {
  receiver r("aemp1");
  r.receive(frame("00010162" + to_hex(std::string(1, static_cast<char>(count))) + std::string(hex)));
  if (r.sink.packets.size() != 1) return value(r.failure.name);
  return value(r.sink.packets[0].second.elements());
}
value element(std::string_view hex) {
  const value all = elements(hex, 1);
  return all.type() == value::kind::array ? all[0] : all;
}
std::string hex_of(const value& v) {  // behind an element that is no tag
  return to_hex(encoded("aemp1", "b", message::of({nullptr, v}))).substr(20);
}

// docs/protocol.md, "Framing aemp1": the example.
TEST(framing_native, repeats_the_example_of_the_specification) {
  native_encoder e;
  const auto encoded = [&](std::string_view port, const message& m) {
    out_buffer out;
    e.append(out, port, m);
    return out.text();
  };
  const std::string out = encoded("Xw3k.4f", message("ping", 123456, some_port));
  EXPECT_EQ(to_hex(out),
            "26000000000107"
            "5877336b2e3466"
            "03"
            "f2000470696e67"
            "e280c403"
            "f4000d616c706861235877336b2e3466");
  const std::string second = encoded("Xw3k.4f", message("ping", -17, some_port));
  EXPECT_EQ(to_hex(second), "08000000000003c0e021f300");
  const std::string third = encoded("", message("ping"));
  EXPECT_EQ(to_hex(third), "0500000000030001c0");
  for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{7}}) {
    receiver r("aemp1");
    r.receive(out + second + third, slice);
    ASSERT_EQ(r.sink.packets.size(), 3u) << r.failure.text;
    EXPECT_EQ(r.sink.packets[0], std::pair(std::string("Xw3k.4f"), message("ping", 123456, some_port)));
    EXPECT_EQ(r.sink.packets[1], std::pair(std::string("Xw3k.4f"), message("ping", -17, some_port)));
    EXPECT_EQ(r.sink.packets[2], std::pair(std::string(), message("ping")));
    EXPECT_EQ(r.sink.packets[1].second[2].type(), value::kind::port);
  }
}

// The table of elements in docs/protocol.md.
TEST(framing_native, writes_and_reads_every_kind_of_element_as_specified) {
  const std::string long_text(64, 'x');
  const std::string long_hex = to_hex(long_text);
  const std::pair<value, std::string> table[] = {
      {value(-16), "00"},
      {value(0), "10"},
      {value(47), "3f"},
      {value(48), "e060"},
      {value(-17), "e021"},
      {value(127), "e0fe"},
      {value(128), "e10001"},
      {value(INT64_MAX), "e7feffffffffffffff"},
      {value(INT64_MIN), "e7ffffffffffffffff"},
      {value(UINT64_MAX), "e8ffffffffffffffff"},
      {value(1.5), "e9000000000000f83f"},
      {value(), "ea"},
      {value(false), "eb"},
      {value(true), "ec"},
      {value(""), "40"},
      {value("ä"), "42c3a4"},
      {value(long_text), "ed40" + long_hex},
      {value::bytes_of("\xff"), "81ff"},
      {value::bytes_of(long_text), "ee40" + long_hex},
      {value(value::array{value(1), value()}), "a211ea"},
      {value(value::array(16, value(1))), "ef1011111111111111111111111111111111"},
      {value(value::map{{"k", value(1)}}), "b1016b11"},
      {value(some_port), "f4000d616c706861235877336b2e3466"},
  };
  for (const auto& [v, hex] : table) {
    EXPECT_EQ(hex_of(v), hex);
    EXPECT_TRUE(testing::same(element(hex), v)) << hex << " is " << element(hex);
  }
}

TEST(framing_native, reads_what_it_would_write_otherwise) {
  EXPECT_EQ(element("e3d2040000").integer(), 617);  // more bytes than needed
  EXPECT_EQ(element("e80100000000000000").integer(), 1);
  EXPECT_EQ(element("ed8000").text(), "");  // a length with a byte too many
  EXPECT_EQ(element("f001016b11"), element("b1016b11"));
  EXPECT_EQ(element("b2016b11016b12").to_json(), R"({"k":2})");
  EXPECT_EQ(elements("f200026162c0f100", 3), value(value::array{"ab", "ab", "ab"}));
}

TEST(framing_native, writes_text_that_is_no_utf8_as_bytes) {
  EXPECT_EQ(hex_of(value("\xe4")), "81e4");
  EXPECT_EQ(element(to_hex(encoded("aemp1", "b", message("\xe4"))).substr(18)).type(), value::kind::bytes);
}

TEST(framing_native, skips_frames_of_unknown_types_that_may_be_skipped_and_refuses_others) {
  receiver r("aemp1");
  r.receive(frame("01") + frame("03ffff") + frame("8101ff") + encoded("aemp1", "b", message("m")));
  EXPECT_EQ(r.sink.text, "b [\"m\"]\n");
  r.receive(frame("0600"));
  EXPECT_EQ(r.failure.name, "unknown_frame");
}

TEST(framing_native, refuses_malformed_frames) {
  for (const char* hex : {
           "",                      // no type
           "80",                    // half a type
           "ffffffffffffffffff02",  // a type of more than 64 bits
           "00",                    // no destination
           "0000",                  // a number without a name
           "000162",                // a name longer than the frame
           "00030162",              // number 1 before number 0
           "0001ac02",              // a long name that is not there
           "000100",                // no number of elements
           "00010001",              // one element that is not there
           "000100ffffff7f",        // 2^28 - 1 of them
           "000100ffffffffffffffffff01",
           "000100001a",    // an element that was not announced
           "000100011a1a",  // one more than was announced
       }) {
    receiver r("aemp1");
    r.receive(frame(hex));
    EXPECT_EQ(r.failure.name, "malformed_packet") << hex;
  }
  for (const char* hex : {
           "e0",                // no bytes of an integer
           "e700000000000000",  // seven of eight
           "e8ff",
           "e9ff",      // halves of numbers
           "416242c3",  // text that ends early
           "41ff",
           "ed01ff",                  // text that is no UTF-8
           "edffffffffffffffffff01",  // a length of 2^64 - 1
           "ee02ff",
           "a2ea",
           "ef05ea",
           "efffffffff0f",
           "b1",
           "b1016b",
           "f001",
           "c0",
           "df",
           "f100",
           "f300",  // numbers without names
           "f2010161",
           "f4010161",  // numbers out of turn
           "f20001ff",  // a name that is no UTF-8
           "f400013b",
           "f40000",  // port IDs that are none
           "f5",
           "ff",  // nothing yet
       }) {
    EXPECT_EQ(element(hex), value("malformed_packet")) << hex;
  }
  const std::string too_long = "8002" + to_hex(std::string(256, 'n'));
  EXPECT_EQ(element("f200" + too_long), value("malformed_packet"));
  EXPECT_EQ(element("f400" + too_long), value("malformed_packet"));
  receiver r("aemp1");
  r.receive(frame("0001" + too_long));
  EXPECT_EQ(r.failure.name, "malformed_packet");
  EXPECT_NE(r.failure.text.find("aemp1: a name too long for a number, at byte 260"), std::string::npos)
      << r.failure.text;
}

TEST(framing_native, waits_for_the_rest_of_a_frame_wherever_it_is_cut) {
  const std::string packet = encoded("aemp1", "b", message("m", 123456, some_port));
  for (std::size_t cut = 0; cut < packet.size(); ++cut) {
    receiver r("aemp1");
    r.receive(packet.substr(0, cut));
    EXPECT_EQ(r.failure.text, "");
    EXPECT_TRUE(r.sink.packets.empty());
    r.receive(packet.substr(cut) + packet);
    EXPECT_EQ(r.sink.packets.size(), 2u);
  }
}

TEST(framing_native, refuses_a_length_beyond_the_limit_before_the_frame_has_come) {
  receiver r("aemp1", {.max_packet = 1000});
  r.receive(from_hex("e4030000"), 1);  // 996 and itself
  EXPECT_EQ(r.failure.text, "");
  receiver longer("aemp1", {.max_packet = 1000});
  longer.receive(from_hex("e5030000"), 1);
  EXPECT_EQ(longer.failure.name, "packet_too_large");
}

// Both sides hold 256 names of each sort at most, whatever is sent.
TEST(framing_native, uses_numbers_again_when_there_are_more_names) {
  native_encoder e;
  receiver r("aemp1");
  std::string text;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::string n = std::to_string(i);
      const message m("a tag with the number " + n, *port_id::parse("node#" + n), i);
      out_buffer out;
      e.append(out, "port" + n, m);
      r.receive(out.text());
      ASSERT_EQ(r.failure.text, "");
      ASSERT_EQ(r.sink.packets.back(), std::pair("port" + n, m));
    }
  }
  r.receive(frame("0001016201f280020161"));  // text number 256
  EXPECT_EQ(r.failure.name, "malformed_packet");
}

TEST(framing_native, gives_no_number_to_long_names) {
  const std::string name(300, 'n');
  const message m(std::string(65, 't'), *port_id::parse("node#" + name));
  native_encoder e;
  out_buffer out;
  e.append(out, name, m);
  const std::size_t once = out.size();
  e.append(out, name, m);
  EXPECT_EQ(out.size(), 2 * once);
  receiver r("aemp1");
  r.receive(out.text());
  ASSERT_EQ(r.sink.packets.size(), 2u) << r.failure.text;
  EXPECT_EQ(r.sink.packets[1], std::pair(name, m));
}

TEST(framing_native, carries_everything) {
  EXPECT_TRUE(rc::check([] { testing::expect_round_trips("aemp1", true); }));
}

// One encoder and one decoder, as on a connection, and few names, so that they come again.
TEST(framing_native, carries_a_conversation) {
  EXPECT_TRUE(rc::check([] {
    native_encoder e;
    receiver r("aemp1");
    for (int n = *rc::gen::inRange(1, 60); n > 0; --n) {
      const std::string port = "p" + std::to_string(*rc::gen::inRange(0, 20));
      const std::string tag = std::string(*rc::gen::inRange<std::size_t>(0, 9), 't');
      const message m =
          message::of({value(tag), testing::any_value(true), value(*port_id::parse("node#" + port))});
      out_buffer out;
      e.append(out, port, m);
      r.receive(out.text(), *rc::gen::inRange<std::size_t>(1, 40));
      RC_ASSERT(r.failure.text == "");
      RC_ASSERT(r.sink.packets.back().first == port);
      RC_ASSERT(testing::same(r.sink.packets.back().second, m));
    }
  }));
}

}  // namespace
}  // namespace aemp::wire
