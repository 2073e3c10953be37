// Framing "cbor": each packet is one CBOR array (RFC 8949), with nothing between packets (aemp-protocol I.2).
// This is what 2.x nodes prefer.
//
// What is written: text as text strings, bytes (and text that is not UTF-8) as byte strings, real numbers as
// doubles, everything in its shortest form and with its length first. Perl nodes do not tell text from byte
// strings.
//
// What is read: everything in RFC 8949 that a message can hold, including half and single floats, and lists,
// maps and strings of indefinite length.
// - Byte strings become bytes, which equal the same text (aemp/value.hpp): Perl sends plain text so.
// - Text that is not UTF-8 becomes bytes.
// - Undefined is null, and tags are skipped.
// - A negative integer that does not fit 64 bits becomes its digits, as in json.
// - The keys of a map may be text, bytes or whole numbers; of equal keys the last counts.
// - Simple values other than false, true, null and undefined are errors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/message_builder.hpp"
#include "wire/framing.hpp"
#include "wire/port_notes.hpp"

namespace aemp::wire {

class cbor_encoder final : public encoder {
 public:
  void append(out_buffer& out, const destination& to, const message& m,
              large_values* large = nullptr) override;
};

// Consumes item by item. What is left for the next call is at most the beginning of one number or string.
class cbor_decoder final : public decoder {
 public:
  explicit cbor_decoder(const framing_limits& limits) : limits_(limits), weight_(limits.max_weight) {}

  result<std::size_t> decode(std::string_view in, packet_sink& sink) override;
  std::size_t held() const noexcept override {
    return packet_size_ == 0 ? 0 : packet_size_ + (limits_.max_weight - weight_.left());
  }

 private:
  friend struct cbor_events;

  // A list, a map or a string in chunks that is still open.
  struct level {
    enum class kind : std::uint8_t { list, map, text, bytes };
    kind what;
    std::optional<std::uint64_t> left;  // items until it is complete; nullopt: until a break
    value::array elements;
    value::map entries;
    std::optional<std::string> key;  // of the entry whose value comes next
    std::string pieces;
  };

  void open(level::kind what, std::optional<std::uint64_t> items);
  void add(value v);
  void add_string(level::kind what, std::string_view text);
  void close();
  void on_break();
  void fail(std::string_view name, std::string_view what);
  bool charge(bool fits);

  framing_limits limits_;
  std::vector<level> open_;
  std::optional<value::array> packet_;  // complete, to be delivered
  data::message_builder elements_;      // of a packet read the fast way; empty between packets
  port_notes notes_;
  std::optional<error> failure_;
  std::size_t packet_size_ = 0;  // bytes consumed of the packet that is arriving
  weight_left weight_;           // for the rest of it
};

}  // namespace aemp::wire
