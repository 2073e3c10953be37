#include "mesh/writer.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

// Writes down what it is given, and takes it at once or not.
struct slow_stream final : net::stream {
  void start(net::stream_events&) override {}
  void redirect(net::stream_events&) override {}
  bool write(std::string& bytes) override {
    EXPECT_FALSE(busy) << "a write before the last one was done";
    writes.push_back(bytes);
    bytes.clear();
    busy = slow;
    return !busy;
  }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {}
  void pause(bool) override {}
  void finish(std::string) override {}
  net::endpoint local() const override { return {}; }
  net::endpoint remote() const override { return {}; }

  std::vector<std::string> writes;
  bool slow = false;
  bool busy = false;
};

struct desk : writer_events {
  explicit desk(std::size_t limit = 1 << 20) : w(node.core.network_worker(), stream, limit, *this) {}
  void on_left() override {}
  void on_parts_left() override { ++parts_left; }
  bool append(std::string_view text) {
    w.buffer() += text;
    return w.appended();
  }
  void turn() { (void)node.core.network_worker().turn(); }
  void sent() {
    stream.busy = false;
    w.sent();
  }

  test_world world;
  test_node& node = world.add("alpha");
  slow_stream stream;
  writer w;
  int parts_left = 0;
};

TEST(writer, lets_a_lone_frame_leave_at_the_end_of_the_turn_and_many_together) {
  desk d;
  EXPECT_TRUE(d.append("one"));
  EXPECT_TRUE(d.stream.writes.empty());
  d.turn();
  d.turn();
  EXPECT_TRUE(d.append("two,"));
  EXPECT_TRUE(d.append("three"));
  d.turn();
  EXPECT_EQ((std::vector<std::string>{"one", "two,three"}), d.stream.writes);
}

TEST(writer, does_not_wait_when_the_buffer_is_large) {
  desk d;
  EXPECT_TRUE(d.append(std::string(64 * 1024, 'x')));
  EXPECT_EQ(1u, d.stream.writes.size());
}

TEST(writer, collects_while_a_write_is_under_way) {
  desk d;
  d.stream.slow = true;
  EXPECT_TRUE(d.append("one"));
  d.turn();
  EXPECT_TRUE(d.append("two,"));
  d.turn();
  EXPECT_TRUE(d.append("three"));
  d.turn();
  EXPECT_EQ(1u, d.stream.writes.size());
  EXPECT_EQ(12u, d.w.queued());
  EXPECT_TRUE(d.w.writing());
  d.sent();
  EXPECT_EQ((std::vector<std::string>{"one", "two,three"}), d.stream.writes);
  EXPECT_EQ(9u, d.w.queued());
  d.sent();
  EXPECT_EQ(0u, d.w.queued());
  EXPECT_FALSE(d.w.writing());
}

TEST(writer, says_when_more_is_queued_than_allowed) {
  desk d(10);
  d.stream.slow = true;
  EXPECT_TRUE(d.append("12345"));
  d.turn();
  EXPECT_TRUE(d.append("67890"));
  EXPECT_FALSE(d.append("1"));
}

wire::large_values one_value(std::size_t at, const value& v) {
  wire::large_values all;
  all.push_back(wire::large_text(v));
  all.front().at = at;
  return all;
}

TEST(writer, puts_large_values_where_they_belong) {
  desk d;
  const value v(std::string(50'000, 'v'));
  d.w.buffer() += "head,tail";
  auto large = one_value(5, v);
  d.w.splice(large);
  EXPECT_TRUE(d.w.appended());
  EXPECT_EQ(9u + 50'000, d.w.queued());
  d.turn();
  EXPECT_EQ(std::vector<std::string>{"head," + std::string(v.text()) + "tail"}, d.stream.writes);
  EXPECT_EQ(0u, d.w.queued());
}

TEST(writer, sends_a_part_with_each_write_behind_what_was_appended_meanwhile) {
  desk d(1 << 24);
  d.stream.slow = true;
  auto large = one_value(0, value(std::string(150'000, 'v')));
  d.w.buffer() += "frame";
  d.w.add_parts(large);
  EXPECT_TRUE(d.w.appended());
  d.turn();
  EXPECT_TRUE(d.append("one"));
  EXPECT_EQ(1u, d.stream.writes.size());
  d.sent();
  EXPECT_TRUE(d.append("two"));
  EXPECT_EQ(0, d.parts_left);
  EXPECT_TRUE(d.w.has_parts());
  d.sent();
  EXPECT_EQ(1, d.parts_left);
  EXPECT_FALSE(d.w.has_parts());
  d.sent();
  ASSERT_EQ(3u, d.stream.writes.size());
  std::size_t values = 0;
  for (const std::string& w : d.stream.writes) values += static_cast<std::size_t>(std::ranges::count(w, 'v'));
  EXPECT_EQ(150'000u, values);
  EXPECT_TRUE(d.stream.writes[0].starts_with("frame"));
  EXPECT_TRUE(d.stream.writes[1].starts_with("one"));
  EXPECT_TRUE(d.stream.writes[2].starts_with("two"));
  EXPECT_EQ(0u, d.w.queued());
}

// Of which the stream has the first part.
void begin_value_in_parts(desk& d, std::size_t bytes) {
  d.stream.slow = true;
  auto large = one_value(0, value(std::string(bytes, 'v')));
  d.w.add_parts(large);
  EXPECT_TRUE(d.w.appended());
  d.turn();
}

TEST(writer, sends_small_parts_among_other_frames_and_large_ones_when_there_are_none) {
  desk d(std::size_t{1} << 30);
  begin_value_in_parts(d, 40'000'000);
  std::size_t before = d.stream.writes.back().size();
  EXPECT_LT(before, 70'000u);
  for (int i = 0; i < 40; ++i, before = d.stream.writes.back().size()) {
    d.sent();
    EXPECT_GE(d.stream.writes.back().size(), before);
  }
  EXPECT_GT(before, 1'000'000u);
  EXPECT_TRUE(d.append("frame"));
  d.sent();
  EXPECT_LT(d.stream.writes.back().size(), 70'000u);
}

TEST(writer, sends_parts_as_large_as_the_stream_takes_in_a_short_while) {
  desk d(std::size_t{1} << 30);
  begin_value_in_parts(d, 80'000'000);
  const auto send = [&](int count, std::chrono::milliseconds each) {
    for (int i = 0; i < count; ++i) {
      d.world.time.advance(each);
      d.turn();
      d.sent();
    }
    return d.stream.writes.back().size();
  };
  EXPECT_GT(send(40, {}), 1'000'000u);
  const std::size_t slower = send(1, std::chrono::milliseconds(8));
  EXPECT_LT(slower, 270'000u);
  EXPECT_GT(slower, 250'000u);
  EXPECT_LT(send(10, std::chrono::milliseconds(8)), 70'000u);
  EXPECT_GT(send(1, {}), 1'000'000u);
}

TEST(writer, gives_back_all_that_was_not_sent) {
  desk d;
  auto spliced = one_value(1, value(std::string(40'000, 'v')));
  d.w.buffer() += "ab";
  d.w.splice(spliced);
  auto large = one_value(0, value(std::string(300'000, 'w')));
  d.w.add_parts(large);
  const std::string rest = d.w.rest();
  EXPECT_TRUE(rest.starts_with("a" + std::string(40'000, 'v') + "b"));
  EXPECT_EQ(300'000, std::ranges::count(rest, 'w'));
}

TEST(writer, leaves_the_stream_alone_once_stopped) {
  desk d;
  EXPECT_TRUE(d.append("rest"));
  EXPECT_EQ("rest", d.w.rest());
  d.w.stop();
  d.turn();
  EXPECT_TRUE(d.stream.writes.empty());
}

}  // namespace
}  // namespace aemp::mesh
