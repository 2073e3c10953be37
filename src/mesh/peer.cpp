#include "mesh/peer.hpp"

#include <utility>

#include "wire/element.hpp"

namespace aemp::mesh {
namespace {

std::size_t estimated_bytes(const value& v) {
  switch (v.type()) {
    case value::kind::text:
    case value::kind::bytes:
      return sizeof v + v.text().size();
    case value::kind::array: {
      std::size_t sum = sizeof v;
      for (const value& element : v.elements()) sum += estimated_bytes(element);
      return sum;
    }
    case value::kind::map: {
      std::size_t sum = sizeof v;
      for (const auto& [key, entry] : v.entries()) sum += 64 + key.size() + estimated_bytes(entry);
      return sum;
    }
    default:
      return sizeof v;
  }
}

}  // namespace

std::size_t estimated_bytes(const message& m) {
  std::size_t sum = sizeof(outbox::packet) + sizeof(detail::block);
  wire::each_element(m, 0, [&]<class T>(const T& element) {
    if constexpr (std::is_same_v<T, value>) {
      sum += estimated_bytes(element);
    } else {
      sum += sizeof(value);
      if constexpr (std::is_same_v<T, std::string_view>) sum += element.size();
    }
  });
  return sum;
}

bool outbox::add(packet p, const limits& l) {
  const std::size_t more = estimated_bytes(p.content);
  if (packets_.size() >= l.queued_messages || bytes_ + more > l.queued_bytes) return false;
  bytes_ += more;
  packets_.push_back(std::move(p));
  return true;
}

std::deque<outbox::packet> outbox::take() noexcept {
  bytes_ = 0;
  return std::exchange(packets_, {});
}

void peer::put(const outbox::packet& p) {
  if (p.what == outbox::packet::kind::message) return up->send(p.port, p.content);
  up->send({}, kill_request(p.port, p.content, up->peer().key("mproto").has_value()));
}

}  // namespace aemp::mesh
