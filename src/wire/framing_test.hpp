// For the tests of the framings: a sink that collects, an owner that keeps what the decoder leaves, and
// random values.
#pragma once

#include <rapidcheck.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "wire/framing.hpp"

namespace aemp::wire::testing {

struct collected : packet_sink {
  void packet(const destination& to, message&& m) override {
    packets.emplace_back(std::string(to.name), std::move(m));
    text.append(to.name).append(" ").append(packets.back().second.to_json()).append("\n");
  }
  std::vector<std::pair<std::string, message>> packets;
  std::string text;  // "port [elements]\n" for each
};

// Receives bytes in slices as a connection does; stops at the first error.
struct receiver {
  explicit receiver(std::string_view framing, const framing_limits& limits = {})
      : decoder_(make_decoder(framing, limits)) {}

  void receive(std::string_view bytes, std::size_t slice = std::string_view::npos) {
    for (std::size_t at = 0; at < bytes.size() && failure.name.empty(); at += std::min(slice, bytes.size())) {
      std::string_view piece = bytes.substr(at, slice);
      if (uses_places && kept.empty()) {
        const std::span<char> place = decoder_->place();
        const std::size_t size = piece.copy(place.data(), place.size());
        piece.remove_prefix(size);
        bytes_in_place += size;
        if (size != 0) {
          if (const auto done = decoder_->placed(size, sink); !done) failure = done.error();
        }
      }
      kept.append(piece);
      const auto done = decoder_->decode(kept, sink);
      if (done) {
        kept.erase(0, *done);
      } else {
        failure = done.error();
      }
    }
  }

  bool uses_places = false;
  std::size_t bytes_in_place = 0;
  collected sink;
  std::string kept;
  error failure;

 private:
  std::unique_ptr<decoder> decoder_;
};

inline std::string encoded(std::string_view framing, std::string_view port, const message& m) {
  out_buffer out;
  make_encoder(framing)->append(out, port, m);
  return out.text();
}

// Equal in kind and content, unlike ==, which takes "1" for 1.
inline bool same(const value& a, const value& b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case value::kind::real: {
      const double x = a.real();
      const double y = b.real();
      return std::memcmp(&x, &y, sizeof x) == 0;
    }
    case value::kind::array:
      return std::equal(a.elements().begin(), a.elements().end(), b.elements().begin(), b.elements().end(),
                        same);
    case value::kind::map:
      return std::equal(
          a.entries().begin(), a.entries().end(), b.entries().begin(), b.entries().end(),
          [](const auto& x, const auto& y) { return x.first == y.first && same(x.second, y.second); });
    default:
      return a == b;
  }
}

inline bool same(const message& a, const message& b) {
  return same(value(a.elements()), value(b.elements()));
}

// UTF-8 of all lengths, with the characters that need escapes among them.
inline std::string any_text() {
  std::string out;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
           "a", "Z", "0", " ", "\"", "\\", "\n", std::string(1, '\0'), "\x7f", "\x1f", "/", "ä", "ß", "☺",
           "\xef\xbf\xbf", "😀", "\xf4\x8f\xbf\xbf", "long enough not to be kept inline"))) {
    out += piece;
  }
  return out;
}

inline double any_real() {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  double d = 0;
  std::memcpy(&d, &bits, sizeof d);
  return d == d ? d : 0.5;
}

inline value any_value(bool with_bytes, int depth = 0) {
  switch (*rc::gen::inRange(0, depth < 4 ? 10 : 8)) {
    case 0:
      return value();
    case 1:
      return value(*rc::gen::arbitrary<bool>());
    case 2:
      return value(*rc::gen::arbitrary<std::int64_t>());
    case 3:
      return value(*rc::gen::arbitrary<std::uint64_t>());
    case 4:
      return value(any_real());
    case 5:
      return value(static_cast<double>(*rc::gen::arbitrary<std::int16_t>()));
    case 6:
      return with_bytes ? value::bytes_of(*rc::gen::arbitrary<std::string>()) : value(any_text());
    case 7:
      return value(any_text());
    case 8: {
      value::array elements;
      for (int n = *rc::gen::inRange(0, 5); n > 0; --n) elements.push_back(any_value(with_bytes, depth + 1));
      return elements;
    }
    default: {
      value::map entries;
      for (int n = *rc::gen::inRange(0, 5); n > 0; --n) {
        entries.insert_or_assign(any_text(), any_value(with_bytes, depth + 1));
      }
      return entries;
    }
  }
}

inline message any_message(bool with_bytes) {
  std::vector<value> elements;
  for (int n = *rc::gen::inRange(1, 6); n > 0; --n) elements.push_back(any_value(with_bytes));
  return message::of(std::move(elements));
}

// Several random messages come out as they went in, wherever the stream is cut.
inline void expect_round_trips(std::string_view framing, bool with_bytes) {
  std::vector<std::pair<std::string, message>> sent;
  std::string stream;
  for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
    sent.emplace_back("p" + any_text(), any_message(with_bytes));
    stream += encoded(framing, sent.back().first, sent.back().second);
  }
  receiver r(framing);
  const auto first_cut = *rc::gen::inRange<std::size_t>(0, stream.size() + 1);
  const auto slice = *rc::gen::inRange<std::size_t>(1, 40);
  r.receive(std::string_view(stream).substr(0, first_cut));
  r.receive(std::string_view(stream).substr(first_cut), slice);
  RC_ASSERT(r.failure.text == "");
  RC_ASSERT(r.kept.empty());
  RC_ASSERT(r.sink.packets.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    RC_ASSERT(r.sink.packets[i].first == sent[i].first);
    RC_ASSERT(same(r.sink.packets[i].second, sent[i].second));
  }
}

// Packets with some bytes changed are understood, or refused, in the same way whether they come whole, which
// is where a decoder takes the fast way, or byte by byte.
inline void expect_same_however_cut(std::string_view framing) {
  std::string stream;
  for (int n = *rc::gen::inRange(1, 4); n > 0; --n)
    stream += encoded(framing, "p" + any_text(), any_message(framing != "json"));
  for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
    const auto at = *rc::gen::inRange<std::size_t>(0, stream.size());
    stream[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(stream));
  }
  const framing_limits limits = {.max_packet = *rc::gen::inRange<std::size_t>(1, 2 * stream.size()),
                                 .max_depth = *rc::gen::inRange<std::size_t>(1, 6)};
  receiver whole(framing, limits);
  whole.receive(stream);
  receiver sliced(framing, limits);
  sliced.receive(stream, 1);
  RC_ASSERT(whole.failure.name == sliced.failure.name);
  RC_ASSERT(whole.sink.packets.size() == sliced.sink.packets.size());
  for (std::size_t i = 0; i < whole.sink.packets.size(); ++i) {
    RC_ASSERT(whole.sink.packets[i].first == sliced.sink.packets[i].first);
    RC_ASSERT(same(whole.sink.packets[i].second, sliced.sink.packets[i].second));
  }
}

}  // namespace aemp::wire::testing
