// Only where packets start and end, and their size, is decided here; the JSON itself is the data room's.
#include "wire/framing_json.hpp"

#include <algorithm>

#include "wire/element.hpp"

namespace aemp::wire {

void json_encoder::append(std::string& to, std::string_view port, const message& m) {
  data::appender out(to);
  out.put('[');
  data::append_json(out, port);
  for (std::size_t i = 0; i < m.size(); ++i) {
    out.put(',');
    with_element(m, i, [&](const auto& element) { data::append_json(out, element); });
  }
  out.put(']');
  out.flush();
}

result<std::size_t> json_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  while (!rest.empty()) {
    if (packet_size_ == 0) {
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
      if (rest.empty()) break;
      if (rest.front() != '[') {
        return error{"malformed_packet", "JSON: a packet must be an array, but something else starts here"};
      }
    }
    const auto fed = reader_.feed(rest.substr(0, max_packet_ - packet_size_));
    if (!fed) {
      return error{fed.error().name == "too_deep" ? "packet_too_deep" : "malformed_packet", fed.error().text};
    }
    packet_size_ += fed->consumed;
    rest.remove_prefix(fed->consumed);
    if (!fed->complete) {
      if (packet_size_ == max_packet_) return packet_too_large(max_packet_);
      continue;
    }
    packet_size_ = 0;
    if (auto delivered = deliver(*reader_.list(), sink); !delivered) return delivered.error();
  }
  return in.size();
}

}  // namespace aemp::wire
