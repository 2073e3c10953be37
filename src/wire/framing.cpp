// What the framings share: who there is, and what a packet means once it is a list of values.
#include "wire/framing.hpp"

#include <iterator>
#include <optional>
#include <utility>

#include "wire/framing_cbor.hpp"
#include "wire/framing_json.hpp"
#include "wire/framing_storable.hpp"

namespace aemp::wire {
namespace {

std::optional<std::string> port_name_of(const value& v) {
  switch (v.type()) {
    case value::kind::null:
      return std::string();
    case value::kind::text:
    case value::kind::bytes:
    case value::kind::integer:
    case value::kind::unsigned_integer:
      return v.to_string();
    default:
      return std::nullopt;
  }
}

}  // namespace

std::unique_ptr<encoder> make_encoder(std::string_view framing) {
  if (framing == "cbor") return std::make_unique<cbor_encoder>();
  if (framing == "json") return std::make_unique<json_encoder>();
  if (framing == "storable") return std::make_unique<storable_encoder>();
  return nullptr;
}

std::unique_ptr<decoder> make_decoder(std::string_view framing, const framing_limits& limits) {
  if (framing == "cbor") return std::make_unique<cbor_decoder>(limits);
  if (framing == "json") return std::make_unique<json_decoder>(limits);
  if (framing == "storable") return std::make_unique<storable_decoder>(limits);
  return nullptr;
}

result<void> deliver(value::array&& packet, packet_sink& sink) {
  if (packet.empty()) return {};
  const auto port = port_name_of(packet.front());
  if (!port) {
    return error{"malformed_packet", "a packet for a port whose name is a " +
                                         std::string(name_of(packet.front().type())) +
                                         ", where text is needed"};
  }
  if (port->empty()) {
    const bool says_nothing = packet.size() == 1 || (packet.size() == 2 && packet[1] == value(""));
    if (says_nothing) return {};
  }
  packet.erase(packet.begin());
  sink.packet(*port, message::of(std::move(packet)));
  return {};
}

error packet_too_large(std::size_t max_packet) {
  return {"packet_too_large",
          "a packet of more than " + std::to_string(max_packet) +
              " bytes; send the data in parts, or raise max_packet on the receiving node"};
}

}  // namespace aemp::wire
