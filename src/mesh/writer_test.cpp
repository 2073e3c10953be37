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

struct desk {
  explicit desk(std::size_t limit = 1 << 20) : w(node.core.network_worker(), stream, limit) {}
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

TEST(writer, leaves_the_stream_alone_once_stopped) {
  desk d;
  EXPECT_TRUE(d.append("rest"));
  EXPECT_EQ("rest", d.w.stop());
  d.turn();
  EXPECT_TRUE(d.stream.writes.empty());
}

}  // namespace
}  // namespace aemp::mesh
