// How messages become bytes between two authenticated nodes: one packet per message, a list [port name,
// elements...], back to back in both directions. Each framing is a pair of an encoder and a decoder. The
// handshake settles which one a direction uses.
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
  // The memory that the lists and maps of a packet become, with a place for each element (data/weight.hpp). A
  // byte on the wire can become a hundred in memory.
  std::size_t max_weight = std::size_t{64} << 20;
  std::size_t max_depth = 512;  // nested lists and maps, the packet included; as in Perl
};

// What is left of max_weight for the packet that is being read. What was taken is never given back.
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

// The addressee of a packet. All of it is valid during the call only.
struct destination {
  destination() = default;  // the node port
  destination(const std::convertible_to<std::string_view> auto& port, std::uint64_t* note = nullptr)
      : name(port), note(note) {}

  std::string_view name;  // of a port of the receiving node; "" for its node port
  // A place where a sink or an encoder can keep a number about this name for its next packet; zero at first.
  // Null if nobody would recognise the name.
  std::uint64_t* note = nullptr;
};

// Receives the packets of a decoder. It must not destroy the decoder or call it.
class packet_sink {
 public:
  virtual void packet(const destination& to, message&& m) = 0;

 protected:
  ~packet_sink() = default;
};

class encoder {
 public:
  virtual ~encoder() = default;

  // Appends the packet for that message to out; allocates nothing else for plain elements. Elements without a
  // wire form must have been refused before. All packets of an encoder must be sent, in order.
  //
  // If `large` is given (empty), texts and bytes from large_size on may be left out of `out` and listed there
  // (large_values.hpp). They have to be inserted into `out` at the places listed; or, if the framing has
  // parts, they follow the packet in parts.
  virtual void append(out_buffer& out, const destination& to, const message& m,
                      large_values* large = nullptr) = 0;
  // Whether large values are sent in parts (native_parts.hpp). All parts of one message are sent, in order,
  // before any packet with other large values. Other packets may come in between.
  virtual bool has_parts() const noexcept { return false; }
};

class decoder {
 public:
  virtual ~decoder() = default;

  // Decodes the complete packets among the received bytes, in order, into the sink. Returns how many bytes it
  // consumed; the caller passes the rest again, followed by more. Work on an incomplete packet is kept, so
  // the cost is linear in the bytes however they are cut.
  //
  // An error means that the stream cannot be understood any further: close the connection. Packets before it
  // were delivered. Names: malformed_packet, packet_too_large, packet_too_deep, and those that a decoder
  // documents; the text says what and where.
  //
  // Packets that only keep the connection alive, [], [""] and ["",""], are not delivered (aemp-protocol
  // C.11).
  virtual result<std::size_t> decode(std::string_view in, packet_sink& sink) = 0;

  // Where the next bytes belong, if they are known to be those of a large value, as many as fit; else empty.
  // Write them there and call placed(), instead of passing them to decode(). Valid until the next call of any
  // of these functions.
  virtual std::span<char> place() { return {}; }
  virtual result<void> placed(std::size_t, packet_sink&) { return {}; }

  // A note for people about accepted packets in which nothing is wrong; without the peer's name, and once in
  // a decoder's life. Empty: none.
  virtual std::string take_note() { return {}; }

  // The memory, roughly in bytes, of an incomplete packet.
  virtual std::size_t held() const noexcept { return 0; }
};

// The names of our framings, best first, as in the greeting.
inline constexpr std::array<std::string_view, 4> all_framings = {"aemp1", "cbor", "json", "storable"};

// Null for a framing that we do not have.
[[nodiscard]] std::unique_ptr<encoder> make_encoder(std::string_view framing);
[[nodiscard]] std::unique_ptr<decoder> make_decoder(std::string_view framing,
                                                    const framing_limits& limits = {});

// Whether a message to the node port only keeps the connection alive.
[[nodiscard]] bool says_nothing(const message& m);

// For decoders: delivers the elements of one packet, the port name first, and leaves the list empty, with
// memory for the next packet unless this was a large one. A null or missing name is the node port; a whole
// number is its digits, since Perl may send a name as a number. Error: malformed_packet for any other kind of
// name.
result<void> deliver(value::array& packet, packet_sink& sink);
// The same for a packet whose elements were built in place, which is the cheapest way. Leaves the builder
// empty.
result<void> deliver(const value& port, data::message_builder& elements, packet_sink& sink);
inline void deliver(const destination& to, message&& m, packet_sink& sink) {
  if (to.name.empty() && says_nothing(m)) return;
  sink.packet(to, std::move(m));
}

// For decoders: the error for a packet that grew beyond max_packet, on the wire or in memory.
[[nodiscard]] error packet_too_large(std::size_t max_packet);
[[nodiscard]] error packet_too_heavy(std::size_t max_weight);

}  // namespace aemp::wire
