// Writes to a stream. Frames are collected in one buffer, which is handed over when the worker goes idle, or
// earlier when it has grown large: a lone message leaves at the end of the turn, and under load one system
// call carries thousands. While a write is under way, further frames collect for the next one.
//
// Large values are not copied: the stream sends them from where they lie. In a framing that has parts, each
// write carries the frames that were appended meanwhile, and then one part. So a frame waits for one part at
// most, however large the value is; and where frames come often, parts are small. In a framing without parts,
// a large value keeps its place among the frames.
//
// Cost per frame: what the framing appends, and a few comparisons. Belongs to the network worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/worker.hpp"
#include "net/transport.hpp"
#include "wire/large_values.hpp"
#include "wire/out_buffer.hpp"

namespace aemp::mesh {

class writer_events {
 public:
  // queued() has changed.
  virtual void on_left() = 0;
  // The last part is on its way; another large value may follow.
  virtual void on_parts_left() = 0;

 protected:
  ~writer_events() = default;
};

class writer final : core::idle_task {
 public:
  // The stream outlives the writer, or stop() is called first.
  writer(core::worker& worker, net::stream& stream, std::size_t limit, writer_events& tell);

  // Append frames to it, and then call appended(). That is false when more is queued than the limit allows.
  wire::out_buffer& buffer() noexcept { return buffer_; }
  [[nodiscard]] bool appended() {
    if (buffer_.size() + spliced_ >= worth_a_write && !writing()) {
      flush();
    } else {
      worker_.when_idle(*this);
    }
    return queued() <= limit_;
  }
  std::size_t limit() const noexcept { return limit_; }
  void set_limit(std::size_t bytes) noexcept { limit_ = bytes; }
  // Puts the large values that an encoder has left out into what it appended. Leaves `large` empty.
  void splice(wire::large_values& large);
  // The same, but sends them in parts. Only while no others are sent in parts.
  void add_parts(wire::large_values& large);
  bool has_parts() const noexcept { return parts_left_ != 0; }

  // Hands over what is collected now, if no write is under way.
  void flush();
  // The stream's on_sent().
  void sent();

  bool writing() const noexcept { return in_flight_ != 0; }
  std::size_t queued() const noexcept { return in_flight_ + buffer_.size() + spliced_ + parts_left_; }
  std::uint64_t given() const noexcept { return given_; }  // bytes, to the stream so far
  core::time_point last_write() const noexcept { return last_write_; }

  // A copy of what was collected and is not handed over yet.
  std::string rest();
  // From now on it touches the stream no more, and calls no events.
  void stop() noexcept { stream_ = nullptr; }

 private:
  // Beyond this, waiting for more saves no system calls worth the memory.
  static constexpr std::size_t worth_a_write = 64 * 1024;

  void on_idle() override { flush(); }
  void cut_part();
  void gather();
  void hand_over();
  void let_go();

  core::worker& worker_;
  net::stream* stream_;
  std::size_t limit_;
  writer_events& tell_;
  wire::out_buffer buffer_;
  wire::large_values splices_;  // what belongs into the buffer, in order
  std::size_t spliced_ = 0;     // bytes of them
  wire::large_values parts_;
  std::size_t part_ = 0;                     // the first of them that has bytes to be sent
  std::size_t parts_left_ = 0;               // bytes
  std::size_t head_ = 0;                     // of the buffer: what was there when the parts were added
  std::size_t undisturbed_ = 0;              // bytes in parts, since other frames went out between them
  std::size_t taken_in_a_while_ = SIZE_MAX;  // bytes, as of the last write that had to wait

  std::size_t in_flight_ = 0;
  std::uint64_t given_ = 0;
  std::string sending_;  // what the stream sends by reference
  wire::large_values sending_splices_;
  std::vector<std::string_view> pieces_;
  core::time_point last_write_;
};

}  // namespace aemp::mesh
