// The frames in which bytes and control information share one stream: data connections between nodes of this
// library (docs/protocol.md, `dataframes`). Without I/O: a writer packs what was written into frames, and a
// reader takes them apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aemp::service {

enum class data_frame : std::uint8_t {
  bytes = 0,   // bytes of the port; with none, a sign of life
  end = 1,     // the port has sent everything
  taken = 2,   // everything up to the other side's end has arrived at the port
  missed = 3,  // not everything has, and why
  aborted = 4  // this side ends without having sent everything, and why
};

inline constexpr std::size_t frame_head = 4;  // bytes
inline constexpr std::size_t most_in_frame = 0xffffff;
inline constexpr std::size_t most_frame_text = 1000;

// Collects frames for one write.
class data_frame_writer {
 public:
  void add_bytes(std::string_view bytes);
  void add(data_frame what, std::string_view text = {});
  // Adds bytes of a stream without frames, or from before they begin.
  void add_raw(std::string_view bytes);

  std::string& buffer() noexcept { return out_; }
  bool empty() const noexcept { return out_.empty(); }
  std::size_t size() const noexcept { return out_.size(); }
  // Returns how many bytes of users were added, and starts counting anew.
  std::size_t take_payload() noexcept;

 private:
  void write_head(std::size_t at, data_frame what, std::size_t size);

  std::string out_;
  std::size_t payload_ = 0;
  std::optional<std::size_t> open_;  // where the frame begins to which more bytes can be added
};

class data_frame_reader {
 public:
  struct piece {
    data_frame what;
    std::string_view text;  // if bytes: as many as have come, never none; else the frame's text
  };
  enum class outcome : std::uint8_t { piece, hungry, malformed };

  // Takes the next piece from the beginning of `in`, until that is empty. A sign of life is not a piece. `to`
  // is valid until the next call.
  outcome next(std::string_view& in, piece& to);

 private:
  bool read_head(std::string_view& in);

  std::array<char, frame_head> head_{};
  std::size_t head_size_ = 0;  // bytes of the head that have come
  data_frame what_ = data_frame::bytes;
  std::size_t missing_ = 0;  // bytes of the frame's content that are missing
  std::string text_;
};

}  // namespace aemp::service
