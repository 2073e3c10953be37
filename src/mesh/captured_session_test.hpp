// The captured sessions of the vectors as what was said in them: connections between named nodes, and packets
// in the order in which they were seen.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mesh/plain_peer_test.hpp"
#include "wire/vectors_test.hpp"

namespace aemp::mesh {

struct captured_packet {
  core::duration at;
  std::string from, to;  // nodes
  message content;       // the port's name, and the message
};

struct captured_connection {
  std::string dialler, other;
  std::map<std::string, std::vector<std::string>> lines;  // of each node's handshake
  core::duration opened{}, closed{};                      // closed: by both
};

struct captured_session {
  std::vector<captured_connection> connections;  // that carried packets
  std::vector<captured_packet> packets;          // by time
};

inline captured_session load_session(std::string_view name) {
  struct direction final : wire::packet_sink {
    void packet(const wire::destination& to, message&& m) override {
      found.push_back(whole_packet(to.name, m));
    }
    std::string text, node;
    std::vector<std::string> lines;
    std::unique_ptr<wire::decoder> decoder = wire::make_decoder("json");
    std::vector<message> found;
  };
  struct connection {
    // A data connection carries no packets.
    bool is_data() const {
      return std::ranges::any_of(
          sides, [](const direction& d) { return !d.lines.empty() && d.lines[0].starts_with("aemp-"); });
    }
    direction sides[2];
    core::duration opened{}, closed{};
    std::vector<std::tuple<core::duration, int, message>> packets;
  };
  std::map<std::int64_t, connection> all;
  for (const auto& event : wire::testing::vectors().at("sessions_hex").at(name).as_array()) {
    connection& c = all[event.at("conn").as_int64()];
    const auto at = std::chrono::duration_cast<core::duration>(
        std::chrono::duration<double>(event.at("t").to_number<double>()));
    const std::string kind = wire::testing::text_of(event, "kind");
    if (kind == "SYN") c.opened = at;
    if (kind == "FIN") c.closed = at;
    if (kind != "DATA") continue;
    const int side = wire::testing::text_of(event, "dir") == "C>S" ? 0 : 1;
    direction& d = c.sides[side];
    d.text += wire::testing::from_hex(wire::testing::text_of(event, "hex"));
    while (d.lines.size() < 3 && d.text.find('\n') != std::string::npos) {
      d.lines.push_back(d.text.substr(0, d.text.find('\n')));
      d.text.erase(0, d.lines.back().size() + 1);
    }
    if (d.lines.size() < 3 || c.is_data()) continue;
    EXPECT_TRUE(d.decoder->decode(d.text, d));
    d.text.clear();
    for (message& m : d.found) c.packets.emplace_back(at, side, std::move(m));
    d.found.clear();
  }
  captured_session out;
  for (auto& [number, c] : all) {
    if (c.packets.empty()) continue;
    for (direction& d : c.sides) {
      const std::string& line = d.lines.at(0);
      const std::size_t id = line.find(';', line.find(';') + 1) + 1;
      d.node = line.substr(id, line.find(';', id) - id);
    }
    out.connections.push_back({c.sides[0].node, c.sides[1].node, {}, c.opened, c.closed});
    for (direction& d : c.sides) out.connections.back().lines[d.node] = d.lines;
    for (auto& [at, side, m] : c.packets) {
      out.packets.push_back({at, c.sides[side].node, c.sides[1 - side].node, std::move(m)});
    }
  }
  std::stable_sort(out.packets.begin(), out.packets.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

}  // namespace aemp::mesh
