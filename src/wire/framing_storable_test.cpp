#include "wire/framing_storable.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "data/utf8.hpp"
#include "wire/framing_test.hpp"
#include "wire/hash.hpp"
#include "wire/storable_test.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::encoded;
using testing::from_hex;
using testing::receiver;
using testing::storable_frame;
using testing::text_of;
using testing::vectors;

// The packet for port "b" with this hex as its only element.
std::string packet_with(std::string_view hex) { return storable_frame(testing::storable_image(hex)); }

// That element; the error's name if the packet is refused.
value element(std::string_view hex) {
  receiver r("storable");
  r.receive(packet_with(hex));
  if (r.sink.packets.size() != 1) return value(r.failure.name);
  return r.sink.packets[0].second[0];
}

std::string hex_of(const value& v) {
  const std::string hex = to_hex(encoded("storable", "b", message::of({v})));
  return hex.substr(hex.find("0a0162") + 6);  // behind the port name
}

TEST(framing_storable, understands_and_repeats_every_frame_captured_from_real_nodes) {
  for (const auto& v : vectors("storable_frames_seen_1x")) {
    const std::string frame = from_hex(text_of(v, "hex"));
    SCOPED_TRACE(text_of(v, "same_as_json"));
    receiver as_json("json");
    as_json.receive(text_of(v, "same_as_json"));
    ASSERT_EQ(as_json.sink.packets.size(), 1u);
    for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{5}}) {
      receiver r("storable");
      r.receive(frame, slice);
      ASSERT_EQ(r.failure.text, "");
      ASSERT_EQ(r.sink.packets, as_json.sink.packets);
    }
    const auto& [port, m] = as_json.sink.packets[0];
    EXPECT_EQ(to_hex(encoded("storable", port, m)), text_of(v, "hex"));
  }
}

// The samples' JSON is kept as Perl printed it: each byte of its UTF-8 is one character.
std::string bytes_of_characters(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    out += c < 0x80 ? text[i] : static_cast<char>((c & 3) << 6 | (text[++i] & 0x3f));
  }
  return out;
}

TEST(framing_storable, understands_and_repeats_the_samples_that_perl_wrote) {
  for (const auto& v : vectors("storable_samples")) {
    SCOPED_TRACE(text_of(v, "json"));
    receiver as_json("json");
    as_json.receive(bytes_of_characters(text_of(v, "json")));
    receiver r("storable");
    r.receive(from_hex(text_of(v, "frame_hex")));
    EXPECT_EQ(r.failure.text, "");
    ASSERT_EQ(r.sink.packets.size(), as_json.sink.packets.size());
    if (r.sink.packets.empty()) continue;  // they say nothing
    const auto& [port, m] = r.sink.packets[0];
    EXPECT_EQ(port, as_json.sink.packets[0].first);
    for (std::size_t i = 0; i < m.size(); ++i) {
      const value wanted = as_json.sink.packets[0].second[i];
      // A byte that is no UTF-8 does not equal the character of that number, but is written as it.
      EXPECT_TRUE(m[i] == wanted || m[i].to_json() == wanted.to_json()) << m[i];
    }
    EXPECT_EQ(to_hex(encoded("storable", port, m)), text_of(v, "frame_hex"));
  }
}

TEST(framing_storable, writes_what_perl_writes) {
  EXPECT_EQ(hex_of(value(127)), "08ff");
  EXPECT_EQ(hex_of(value(-128)), "0800");
  EXPECT_EQ(hex_of(value(128)), "0900000080");
  EXPECT_EQ(hex_of(value(INT32_MIN)), "0980000000");
  EXPECT_EQ(hex_of(value(INT64_MIN)), "0a14" + to_hex("-9223372036854775808"));
  EXPECT_EQ(hex_of(value(UINT64_MAX)), "0a14" + to_hex("18446744073709551615"));
  EXPECT_EQ(hex_of(value(3.0)), "0883");
  EXPECT_EQ(hex_of(value(1.5)), "0a03312e35");
  EXPECT_EQ(hex_of(value(HUGE_VAL)), "0a03496e66");
  EXPECT_EQ(hex_of(value(-HUGE_VAL)), "0a042d496e66");
  EXPECT_EQ(hex_of(value(std::nan(""))), "0a034e614e");
  EXPECT_EQ(hex_of(value(true)), "0a0131");
  EXPECT_EQ(hex_of(value(false)), "0a00");
  EXPECT_EQ(hex_of(value()), "05");
  EXPECT_EQ(hex_of(value("ä")), "1702c3a4");
  EXPECT_EQ(hex_of(value(std::string(256, 'x'))).substr(0, 12), "010000010078");
  EXPECT_EQ(hex_of(value("ä" + std::string(254, 'x'))).substr(0, 14), "1800000100c3a4");
  EXPECT_EQ(hex_of(value::bytes_of("\xc3\xa4")), "0a02c3a4");
  EXPECT_EQ(hex_of(value(value::map{{"☺", 3}, {"a", 1}})),
            "0419000000000208810000000001"
            "61088301000000"
            "03e298ba");
}

TEST(framing_storable, tells_text_from_bytes) {
  EXPECT_EQ(element("0a0141").type(), value::kind::text);
  EXPECT_EQ(element("0a02c3a4").type(), value::kind::bytes);
  EXPECT_EQ(element("1702c3a4").type(), value::kind::text);
  EXPECT_EQ(element("1701ff").type(), value::kind::bytes);
  EXPECT_EQ(element("1800000002c3a4"), value("ä"));
  EXPECT_EQ(element("010000000141"), value("A"));
}

// Images of Perl 5.36: [undef beyond the end], the constants for true and false, {"☺",1,"a",3,"é",2}.
TEST(framing_storable, reads_undefined_places_constants_and_keys_of_all_characters) {
  EXPECT_TRUE(element("0e").is_null());
  EXPECT_EQ(element("0f").to_json(), "true");
  EXPECT_EQ(element("10").to_json(), "false");
  EXPECT_EQ(element("0419000000000308810100000003e298ba088300000000016108820200000001e9").to_json(),
            "{\"a\":3,\"é\":2,\"☺\":1}");
}

TEST(framing_storable, reads_images_of_other_minor_versions) {
  receiver r("storable");
  r.receive(storable_frame("050802000000020a01620881") + storable_frame("050c02000000020a01620882"), 1);
  EXPECT_EQ(r.sink.text, "b [1]\nb [2]\n");
}

TEST(framing_storable, refuses_what_no_perl_writes_for_a_message_and_names_its_type) {
  const std::vector<std::pair<const char*, const char*>> refused = {
      {"0200000000", "type 0x02"},
      {"0300000000", "type 0x03"},
      {"190000000000", "type 0x19"},
      {"060100000000000000", "type 0x06"},
      {"07000000000000f83f", "type 0x07"},
      {"11046d61696e0200000000", "type 0x02"},
      {"21010000000100000000", "type 0x21"},
      {"28", "type 0x28"},
      {"0428", "type 0x28"},
      {"ff", "type 0xff"},
  };
  for (const auto& [hex, type] : refused) {
    receiver r("storable");
    r.receive(packet_with(hex));
    EXPECT_EQ(r.failure.name, "malformed_packet") << hex;
    EXPECT_NE(r.failure.text.find(type), std::string::npos) << r.failure.text;
    EXPECT_TRUE(r.sink.packets.empty());
  }
  receiver r("storable");
  r.receive(packet_with("0404ff"));
  EXPECT_EQ(r.failure.text,
            "Storable: type 0xff has no place in a message (unknown), at byte 13 of a packet");
}

TEST(framing_storable, refuses_images_that_are_no_packet) {
  for (const char* image :
       {"", "05", "050b", "050b05", "050b0300000000", "050b040200000000", "040b08313233343536373804080808",
        "070b0200000000", "050b02000000", "050b0200000001", "050b020000000008", "050b02000000010a0561",
        "050b02000000010900",
        "050b0200000001040300000001"
        "0881000000",
        "050b0200000001040300000001088100000009"
        "61",
        "050b02000000010419010000000"
        "0",
        "050b0200000001041900000000"
        "01088104"
        "0000000161"}) {
    receiver r("storable");
    r.receive(storable_frame(image));
    EXPECT_EQ(r.failure.name, "malformed_packet") << image;
    EXPECT_TRUE(r.sink.packets.empty());
  }
}

TEST(framing_storable, believes_no_length_and_no_count_before_the_bytes_are_there) {
  for (const char* hex : {"ffffffffffffffffff7f", "84808000", "bd8440", "ffffff"}) {
    receiver r("storable", {.max_packet = 1000000});
    r.receive(from_hex(hex), 1);
    EXPECT_EQ(r.failure.name, "packet_too_large") << hex;
  }
  receiver endless("storable");
  endless.receive(std::string(11, '\x80'), 1);
  EXPECT_EQ(endless.failure.name, "malformed_packet");
  for (const char* element_hex :
       {"01ffffffff", "1880000000", "0402ffffffff", "0403ffffffff", "041900ffffffff", "040200000001"}) {
    EXPECT_EQ(element(element_hex), value("malformed_packet")) << element_hex;
  }
}

TEST(framing_storable, takes_a_length_with_leading_zeros) {
  receiver r("storable");
  r.receive("\x80\x80" + packet_with("0881"), 1);
  EXPECT_EQ(r.sink.text, "b [1]\n");
}

// What a value is behind Storable: booleans, real numbers and long integers are text, ASCII bytes too.
bool means_the_same(const value& sent, const value& got) {
  switch (sent.type()) {
    case value::kind::boolean:
      return got.to<bool>() == sent.boolean();
    case value::kind::real:
      return got.to<double>() == sent.real();
    case value::kind::array:
      return std::equal(sent.elements().begin(), sent.elements().end(), got.elements().begin(),
                        got.elements().end(), means_the_same);
    case value::kind::map:
      return std::equal(sent.entries().begin(), sent.entries().end(), got.entries().begin(),
                        got.entries().end(), [](const auto& a, const auto& b) {
                          return a.first == b.first && means_the_same(a.second, b.second);
                        });
    default:
      return sent == got;
  }
}

TEST(framing_storable, gives_back_any_message_cut_anywhere) {
  EXPECT_TRUE(rc::check([] {
    std::vector<std::pair<std::string, message>> sent;
    std::string stream;
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
      sent.emplace_back("p" + testing::any_text(), testing::any_message(true));
      stream += encoded("storable", sent.back().first, sent.back().second);
    }
    receiver r("storable");
    const auto first_cut = *rc::gen::inRange<std::size_t>(0, stream.size() + 1);
    r.receive(std::string_view(stream).substr(0, first_cut));
    r.receive(std::string_view(stream).substr(first_cut), *rc::gen::inRange<std::size_t>(1, 40));
    RC_ASSERT(r.failure.text == "");
    RC_ASSERT(r.sink.packets.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      RC_ASSERT(r.sink.packets[i].first == sent[i].first);
      RC_ASSERT(means_the_same(value(sent[i].second.elements()), value(r.sink.packets[i].second.elements())));
    }
  }));
}

}  // namespace
}  // namespace aemp::wire
