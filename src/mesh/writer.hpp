// What goes out on a stream. Frames are collected in one buffer, which is handed over when the worker goes
// idle, or earlier when it has grown large: a lone message leaves at the end of the turn, and under load one
// system call carries thousands. While a write is under way, further frames collect for the next one.
//
// Cost per frame: what the framing appends, and a few comparisons. Belongs to the network worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/worker.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class writer final : core::idle_task {
 public:
  // The stream outlives the writer, or stop() is called first.
  writer(core::worker& worker, net::stream& stream, std::size_t limit);

  // Append to it, and then call appended(), which is false when more is queued than the limit allows: the
  // peer does not read.
  std::string& buffer() noexcept { return buffer_; }
  [[nodiscard]] bool appended();

  // Hands over what is collected now, if no write is under way.
  void flush();
  // The stream's on_sent().
  void sent();

  bool writing() const noexcept { return in_flight_ != 0; }
  std::size_t queued() const noexcept { return in_flight_ + buffer_.size(); }
  std::uint64_t given() const noexcept { return given_; }  // bytes, to the stream so far
  core::time_point last_write() const noexcept { return last_write_; }

  // Never touches the stream again. Returns what was collected.
  std::string stop();

 private:
  void on_idle() override { flush(); }

  core::worker& worker_;
  net::stream* stream_;
  const std::size_t limit_;
  std::string buffer_;
  std::size_t in_flight_ = 0;
  std::uint64_t given_ = 0;
  core::time_point last_write_;
};

}  // namespace aemp::mesh
