// Decides only where packets start and end, and how large they are; the data room reads the JSON itself.
#include "wire/framing_json.hpp"

#include "wire/element.hpp"
#include "wire/json_packet.hpp"

namespace aemp::wire {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void json_encoder::append(out_buffer& buffer, const destination& to, const message& m, large_values*) {
  data::appender out(buffer.text());
  out.put('[');
  data::append_json(out, to.name);
  each_element(m, 0, [&](const auto& element) {
    out.put(',');
    data::append_json(out, element);
  });
  out.put(']');
  out.flush();
}

result<std::size_t> json_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  std::string_view port;
  while (!rest.empty()) {
    if (packet_size_ == 0) {
      if (is_white(rest.front())) {
        rest.remove_prefix(1);
        continue;
      }
      if (rest.front() != '[') {
        return error{"malformed_packet", "JSON: a packet must be an array, but something else starts here"};
      }
      if (const std::size_t size = read_json_packet(rest, limits_, port, elements_); size != 0) {
        rest.remove_prefix(size);
        deliver(notes_.of(port), elements_.take(), sink);
        continue;
      }
    }
    const auto fed = reader_.feed(rest.substr(0, limits_.max_packet - packet_size_));
    if (!fed) {
      if (fed.error().name == "too_heavy") return packet_too_heavy(limits_.max_weight);
      return error{fed.error().name == "too_deep" ? "packet_too_deep" : "malformed_packet", fed.error().text};
    }
    packet_size_ += fed->consumed;
    rest.remove_prefix(fed->consumed);
    if (!fed->complete) {
      if (packet_size_ == limits_.max_packet) return packet_too_large(limits_.max_packet);
      continue;
    }
    packet_size_ = 0;
    if (auto delivered = deliver(*reader_.list(), sink); !delivered) return delivered.error();
  }
  return in.size();
}

}  // namespace aemp::wire
