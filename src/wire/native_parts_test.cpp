// Large values of framing "aemp1": what an encoder leaves out, what a decoder makes of parts, and what it
// refuses.
#include "wire/native_parts.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "wire/framing_native.hpp"
#include "wire/framing_test.hpp"
#include "wire/native_format.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::collected;
using testing::receiver;
using testing::same;

// A connection's two ends without a connection: `between` is sent behind each part.
struct line {
  explicit line(std::size_t part = 10'000, const framing_limits& limits = {})
      : part(part), to("aemp1", limits) {}

  template <class Between>
  void send(std::string_view port, const message& m, Between make_between) {
    large_values large;
    out_buffer head;
    from.append(head, port, m, &large);
    std::string& out = head.text();
    for (const large_value& one : large) {
      for (std::size_t at = 0; at < one.bytes.size(); at += part) {
        const std::string_view piece = one.bytes.substr(at, part);
        native::append_part_head(out, piece.size());
        out.append(piece).append(make_between());
      }
    }
    parts_sent += large.size();
    to.receive(out, slice);
  }
  void send(std::string_view port, const message& m) {
    send(port, m, [] { return std::string(); });
  }
  std::string frame_of(std::string_view port, const message& m) {
    out_buffer out;
    from.append(out, port, m);
    return out.text();
  }

  std::size_t part;
  std::size_t slice = std::string::npos;
  std::size_t parts_sent = 0;
  native_encoder from;
  receiver to;
};

std::string text_of(std::size_t size) {
  std::string s(size, '\0');
  for (std::size_t i = 0; i < size; ++i) s[i] = static_cast<char>('a' + (i * 2654435761u >> 13) % 26);
  return s;
}

TEST(native_parts, carry_text_bytes_lists_and_maps) {
  for (const std::size_t slice : {std::size_t{1'000'000}, std::size_t{4096}, std::size_t{7}}) {
    line l;
    l.slice = slice;
    const message m("data", text_of(40'000), value::bytes_of(text_of(70'000) + '\xff'), 42,
                    value(value::array{text_of(50'000), *port_id::parse("node#port"), 1}),
                    value(value::map{{"key", value::bytes_of(text_of(33'000))}}), "behind");
    l.send("port", m);
    l.send("port", message("small"));
    EXPECT_EQ(4u, l.parts_sent);
    ASSERT_EQ(2u, l.to.sink.packets.size()) << l.to.failure.text;
    const message& got = l.to.sink.packets[0].second;
    ASSERT_EQ(m.size(), got.size());
    for (std::size_t i = 0; i < m.size(); ++i) EXPECT_TRUE(same(m[i], got[i])) << i;
    EXPECT_EQ("data", got.tag());
    EXPECT_EQ("port", l.to.sink.packets[0].first);
  }
}

TEST(native_parts, may_be_put_where_they_belong) {
  for (const std::size_t slice : {std::size_t{100'000}, std::size_t{4096}, std::size_t{7}}) {
    line l(1'000'000);
    l.slice = slice;
    l.to.uses_places = true;
    const message m("data", text_of(40'000), value::bytes_of(text_of(1'700'000) + '\xff'),
                    value(value::array{text_of(50'000), 1}), "behind");
    l.send("port", m, [&] { return l.frame_of("other", message("passes")); });
    l.send("port", message("small"));
    EXPECT_EQ("", l.to.failure.text);
    EXPECT_GT(l.to.bytes_in_place, 1'500'000u);
    ASSERT_EQ(6u, l.to.sink.packets.size());
    const auto& got = l.to.sink.packets[3];
    EXPECT_EQ("port", got.first);
    ASSERT_EQ(m.size(), got.second.size());
    for (std::size_t i = 0; i < m.size(); ++i) EXPECT_TRUE(same(m[i], got.second[i])) << i;
  }
}

TEST(native_parts, are_looked_at_wherever_they_were_put) {
  line l;
  l.slice = 5'000;
  l.to.uses_places = true;
  std::string text = text_of(40'000);
  large_values large;
  const message m("data", text);
  out_buffer head;
  l.from.append(head, "port", m, &large);
  std::string& out = head.text();
  text[39'999] = '\xff';
  native::append_part_head(out, text.size());
  l.to.receive(out + text, 5'000);
  EXPECT_EQ("malformed_packet", l.to.failure.name);
  EXPECT_TRUE(l.to.sink.packets.empty());
}

TEST(native_parts, let_messages_pass) {
  line l;
  const std::string small = l.frame_of("other", message("hello", *port_id::parse("node#port")));
  l.to.receive(small);
  l.send("port", message("data", text_of(45'000)), [&] { return l.frame_of("other", message("hello")); });
  ASSERT_EQ(7u, l.to.sink.packets.size()) << l.to.failure.text;
  EXPECT_EQ("port", l.to.sink.packets[5].first);  // the last part completes it
  EXPECT_EQ("other", l.to.sink.packets[6].first);
}

TEST(native_parts, mean_the_same_whatever_numbers_are_given_meanwhile) {
  line l;
  const port_id id = *port_id::parse("node#port");
  l.send("port", message("first", id));
  const auto between = [&] {
    std::string frames;
    for (int i = 0; i < 1000; ++i)
      frames += l.frame_of("p" + std::to_string(i), message("t", *port_id::parse("n#" + std::to_string(i))));
    return frames;
  };
  const message m("list", value(value::array(20'000, value(id))));
  l.send("port", m, between);
  ASSERT_EQ("", l.to.failure.text);
  const auto& packets = l.to.sink.packets;
  const auto found =
      std::find_if(packets.begin() + 1, packets.end(), [](const auto& p) { return p.first == "port"; });
  ASSERT_NE(found, packets.end());
  EXPECT_TRUE(same(m[1], found->second[1]));
}

TEST(native_parts, may_have_any_tag) {
  line l;
  l.send("port", message(text_of(40'000), 1));
  ASSERT_EQ(1u, l.to.sink.packets.size()) << l.to.failure.text;
  EXPECT_EQ(l.to.sink.packets[0].second.get()->key, symbol_key(text_of(40'000)));
}

TEST(native_parts, are_refused_where_they_mean_nothing) {
  const auto failure_of = [](const std::string& hex, std::size_t max_packet = 1'000'000) {
    receiver r("aemp1", {.max_packet = max_packet});
    r.receive(testing::from_hex(hex));
    return r.failure.name;
  };
  const std::string three_bytes = "070000000001016201f603";
  EXPECT_EQ("malformed_packet", failure_of("0200000002aa"));                        // a part of nothing
  EXPECT_EQ("malformed_packet", failure_of(three_bytes + "0500000002aabbccdd"));    // more than announced
  EXPECT_EQ("malformed_packet", failure_of(three_bytes + three_bytes));             // two at a time
  EXPECT_EQ("malformed_packet", failure_of("070000000001016201f5010200000002ff"));  // no UTF-8
  EXPECT_EQ("malformed_packet", failure_of("070000000001016201f7010200000002ff"));  // no element
  EXPECT_EQ("malformed_packet", failure_of("070000000001016201f702030000000210"
                                           "10"));                                      // two elements
  EXPECT_EQ("malformed_packet", failure_of("080000000001016201a1f601"));                // inside a list
  EXPECT_EQ("malformed_packet", failure_of("070000000001016201f7020300000002f600"));    // inside another
  EXPECT_EQ("malformed_packet", failure_of("070000000001016201f7030400000002a1f600"));  // or in its list
  EXPECT_EQ("packet_too_large", failure_of("090000000001016201f6c1843d"));
  EXPECT_EQ("packet_too_large", failure_of("100000000001016201f6ffffffffffffffffff01"));
}

TEST(native_parts, are_complete_at_once_when_they_are_empty) {
  receiver r("aemp1");
  r.receive(testing::from_hex("070000000001016201f600"));
  EXPECT_EQ("b [\"\"]\n", r.sink.text) << r.failure.text;
  r.receive(testing::from_hex("09000000000003f600f602f50003000000026162"));
  EXPECT_EQ("b [\"\"]\nb [\"\",\"ab\",\"\"]\n", r.sink.text) << r.failure.text;
}

TEST(native_parts, may_be_very_many_that_are_very_small) {
  constexpr std::size_t count = 300'000;
  line l(1, {});
  std::string announced{"\x00\x01\x01", 3}, values;
  announced += "b\xe0\xa7\x12";  // 300 000
  for (std::size_t i = 0; i < count; ++i) announced += "\xf6\x01";
  std::string frames(4, '\0');
  native::store(frames.data(), announced.size(), 4);
  frames += announced;
  native::append_part_head(frames, count);
  l.to.receive(frames.append(count, 'v'));
  ASSERT_EQ(1u, l.to.sink.packets.size()) << l.to.failure.text;
  EXPECT_EQ(count, l.to.sink.packets[0].second.size());
}

TEST(framing_native, reads_port_ids_that_are_to_have_no_number) {
  receiver r("aemp1");
  r.receive(testing::from_hex("0c0000000001016201f48002036e2370"));
  EXPECT_EQ("b [\"n#p\"]\n", r.sink.text) << r.failure.text;
  r.receive(testing::from_hex("05000000000001f300"));
  EXPECT_EQ("malformed_packet", r.failure.name);
}

RC_GTEST_PROP(native_parts, give_every_message_back, ()) {
  line l(*rc::gen::inRange<std::size_t>(1000, 100'000));
  l.slice = *rc::gen::inRange<std::size_t>(100, 200'000);
  std::vector<message> sent;
  for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
    std::vector<value> elements;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      const auto size = *rc::gen::inRange<std::size_t>(0, 100'000);
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          elements.emplace_back(text_of(size));
          break;
        case 1:
          elements.push_back(value::bytes_of(text_of(size) + '\xfe'));
          break;
        case 2:
          elements.emplace_back(value::array(size / 10, value(text_of(size % 30))));
          break;
        default:
          elements.emplace_back(size);
      }
    }
    sent.push_back(message::of(std::move(elements)));
    l.send("port", sent.back());
  }
  RC_ASSERT(l.to.failure.text == "");
  RC_ASSERT(l.to.sink.packets.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const message& got = l.to.sink.packets[i].second;
    RC_ASSERT(got.size() == sent[i].size());
    for (std::size_t e = 0; e < got.size(); ++e) RC_ASSERT(same(got[e], sent[i][e]));
  }
}

TEST(native_parts, of_a_message_may_take_so_much_memory_together) {
  const value list(value::array(40'000, value(value::array{})));  // 3.5 MB from 40 kB
  for (const std::size_t fitting : {1, 2, 3}) {
    framing_limits limits;
    limits.max_weight = fitting * list.weight() + 1000;
    line l(10'000, limits);
    for (std::size_t n = 1; n <= fitting; ++n) {
      l.send("port", message::of(std::vector<value>(n, list)));
      ASSERT_EQ(l.to.failure.text, "");
    }
    l.send("port", message::of(std::vector<value>(fitting + 1, list)));
    EXPECT_EQ(l.to.failure.name, "packet_too_large");
    EXPECT_EQ(l.to.sink.packets.size(), fitting);
  }
}

TEST(framing_cbor, leaves_large_values_to_their_owner) {
  const message m("data", text_of(40'000), value(value::array{value::bytes_of(text_of(50'000) + '\xff')}), 1);
  large_values large;
  out_buffer buffer;
  const auto e = make_encoder("cbor");
  e->append(buffer, "port", m, &large);
  const std::string& out = buffer.text();
  ASSERT_EQ(2u, large.size());
  EXPECT_LT(out.size(), 100u);
  std::string all;
  std::size_t done = 0;
  for (const large_value& one : large) {
    all.append(out, done, one.at - done).append(one.bytes);
    done = one.at;
  }
  all.append(out, done);
  EXPECT_TRUE(all == testing::encoded("cbor", "port", m));
}

}  // namespace
}  // namespace aemp::wire
