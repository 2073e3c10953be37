#include "wire/native_parts.hpp"

#include <algorithm>
#include <utility>

#include "data/utf8.hpp"
#include "wire/framing_native.hpp"
#include "wire/native_format.hpp"
#include "wire/native_reader.hpp"

namespace aemp::wire::native {
namespace {

result<value> value_of(partial_element& e, const framing_limits& limits, weight_left& weight) {
  switch (e.kind) {
    case bytes_in_parts:
      return e.bytes.finish(value::kind::bytes);
    case text_in_parts:
      if (!data::is_utf8(e.bytes.come())) return error{"malformed_packet", "aemp1: text that is no UTF-8"};
      return e.bytes.finish(value::kind::text);
    default: {
      // The numbers of the stream mean nothing here, because they may have been given to other names
      // meanwhile. So this has a decoder of its own.
      framing_limits rest = limits;
      rest.max_weight = weight.left();
      native_decoder apart(rest);
      native_reader reader(apart);
      value v;
      if (!reader.read_alone(e.bytes.come(), v)) return reader.why();
      (void)weight.take(std::min(v.weight(), weight.left()));
      return v;
    }
  }
}

}  // namespace

void append_part_head(std::string& out, std::size_t bytes) {
  char head[head_size + 1];
  store(head, bytes + 1, head_size);
  head[head_size] = static_cast<char>(part_frame);
  out.append(head, sizeof head);
}

void unfinished_message::begin(std::string_view port, message m, std::vector<partial_element> elements) {
  port_ = port;
  message_ = std::move(m);
  elements_ = std::move(elements);
  at_ = missing_ = 0;
  for (const partial_element& e : elements_) missing_ += e.bytes.missing();
}

std::size_t unfinished_message::held() const noexcept {
  std::size_t all = 0;
  for (const partial_element& e : elements_) all += e.bytes.come().size();
  return all;
}

void unfinished_message::append(std::string_view bytes) {
  missing_ -= bytes.size();
  while (!bytes.empty()) {
    detail::growing_blob& to = current();
    const std::string_view piece = bytes.substr(0, to.missing());
    to.append(piece);
    bytes.remove_prefix(piece.size());
  }
}

std::span<char> unfinished_message::place(std::size_t most) {
  return missing_ == 0 ? std::span<char>() : current().place(most);
}

void unfinished_message::placed(std::size_t bytes) noexcept {
  missing_ -= bytes;
  current().placed(bytes);
}

// Returns the first value that is not complete. Requires that there is one.
detail::growing_blob& unfinished_message::current() noexcept {
  while (elements_[at_].bytes.missing() == 0) ++at_;
  return elements_[at_].bytes;
}

result<message> unfinished_message::finish(const framing_limits& limits) {
  auto& block = static_cast<detail::values_block&>(*message_.get());  // which nobody has seen yet
  weight_left weight(limits.max_weight);
  for (partial_element& e : std::exchange(elements_, {})) {
    auto made = value_of(e, limits, weight);
    if (!made) return made.error();
    *e.place = std::move(*made);
  }
  detail::set_key(block);
  return std::exchange(message_, {});
}

}  // namespace aemp::wire::native
