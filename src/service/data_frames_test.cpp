// Frames of data connections, cut in every way in which a stream may cut them.
#include "service/data_frames.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace aemp::service {
namespace {

// What a reader makes of these bytes when they come in slices of that size: "0:text|1:|…".
std::string read(std::string_view bytes, std::size_t slice) {
  data_frame_reader reader;
  std::string heard, out;
  const auto flush = [&] {
    if (!heard.empty()) out += "0:" + std::exchange(heard, {}) + "|";
  };
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, slice);
    bytes.remove_prefix(in.size());
    data_frame_reader::piece p{};
    for (;;) {
      const auto outcome = reader.next(in, p);
      if (outcome == data_frame_reader::outcome::malformed) {
        flush();
        return out + "malformed";
      }
      if (outcome == data_frame_reader::outcome::hungry) break;
      if (p.what == data_frame::bytes) {
        heard += p.text;
        continue;
      }
      flush();
      out += std::to_string(static_cast<int>(p.what)) + ":" + std::string(p.text) + "|";
    }
  }
  flush();
  return out;
}

TEST(data_frames, are_what_the_protocol_says) {
  data_frame_writer w;
  w.add_bytes("he");
  w.add_bytes("llo");
  w.add(data_frame::bytes);
  w.add(data_frame::end);
  w.add(data_frame::missed, "why");
  using namespace std::string_literals;
  EXPECT_EQ("\0\5\0\0hello"s + "\0\0\0\0"s + "\1\0\0\0"s + "\3\3\0\0why"s, w.buffer());
  EXPECT_EQ(5u, w.take_payload());
  EXPECT_EQ(0u, w.take_payload());
}

TEST(data_frames, are_read_however_they_are_cut) {
  data_frame_writer w;
  w.add(data_frame::bytes);
  w.add_bytes("hello ");
  w.add_bytes("world");
  w.add(data_frame::bytes);
  w.add(data_frame::end);
  w.add(data_frame::taken);
  w.add(data_frame::aborted, "the port died");
  for (std::size_t slice = 1; slice <= w.size(); ++slice)
    EXPECT_EQ("0:hello world|1:|2:|4:the port died|", read(w.buffer(), slice)) << slice;
}

TEST(data_frames, divide_what_is_too_much_for_one) {
  data_frame_writer w;
  const std::string much(2 * most_in_frame + 7, 'x');
  w.add_bytes(much.substr(0, 10));
  w.add_bytes(much.substr(10));
  EXPECT_EQ(much.size() + 3 * frame_head, w.size());
  EXPECT_EQ("0:" + much + "|", read(w.buffer(), 64 * 1024));
}

TEST(data_frames, that_nobody_knows_or_that_say_too_much_are_malformed) {
  using namespace std::string_literals;
  EXPECT_EQ("malformed", read("\5\0\0\0"s, 1));
  EXPECT_EQ("malformed", read("\4\0\4\0"s, 4));
  EXPECT_EQ("0:x|malformed", read("\0\1\0\0x\xff\0\0\0"s, 3));
}

TEST(data_frames, say_no_more_than_the_reader_takes) {
  data_frame_writer w;
  w.add(data_frame::aborted, std::string(5000, 'y'));
  EXPECT_EQ("4:" + std::string(most_frame_text, 'y') + "|", read(w.buffer(), 100));
}

}  // namespace
}  // namespace aemp::service
