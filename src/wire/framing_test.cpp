#include "wire/framing_test.hpp"

#include <array>

#include <gtest/gtest.h>

#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using testing::encoded;
using testing::from_hex;
using testing::receiver;

// What holds for every framing.
class framing : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] bool is(std::string_view name) const { return GetParam() == name; }
};

INSTANTIATE_TEST_SUITE_P(each, framing, ::testing::Values("json", "cbor", "storable", "aemp1"),
                         [](const auto& p) { return p.param; });

// What holds for those whose packets are lists of any elements, as Perl writes them.
class framing_of_lists : public framing {};

INSTANTIATE_TEST_SUITE_P(each, framing_of_lists, ::testing::Values("json", "cbor", "storable"),
                         [](const auto& p) { return p.param; });

TEST_P(framing, carries_a_message_to_a_port) {
  receiver r(GetParam());
  r.receive(encoded(GetParam(), "b.1", message("hello", 1, 2.5, nullptr)) +
            encoded(GetParam(), "", message("mon1", "b")));
  ASSERT_EQ(r.sink.packets.size(), 2u);
  EXPECT_EQ(r.sink.packets[0], std::pair(std::string("b.1"), message("hello", 1, 2.5, nullptr)));
  EXPECT_EQ(r.sink.packets[1], std::pair(std::string(), message("mon1", "b")));
  EXPECT_EQ(r.kept, "");
}

TEST_P(framing, carries_an_empty_message_to_a_port) {
  receiver r(GetParam());
  r.receive(encoded(GetParam(), "b", message()));
  EXPECT_EQ(r.sink.text, "b []\n");
}

TEST_P(framing, drops_packets_that_only_keep_the_connection_alive) {
  receiver r(GetParam());
  r.receive(encoded(GetParam(), "", message()) + encoded(GetParam(), "", message("")) +
            (is("json")    ? "[]"
             : is("cbor")  ? "\x80"
             : is("aemp1") ? std::string()
                           : from_hex("07050b0200000000")) +
            encoded(GetParam(), "", message("", 1)));
  EXPECT_EQ(r.failure.text, "");
  EXPECT_EQ(r.sink.text, " [\"\",1]\n");
}

// Notes something of every name, and looks that it is never shown what it noted of another.
struct noting_sink final : packet_sink {
  void packet(const destination& to, message&&) override {
    if (to.note == nullptr) return;
    const std::uint64_t mine = 1 + static_cast<std::uint64_t>(std::stoul(std::string(to.name.substr(8))));
    if (*to.note != 0) {
      EXPECT_EQ(*to.note, mine) << to.name;
      ++recognised;
    }
    *to.note = mine;
  }
  int recognised = 0;
};

TEST_P(framing, what_the_sink_notes_of_a_port_stays_with_its_name) {
  const auto e = make_encoder(GetParam());
  const auto d = make_decoder(GetParam());
  noting_sink sink;
  out_buffer stream;
  for (int i = 0; i < 5000; ++i) {
    const int port = i % 3 == 0 ? 0 : i * i % 500;
    e->append(stream, "Xw3kPq9." + std::to_string(port), message("hello"));
  }
  ASSERT_EQ(*d->decode(stream.text(), sink), stream.size());
  EXPECT_EQ(sink.recognised > 0, !is("storable"));
}

TEST_P(framing, what_the_encoder_notes_of_a_port_stays_with_its_name) {
  const auto e = make_encoder(GetParam());
  const auto d = make_decoder(GetParam());
  std::array<std::uint64_t, 500> notes{};
  out_buffer stream;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 5000; ++i) {
    const std::size_t port = i % 3 == 0 ? 0 : i * i % notes.size();
    names.push_back("Xw3kPq9." + std::to_string(port));
    e->append(stream, {names.back(), &notes[port]}, message("hello"));
  }
  testing::collected sink;
  ASSERT_EQ(*d->decode(stream.text(), sink), stream.size());
  ASSERT_EQ(sink.packets.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(sink.packets[i].first, names[i]);
}

TEST_P(framing, delivers_what_came_before_an_error) {
  receiver r(GetParam());
  r.receive(encoded(GetParam(), "b", message("good")) + (is("storable") ? "\x01\xff"
                                                         : is("aemp1")  ? from_hex("0100000080")
                                                                        : "\xff"));
  EXPECT_EQ(r.sink.text, "b [\"good\"]\n");
  EXPECT_EQ(r.failure.name, "malformed_packet");
}

TEST_P(framing, refuses_a_packet_larger_than_the_limit_and_takes_one_of_that_size) {
  const std::string packet = encoded(GetParam(), "b", message("x", std::string(1000, 'x')));
  for (const std::size_t slice : {std::size_t{1}, std::size_t{100}, std::string_view::npos}) {
    receiver fits(GetParam(), {.max_packet = packet.size()});
    fits.receive(packet + packet, slice);
    EXPECT_EQ(fits.failure.text, "");
    EXPECT_EQ(fits.sink.packets.size(), 2u);
    receiver too_large(GetParam(), {.max_packet = packet.size() - 1});
    too_large.receive(packet, slice);
    EXPECT_EQ(too_large.failure.name, "packet_too_large");
    EXPECT_NE(too_large.failure.text.find(std::to_string(packet.size() - 1)), std::string::npos);
    EXPECT_TRUE(too_large.sink.packets.empty());
  }
}

TEST_P(framing, refuses_a_packet_that_is_nested_too_deeply) {
  value nested(value::array{});
  for (int depth = 3; depth < 10; ++depth) nested = value(value::array{nested});
  const std::string packet = encoded(GetParam(), "b", message(nested));
  receiver fits(GetParam(), {.max_depth = 9});
  fits.receive(packet);
  EXPECT_EQ(fits.failure.text, "");
  receiver too_deep(GetParam(), {.max_depth = 8});
  too_deep.receive(packet);
  EXPECT_EQ(too_deep.failure.name, "packet_too_deep");
}

// A byte on the wire becomes a list of 88 in memory.
TEST_P(framing, refuses_a_packet_that_takes_more_memory_than_the_limit) {
  constexpr std::size_t lists = 1000;
  const value list(value::array(lists, value(value::array{})));
  const value maps(value::array(lists, value(value::map{{"a", 1}})));
  for (const value& v : {list, maps}) {
    const std::string packet = encoded(GetParam(), "b", message("x", v));
    framing_limits enough;
    enough.max_weight = v.weight() + 1000;
    for (const std::size_t slice : {std::string::npos, std::size_t{7}}) {
      receiver fits(GetParam(), enough);
      fits.receive(packet, slice);
      EXPECT_EQ(fits.failure.text, "");
      EXPECT_EQ(fits.sink.packets.size(), 1u);
      framing_limits little;
      little.max_weight = v.weight() / 2;
      receiver does_not(GetParam(), little);
      does_not.receive(packet, slice);
      EXPECT_EQ(does_not.failure.name, "packet_too_large");
      EXPECT_TRUE(does_not.sink.packets.empty());
    }
  }
}

TEST_P(framing, counts_the_memory_of_each_packet_anew) {
  framing_limits limits;
  limits.max_weight = 10'000;
  const std::string packet = encoded(GetParam(), "b", message("x", value(value::array(300, value(1)))));
  for (const std::size_t slice : {std::string::npos, std::size_t{7}}) {
    receiver r(GetParam(), limits);
    for (int i = 0; i < 10; ++i) r.receive(packet, slice);
    EXPECT_EQ(r.failure.text, "");
    EXPECT_EQ(r.sink.packets.size(), 10u);
  }
}

TEST_P(framing_of_lists, takes_a_port_name_that_perl_sent_as_a_number_and_refuses_a_list) {
  const auto packet_of = [this](const value& first) {
    if (is("json")) return "[" + first.to_json() + ",\"m\"]";
    if (is("cbor")) return "\x82" + encoded("cbor", "", message(first)).substr(2) + "\x41m";
    // A length, 05 0b, an array of so many, and the empty port name lie before the element.
    const std::string image =
        from_hex("050b0200000002") + encoded("storable", "", message(first)).substr(10) + from_hex("0a016d");
    return static_cast<char>(image.size()) + image;
  };
  receiver r(GetParam());
  r.receive(packet_of(value(42)) + packet_of(value()));
  EXPECT_EQ(r.sink.text, "42 [\"m\"]\n [\"m\"]\n");
  r.receive(packet_of(value(value::array{})));
  EXPECT_EQ(r.failure.name, "malformed_packet");
}

TEST_P(framing, writes_objects_as_it_writes_their_values) {
  const message objects("tag", 1, 2u, -3L, 4ULL, 5.5, 6.5f, true, nullptr, std::string("text"), "literal",
                        bytes{std::byte{0xff}}, std::vector<int>{1, 2}, std::optional<int>(),
                        *port_id::parse("n#p"), value("value"), UINT64_MAX);
  const message values = message::of(objects.elements());
  EXPECT_EQ(encoded(GetParam(), "b", objects), encoded(GetParam(), "b", values));
  EXPECT_EQ(encoded(GetParam(), "b", message(std::string("t"))), encoded(GetParam(), "b", message("t")));
  EXPECT_EQ(encoded(GetParam(), "b", message(1)), encoded(GetParam(), "b", message::of({1})));
}

TEST_P(framing, carries_text_of_every_length_with_any_character_anywhere) {
  for (std::size_t size = 0; size < 1100; size += size < 40 ? 1 : 61) {
    for (const char* special : {"a", "\"", "\\", "\x1f", "\x7f", "ä"}) {
      for (std::size_t at = 0; at <= size; at += size < 40 ? 1 : 97) {
        const std::string text = std::string(at, 'x') + special + std::string(size - at, 'y');
        receiver r(GetParam());
        r.receive(encoded(GetParam(), "b", message("t", text, 1)));
        ASSERT_EQ(r.sink.packets.size(), 1u) << r.failure.text;
        ASSERT_EQ(r.sink.packets[0].second, message("t", text, 1));
        ASSERT_EQ(r.sink.packets[0].second[1].type(), value::kind::text);
      }
    }
  }
}

// Each call sees only new bytes of a packet that is arriving, so many small pieces cost no more than one
// large one.
TEST_P(framing, does_not_look_twice_at_a_large_packet) {
  std::vector<value> elements(20000, value("element"));
  const std::string packet = encoded(GetParam(), "b", message::of(std::move(elements)));
  const auto d = make_decoder(GetParam());
  testing::collected sink;
  std::string kept;
  std::size_t offered = 0;
  for (std::size_t at = 0; at < packet.size(); at += 10) {
    kept.append(packet, at, 10);
    offered += kept.size();
    kept.erase(0, *d->decode(kept, sink));
  }
  EXPECT_EQ(sink.packets.size(), 1u);
  EXPECT_LT(offered, 3 * packet.size());
}

TEST(framing_names, that_are_not_ours_have_no_codec) {
  EXPECT_EQ(make_encoder("smoke"), nullptr);
  EXPECT_EQ(make_decoder("smoke"), nullptr);
  EXPECT_EQ(make_decoder(""), nullptr);
}

}  // namespace
}  // namespace aemp::wire
