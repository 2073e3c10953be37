// What the framings share: the list of them, and the meaning of a packet once it is a list of values.
#include "wire/framing.hpp"

#include <optional>
#include <span>
#include <utility>

#include "wire/framing_cbor.hpp"
#include "wire/framing_json.hpp"
#include "wire/framing_native.hpp"
#include "wire/framing_storable.hpp"

namespace aemp::wire {
namespace {

// `digits` keeps the name if it came as a number.
std::optional<std::string_view> port_name_of(const value& v, std::string& digits) {
  switch (v.type()) {
    case value::kind::null:
      return std::string_view();
    case value::kind::text:
    case value::kind::bytes:
      return v.text();
    case value::kind::integer:
    case value::kind::unsigned_integer:
      digits = v.to_string();
      return digits;
    default:
      return std::nullopt;
  }
}

error no_port_name(const value& v) {
  return {"malformed_packet",
          "a packet for a port whose name is a " + std::string(name_of(v.type())) + ", where text is needed"};
}

}  // namespace

std::unique_ptr<encoder> make_encoder(std::string_view framing) {
  if (framing == "cbor") return std::make_unique<cbor_encoder>();
  if (framing == "json") return std::make_unique<json_encoder>();
  if (framing == "storable") return std::make_unique<storable_encoder>();
  if (framing == "aemp1") return std::make_unique<native_encoder>();
  return nullptr;
}

std::unique_ptr<decoder> make_decoder(std::string_view framing, const framing_limits& limits) {
  if (framing == "cbor") return std::make_unique<cbor_decoder>(limits);
  if (framing == "json") return std::make_unique<json_decoder>(limits);
  if (framing == "storable") return std::make_unique<storable_decoder>(limits);
  if (framing == "aemp1") return std::make_unique<native_decoder>(limits);
  return nullptr;
}

bool says_nothing(const message& m) { return m.empty() || (m.size() == 1 && m[0] == value("")); }

result<void> deliver(value::array& packet, packet_sink& sink) {
  if (packet.empty()) return {};
  std::string digits;
  const auto port = port_name_of(packet.front(), digits);
  if (!port) return no_port_name(packet.front());
  const auto elements = std::span(packet).subspan(1);
  deliver(*port, elements.empty() ? message() : message::adopt(detail::make_values_block(elements)), sink);
  constexpr std::size_t worth_keeping = 1024;
  packet.clear();
  if (packet.capacity() > worth_keeping) packet.shrink_to_fit();
  return {};
}

result<void> deliver(const value& port, data::message_builder& elements, packet_sink& sink) {
  std::string digits;
  const auto name = port_name_of(port, digits);
  if (!name) {
    elements.clear();
    return no_port_name(port);
  }
  deliver(*name, elements.take(), sink);
  return {};
}

error packet_too_large(std::size_t max_packet) {
  return {"packet_too_large",
          "a packet of more than " + std::to_string(max_packet) +
              " bytes; send the data in parts, or raise the limit max_message on the receiving node"};
}

error packet_too_heavy(std::size_t max_weight) {
  return {
      "packet_too_large",
      "a packet that takes more than " + std::to_string(max_weight) +
          " bytes of memory; send the data in parts, or raise the limit max_message on the receiving node"};
}

}  // namespace aemp::wire
