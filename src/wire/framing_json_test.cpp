#include "wire/framing_json.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "wire/framing_test.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::encoded;
using testing::receiver;
using testing::text_of;
using testing::vectors;

// Packets that keep connections alive are in the captures too, and are not delivered.
bool says_nothing(const std::string& frame) {
  return frame == "[]" || frame == "[\"\"]" || frame == "[\"\",\"\"]";
}

// Decodes a captured frame, encodes what came out, and decodes that again.
void repeat_frame(const std::string& frame) {
  SCOPED_TRACE(frame);
  for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{5}}) {
    receiver r("json");
    r.receive(frame, slice);
    ASSERT_EQ(r.failure.text, "");
    if (says_nothing(frame)) {
      EXPECT_TRUE(r.sink.packets.empty());
      continue;
    }
    ASSERT_EQ(r.sink.packets.size(), 1u);
    const auto& [port, m] = r.sink.packets[0];
    receiver again("json");
    again.receive(encoded("json", port, m));
    ASSERT_EQ(again.sink.packets.size(), 1u);
    EXPECT_EQ(again.sink.packets[0].first, port);
    EXPECT_TRUE(testing::same(again.sink.packets[0].second, m));
    // The same values by an independent reader, whatever the order of keys.
    EXPECT_EQ(boost::json::parse(encoded("json", port, m)), boost::json::parse(frame));
  }
}

TEST(framing_json, understands_every_frame_captured_from_real_nodes) {
  for (const char* table : {"json_frames_seen_1x", "json_frames_seen_2x"}) {
    ASSERT_FALSE(vectors(table).empty());
    for (const auto& v : vectors(table)) repeat_frame(text_of(v, "frame"));
  }
}

TEST(framing_json, understands_all_captured_frames_in_one_stream_cut_anywhere) {
  std::string stream;
  std::size_t count = 0;
  for (const auto& v : vectors("json_frames_seen_1x")) {
    stream += text_of(v, "frame");
    if (!says_nothing(text_of(v, "frame"))) ++count;
  }
  std::string expected;
  for (const std::size_t slice : {std::string_view::npos, std::size_t{1}, std::size_t{3}, std::size_t{64}}) {
    receiver r("json");
    r.receive(stream, slice);
    EXPECT_EQ(r.failure.text, "");
    EXPECT_EQ(r.sink.packets.size(), count);
    if (expected.empty()) expected = r.sink.text;
    EXPECT_EQ(r.sink.text, expected);
  }
}

TEST(framing_json, reads_numbers_as_the_real_node_echoed_them) {
  const auto& echo = vectors().at("json_number_echo_by_real_node");
  const auto elements_of = [](const std::string& frame, std::size_t from) {
    receiver r("json");
    r.receive(frame);
    EXPECT_EQ(r.failure.text, "");
    std::vector<value> all = r.sink.packets.at(0).second.elements();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(from));
    return all;
  };
  const auto sent = elements_of(text_of(echo, "sent"), 2);  // behind "snd" and the port
  const auto back = elements_of(text_of(echo, "came_back"), 0);
  ASSERT_EQ(sent.size(), back.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    // Perl writes floating point numbers with 15 digits.
    char digits[32];
    if (sent[i].type() == value::kind::real) std::snprintf(digits, sizeof digits, "%.15g", sent[i].real());
    EXPECT_EQ(sent[i].type() == value::kind::real ? *value::from_json(digits) : sent[i], back[i]) << i;
  }

  const auto sent2 = elements_of(text_of(echo, "sent2"), 2);
  // What came back holds the bare word inf, in the place of 1e400.
  std::string came_back2 = text_of(echo, "came_back2");
  receiver closed("json");
  closed.receive(came_back2);
  EXPECT_EQ(closed.failure.name, "malformed_packet");
  came_back2.replace(came_back2.find("inf"), 3, "1e400");
  const auto back2 = elements_of(came_back2, 0);
  ASSERT_EQ(sent2.size(), back2.size());
  for (std::size_t i = 0; i < sent2.size(); ++i) EXPECT_EQ(sent2[i], back2[i]) << i;
}

TEST(framing_json, accepts_white_space_in_and_between_packets) {
  for (const std::size_t slice : {1, 100}) {
    receiver r("json");
    r.receive(" \r\n[ \"b\" ,\n1 ]\n\n[null,\"x\"]\t[\"\" ]", slice);
    EXPECT_EQ(r.failure.text, "");
    EXPECT_EQ(r.sink.text, "b [1]\n [\"x\"]\n");
  }
}

TEST(framing_json, white_space_between_packets_is_not_counted_as_a_packet) {
  receiver r("json", {.max_packet = 16});
  r.receive(std::string(1000, ' ') + "[\"b\"]" + std::string(1000, '\n') + "[\"b\"]", 7);
  EXPECT_EQ(r.failure.text, "");
  EXPECT_EQ(r.sink.packets.size(), 2u);
}

TEST(framing_json, refuses_what_is_no_array_of_json) {
  for (const char* bad :
       {"\"text\"", "{}", "1", "x", "[1,]", "[inf]", "[\"b\",nan]", "[\"\xff\"]", "[\"b\",\"\\ud800\"]"}) {
    receiver r("json");
    r.receive(bad);
    EXPECT_EQ(r.failure.name, "malformed_packet") << bad;
    EXPECT_TRUE(r.sink.packets.empty());
  }
  receiver r("json");
  r.receive("[\"b\",x]");
  EXPECT_NE(r.failure.text.find("at byte 5"), std::string::npos) << r.failure.text;
}

TEST(framing_json, writes_bytes_as_text) {
  EXPECT_EQ(encoded("json", "b", message(value::bytes_of("ok"), value::bytes_of("\xff"))),
            "[\"b\",\"ok\",\"\xc3\xbf\"]");
}

TEST(framing_json, gives_back_any_message_cut_anywhere) {
  EXPECT_TRUE(rc::check([] { testing::expect_round_trips("json", false); }));
}

TEST(framing_json, takes_the_fast_way_only_to_where_the_slow_one_leads) {
  EXPECT_TRUE(rc::check([] { testing::expect_same_however_cut("json"); }));
}

}  // namespace
}  // namespace aemp::wire
