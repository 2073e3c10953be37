// How messages become bytes between two authenticated nodes: one packet per message, a list [port name,
// elements...], back to back in both directions. Each framing is a pair of an encoder and a decoder; which
// one a direction uses was settled in the handshake.
//
// Sans-IO like the rest of this room. One owner at a time; the two directions of a connection are
// independent.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <aemp/message.hpp>
#include <aemp/result.hpp>

#include "data/message_builder.hpp"
#include "data/weight.hpp"
#include "wire/large_values.hpp"
#include "wire/out_buffer.hpp"

namespace aemp::wire {

// What a peer may make us hold.
struct framing_limits {
  std::size_t max_packet = std::size_t{64} << 20;  // bytes on the wire; real nodes have no limit
  // What the lists and maps of a packet become in memory, with a place for each element (data/weight.hpp): a
  // byte on the wire can make a hundred.
  std::size_t max_weight = std::size_t{64} << 20;
  std::size_t max_depth = 512;  // lists and maps in each other, the packet included; as in Perl
};

// What is left of max_weight for the packet that is being read. What was taken is not given back.
class weight_left {
 public:
  explicit weight_left(std::size_t all) noexcept : left_(all) {}
  [[nodiscard]] bool take(std::size_t weight) noexcept {
    if (weight > left_) return false;
    left_ -= weight;
    return true;
  }
  [[nodiscard]] bool take_list(std::uint64_t elements) noexcept {
    return elements <= left_ / value_weight::element &&
           take(value_weight::container + static_cast<std::size_t>(elements) * value_weight::element);
  }
  [[nodiscard]] bool take_map(std::uint64_t entries) noexcept {
    constexpr std::size_t each = value_weight::entry + value_weight::element;
    return entries <= left_ / each &&
           take(value_weight::container + static_cast<std::size_t>(entries) * each);
  }
  std::size_t left() const noexcept { return left_; }

 private:
  std::size_t left_;
};

// Whom a packet is for. All of it is valid during the call only.
struct destination {
  destination() = default;  // the node port
  destination(const std::convertible_to<std::string_view> auto& port, std::uint64_t* note = nullptr)
      : name(port), note(note) {}

  std::string_view name;  // of a port of the receiving node; "" for its node port
  // Where whoever takes the packet (a sink, or an encoder) may keep something about this name for the next
  // packet with it, zero at first. Null where nobody knows the name again.
  std::uint64_t* note = nullptr;
};

// Who gets the packets of a decoder. It must not destroy the decoder or call it.
class packet_sink {
 public:
  virtual void packet(const destination& to, message&& m) = 0;

 protected:
  ~packet_sink() = default;
};

class encoder {
 public:
  virtual ~encoder() = default;

  // Appends the packet for that message to out and allocates nothing else for plain elements. Elements that
  // have no wire form must have been refused before. All packets of an encoder must be sent, in order.
  //
  // With `large`, which is empty before, texts and bytes from large_size on may be left out and listed there
  // (large_values.hpp). They belong into `out` where they say, or, if the framing has parts, they follow in
  // parts behind the packet.
  virtual void append(out_buffer& out, const destination& to, const message& m,
                      large_values* large = nullptr) = 0;
  // Large values are sent in parts (native_parts.hpp): one message's, all of them in their order, before any
  // packet with others. Packets may come in between.
  virtual bool has_parts() const noexcept { return false; }
};

class decoder {
 public:
  virtual ~decoder() = default;

  // Takes the packets that are complete in the bytes received, in order, into the sink. Returns how many
  // bytes are done with; the caller gives the rest again, followed by more. Work done on a packet that is not
  // complete yet is kept inside, so the cost is linear in the bytes however they are cut.
  //
  // An error means that the stream cannot be understood any further: close the connection. Packets before it
  // were delivered. Names: malformed_packet, packet_too_large, packet_too_deep, and those that a decoder says
  // it has; the text says what and where.
  //
  // Packets that only keep the connection alive, [], [""] and ["",""], are not delivered (aemp-protocol
  // C.11).
  virtual result<std::size_t> decode(std::string_view in, packet_sink& sink) = 0;

  // Where the bytes that come next belong, as many as fit, if they are known to be those of a large value.
  // They may be put there and told of by placed(), instead of being given to decode(). Valid until the next
  // call of any of these functions; empty: there is no such place.
  virtual std::span<char> place() { return {}; }
  virtual result<void> placed(std::size_t, packet_sink&) { return {}; }

  // What a person should know of the packets that were taken, though nothing is wrong with them, in words
  // without the peer's name; once in a decoder's life. Empty: nothing.
  virtual std::string take_note() { return {}; }

  // Bytes of memory, roughly, that what has come of a packet takes here.
  virtual std::size_t held() const noexcept { return 0; }
};

// The names of those that we have, best first, as they are in the greeting.
inline constexpr std::array<std::string_view, 4> all_framings = {"aemp1", "cbor", "json", "storable"};

// Null for a framing that we do not have.
[[nodiscard]] std::unique_ptr<encoder> make_encoder(std::string_view framing);
[[nodiscard]] std::unique_ptr<decoder> make_decoder(std::string_view framing,
                                                    const framing_limits& limits = {});

// Whether a message to the node port is one of those that only keep the connection alive.
[[nodiscard]] bool says_nothing(const message& m);

// For decoders: delivers the elements of one packet, the port name first, and leaves the list empty, with
// memory for the next packet unless it was a large one. A null or missing name is the node port, a whole
// number is its digits, since Perl may send a name as a number. Error: malformed_packet for any other kind of
// name.
result<void> deliver(value::array& packet, packet_sink& sink);
// The same, of a packet whose elements were built in place: the cheapest way. The builder is empty
// afterwards.
result<void> deliver(const value& port, data::message_builder& elements, packet_sink& sink);
inline void deliver(const destination& to, message&& m, packet_sink& sink) {
  if (to.name.empty() && says_nothing(m)) return;
  sink.packet(to, std::move(m));
}

// For decoders: a packet that grew beyond max_packet, on the wire or in memory.
[[nodiscard]] error packet_too_large(std::size_t max_packet);
[[nodiscard]] error packet_too_heavy(std::size_t max_weight);

}  // namespace aemp::wire
