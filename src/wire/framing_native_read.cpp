// Reading begins when a frame is complete; native_reader then takes it apart. Parts of large values are taken
// as they come.
#include <algorithm>
#include <utility>

#include "wire/framing_native.hpp"
#include "wire/native_format.hpp"

namespace aemp::wire {

using namespace native;

// The length of the frame, with its head; head_size as long as that is not known.
result<std::size_t> native_decoder::frame_size(std::string_view begun) const {
  if (begun.size() < head_size) return head_size;
  const std::uint64_t length = load(begun.data(), head_size);
  if (length == 0) return error{"malformed_packet", "aemp1: a frame without a type"};
  if (head_size + length > limits_.max_packet) return packet_too_large(limits_.max_packet);
  return head_size + static_cast<std::size_t>(length);
}

result<std::size_t> native_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  while (!rest.empty()) {
    if (part_left_ != 0) {
      const std::string_view piece = rest.substr(0, part_left_);
      rest.remove_prefix(piece.size());
      if (!take_part(piece, sink)) return failure_;
      continue;
    }
    if (begun_.empty() && !take_whole_frames(rest, sink)) return failure_;
    if (rest.empty()) break;
    const auto size = frame_size(begun_.empty() ? rest : std::string_view(begun_));
    if (!size) return size.error();
    if (const std::size_t head = head_size - std::min(head_size, begun_.size());
        *size > head_size && begun_.size() <= head_size && rest.size() > head &&
        static_cast<unsigned char>(rest[head]) == part_frame) {
      rest.remove_prefix(head + 1);
      begun_.clear();
      if (!begin_part(*size - head_size - 1)) return failure_;
      continue;
    }
    const std::string_view more = rest.substr(0, *size - begun_.size());
    begun_ += more;
    rest.remove_prefix(more.size());
    if (begun_.size() < *size || *size == head_size) {
      // The bytes so far may show that the frame is refused, even when no more come.
      if (const auto now = frame_size(begun_); !now) return now.error();
      continue;
    }
    std::string_view whole = begun_;
    if (!take_whole_frames(whole, sink)) return failure_;
    begun_.clear();
    constexpr std::size_t worth_keeping = 4096;
    if (begun_.capacity() > worth_keeping) begun_.shrink_to_fit();
  }
  return in.size();
}

bool native_decoder::begin_unfinished(std::string_view port, message m, packet_sink& sink) {
  auto announced = std::exchange(announced_, {});
  if (!unfinished_.empty()) {
    failure_ = {"malformed_packet", "aemp1: two messages with large values at a time"};
    return false;
  }
  unfinished_.begin(port, std::move(m), std::move(announced));
  return take_part({}, sink);
}

bool native_decoder::begin_part(std::size_t size) {
  if (unfinished_.empty() || size > unfinished_.missing()) {
    failure_ = {"malformed_packet", "aemp1: a part that belongs to no large value"};
    return false;
  }
  part_left_ = size;
  return true;
}

bool native_decoder::take_part(std::string_view bytes, packet_sink& sink) {
  part_left_ -= bytes.size();
  unfinished_.append(bytes);
  return finish_if_complete(sink);
}

std::span<char> native_decoder::place() {
  return part_left_ == 0 ? std::span<char>() : unfinished_.place(part_left_);
}

result<void> native_decoder::placed(std::size_t bytes, packet_sink& sink) {
  part_left_ -= bytes;
  unfinished_.placed(bytes);
  if (!finish_if_complete(sink)) return failure_;
  return {};
}

bool native_decoder::finish_if_complete(packet_sink& sink) {
  if (unfinished_.missing() != 0) return true;
  auto m = unfinished_.finish(limits_);
  if (!m) {
    failure_ = m.error();
    return false;
  }
  deliver(destination(unfinished_.port()), std::move(*m), sink);
  return true;
}

}  // namespace aemp::wire
