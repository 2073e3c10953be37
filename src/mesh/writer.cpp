#include "mesh/writer.hpp"

#include <algorithm>
#include <utility>

#include "wire/native_parts.hpp"

namespace aemp::mesh {
namespace {

// A buffer that a slow peer has let grow beyond this is not kept.
constexpr std::size_t spare_memory = std::size_t{4} << 20;
// Large parts delay the frames that wait for one. Small parts cost system calls, and wake the receiver for
// each. So parts are small while other frames go out among them, and grow while none do: a part is an eighth
// of what was sent in parts since the last other frame, and no more than the stream takes in a short_while.
constexpr std::size_t smallest_part = 64 * 1024;
constexpr std::size_t largest_part = std::size_t{1} << 20;
constexpr core::duration short_while = std::chrono::milliseconds(2);

}  // namespace

writer::writer(core::worker& worker, net::stream& stream, std::size_t limit, writer_events& tell)
    : worker_(worker), stream_(&stream), limit_(limit), tell_(tell), last_write_(worker.now()) {}

void writer::splice(wire::large_values& values) {
  for (wire::large_value& one : values) {
    spliced_ += one.bytes.size();
    splices_.push_back(std::move(one));
  }
  values.clear();
}

void writer::add_parts(wire::large_values& values) {
  part_ = 0;
  head_ = buffer_.size();
  parts_.swap(values);
  values.clear();
  for (const wire::large_value& one : parts_) parts_left_ += one.bytes.size();
}

// Adds one part, behind what is in the buffer. The last piece of a value takes along what keeps the value
// alive.
void writer::cut_part() {
  if (std::exchange(head_, 0) != buffer_.size()) undisturbed_ = 0;
  const std::size_t most = std::min(largest_part, taken_in_a_while_);
  std::size_t left = std::min(parts_left_, std::max(smallest_part, std::min(undisturbed_ / 8, most)));
  undisturbed_ += left;
  wire::native::append_part_head(buffer_.text(), left);
  parts_left_ -= left;
  spliced_ += left;
  while (left != 0) {
    wire::large_value& from = parts_[part_];
    const std::string_view piece = from.bytes.substr(0, left);
    from.bytes.remove_prefix(piece.size());
    left -= piece.size();
    if (from.bytes.empty()) {
      splices_.push_back(std::move(from));
      ++part_;
    } else {
      splices_.emplace_back();
    }
    splices_.back().at = buffer_.size();
    splices_.back().bytes = piece;
  }
}

void writer::flush() {
  if (stream_ == nullptr) return;
  if (in_flight_ == 0 && !(buffer_.empty() && parts_left_ == 0)) hand_over();
  tell_.on_left();
}

void writer::hand_over() {
  const bool has_parts = parts_left_ != 0;
  if (has_parts) cut_part();
  const std::size_t size = buffer_.size() + spliced_;
  last_write_ = worker_.now();
  given_ += size;
  bool done;
  if (splices_.empty()) {
    std::string& bytes = buffer_.text();
    done = stream_->write(bytes);
    if (bytes.empty() && bytes.capacity() > spare_memory) bytes = {};
  } else {
    gather();
    done = stream_->write_pieces(pieces_);
  }
  if (done) {
    let_go();
  } else {
    in_flight_ = size;
  }
  if (has_parts && parts_left_ == 0) tell_.on_parts_left();
  if (done && !(buffer_.empty() && parts_left_ == 0)) worker_.when_idle(*this);
}

// Puts the buffer and the pieces that belong into it in the order of the stream. Both are under way now.
void writer::gather() {
  sending_.swap(buffer_.text());
  buffer_.text().clear();
  sending_splices_.swap(splices_);
  spliced_ = 0;
  pieces_.clear();
  std::size_t done = 0;
  for (const wire::large_value& one : sending_splices_) {
    if (one.at != done) pieces_.push_back(std::string_view(sending_).substr(done, one.at - done));
    done = one.at;
    pieces_.push_back(one.bytes);
  }
  if (done != sending_.size()) pieces_.push_back(std::string_view(sending_).substr(done));
}

void writer::sent() {
  const core::duration took = worker_.now() - last_write_;
  taken_in_a_while_ = in_flight_ * static_cast<std::size_t>(short_while.count()) /
                      static_cast<std::size_t>(std::max(took, core::duration(1)).count());
  in_flight_ = 0;
  let_go();
  flush();
}

// Frees what the kernel has taken.
void writer::let_go() {
  sending_splices_.clear();
  if (sending_.capacity() > spare_memory) sending_ = {};
}

std::string writer::rest() {
  while (parts_left_ != 0) cut_part();
  const std::string& buffer = buffer_.text();
  std::string all;
  std::size_t done = 0;
  for (const wire::large_value& one : splices_) {
    all.append(buffer, done, one.at - done).append(one.bytes);
    done = one.at;
  }
  return all.append(buffer, done);
}

}  // namespace aemp::mesh
