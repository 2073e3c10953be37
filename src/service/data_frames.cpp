#include "service/data_frames.hpp"

#include <algorithm>
#include <utility>

namespace aemp::service {

void data_frame_writer::write_head(std::size_t at, data_frame what, std::size_t size) {
  out_[at] = static_cast<char>(what);
  for (int i = 1; i < 4; ++i)
    out_[at + static_cast<std::size_t>(i)] = static_cast<char>(size >> 8 * (i - 1) & 0xff);
}

// Small writes are joined into one frame.
void data_frame_writer::add_bytes(std::string_view bytes) {
  payload_ += bytes.size();
  while (!bytes.empty()) {
    std::size_t held = open_ ? out_.size() - *open_ - frame_head : most_in_frame;
    if (held == most_in_frame) {
      open_ = out_.size();
      out_.append(frame_head, '\0');
      held = 0;
    }
    const std::string_view part = bytes.substr(0, most_in_frame - held);
    bytes.remove_prefix(part.size());
    out_ += part;
    write_head(*open_, data_frame::bytes, held + part.size());
  }
}

void data_frame_writer::add(data_frame what, std::string_view text) {
  open_.reset();
  text = text.substr(0, most_frame_text);
  const std::size_t at = out_.size();
  out_.append(frame_head, '\0');
  write_head(at, what, text.size());
  out_ += text;
}

void data_frame_writer::add_raw(std::string_view bytes) {
  payload_ += bytes.size();
  out_ += bytes;
}

std::size_t data_frame_writer::take_payload() noexcept {
  open_.reset();
  return std::exchange(payload_, 0);
}

// False: more bytes are needed.
bool data_frame_reader::read_head(std::string_view& in) {
  const std::size_t n = std::min(in.size(), frame_head - head_size_);
  std::copy_n(in.data(), n, head_.data() + head_size_);
  in.remove_prefix(n);
  head_size_ += n;
  if (head_size_ < frame_head) return false;
  what_ = static_cast<data_frame>(head_[0]);
  missing_ = 0;
  for (std::size_t i = 1; i < frame_head; ++i)
    missing_ |= std::size_t{static_cast<unsigned char>(head_[i])} << 8 * (i - 1);
  text_.clear();
  return true;
}

data_frame_reader::outcome data_frame_reader::next(std::string_view& in, piece& to) {
  while (!in.empty()) {
    if (head_size_ < frame_head) {
      if (!read_head(in)) return outcome::hungry;
      const bool is_text = what_ != data_frame::bytes;
      if (what_ > data_frame::aborted || (is_text && missing_ > most_frame_text)) return outcome::malformed;
    }
    const std::string_view part = in.substr(0, missing_);
    in.remove_prefix(part.size());
    missing_ -= part.size();
    if (missing_ == 0) head_size_ = 0;
    if (what_ == data_frame::bytes) {
      if (part.empty()) continue;
      to = {what_, part};
      return outcome::piece;
    }
    text_ += part;
    if (missing_ != 0) return outcome::hungry;
    to = {what_, text_};
    return outcome::piece;
  }
  return outcome::hungry;
}

}  // namespace aemp::service
