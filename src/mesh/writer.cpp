#include "mesh/writer.hpp"

#include <utility>

namespace aemp::mesh {
namespace {

// Beyond this, waiting for more saves no system calls worth the memory.
constexpr std::size_t large = 64 * 1024;
// A buffer that a slow peer has let grow beyond this is not kept.
constexpr std::size_t spare_memory = std::size_t{4} << 20;

}  // namespace

writer::writer(core::worker& worker, net::stream& stream, std::size_t limit)
    : worker_(worker), stream_(&stream), limit_(limit), last_write_(worker.now()) {}

bool writer::appended() {
  if (buffer_.size() >= large) {
    flush();
  } else {
    worker_.when_idle(*this);
  }
  return queued() <= limit_;
}

void writer::flush() {
  if (stream_ == nullptr || in_flight_ != 0 || buffer_.empty()) return;
  const std::size_t size = buffer_.size();
  last_write_ = worker_.now();
  given_ += size;
  if (!stream_->write(buffer_)) in_flight_ = size;
  if (buffer_.empty() && buffer_.capacity() > spare_memory) buffer_ = {};
}

void writer::sent() {
  in_flight_ = 0;
  flush();
}

std::string writer::stop() {
  stream_ = nullptr;
  return std::exchange(buffer_, {});
}

}  // namespace aemp::mesh
