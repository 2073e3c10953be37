// The ports of a worker without a worker and without a node: what they need of both is a fake of a few lines.
#include "core/port_space.hpp"

#include "core/quiet_neighbours_test.hpp"
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class noting_node final : public quiet_node {
 public:
  using quiet_node::quiet_node;

  void to_node_port(const message& m) override { note("to the node: " + m.to_json()); }
  void name_ended(std::string_view name, std::uint64_t) override { note("ended: " + std::string(name)); }
  void was_stillborn(port_id, const message& reason) override { note("stillborn: " + reason.to_json()); }

  std::string take() { return notes_.take(); }

 private:
  void note(const std::string& what) { notes_(what); }
  diary notes_;
};

class ports_alone : public testing::Test {
 protected:
  ports_alone() { ports.set_identity(&detail::make_identity("here", "u")); }

  template <class... H>
  std::uint64_t open(std::string_view name, H&&... handlers) {
    const std::uint64_t port = ports.take();
    ports.open(port, name);
    std::array<detail::handler_change, (sizeof...(H) + 1) / 2> list;
    detail::collect(list.data(), std::forward<H>(handlers)...);
    ports.register_handlers(port, list);
    return port;
  }
  void send(std::uint64_t port, message m) {
    detail::block* const b = m.leak();
    b->port = port;
    ports.queue().push(b);
  }

  still_clock time;
  noting_node node{time};
  port_space ports{node, 3, time};
  std::string got;
};

TEST_F(ports_alone, get_their_messages_in_order) {
  const std::uint64_t port = open("", "add", [&](int i) { got += std::to_string(i); });
  for (int i = 1; i <= 3; ++i) send(port, message("add", i));
  ports.dispatch_all(false);
  EXPECT_EQ(got, "123");
  EXPECT_EQ(ports.delivered(), 3u);
  ports.end(port, {});
}

TEST_F(ports_alone, die_of_an_exception_and_give_their_name_back) {
  const log_capture log;
  const std::uint64_t port = open("lobby", "x", [] { throw std::runtime_error("no"); });
  send(port, message("x"));
  ports.dispatch_all(false);
  EXPECT_EQ(ports.size(), 0u);
  EXPECT_EQ(node.take(), "ended: lobby");
  EXPECT_EQ(log.at(2, "here#lobby died unmonitored: ").size(), 1u);
}

TEST_F(ports_alone, pass_messages_to_the_node_port_on) {
  send(0, message("info"));
  ports.dispatch_all(false);
  EXPECT_EQ(node.take(), "to the node: [\"info\"]");
}

TEST_F(ports_alone, tell_the_node_when_one_is_stillborn) {
  const log_capture log;
  const std::uint64_t port = ports.take();
  ports.open(port);
  ports.birth_failed(port, message("no_such_function"));
  EXPECT_EQ(node.take(), "stillborn: [\"no_such_function\"]");
}

}  // namespace
}  // namespace aemp::core
