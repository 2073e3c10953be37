// Shared by the tests of the network: programs that dial, listen and record what they hear, and a loop that
// runs them until nothing happens any more.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/network.hpp"
#include "sim/transport.hpp"

namespace aemp::sim {

// One end of a connection.
class talker : public net::stream_events {
 public:
  explicit talker(std::unique_ptr<net::stream> s) : stream(std::move(s)) { stream->start(*this); }
  virtual ~talker() = default;

  void on_data(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    heard += bytes;
    ++slices;
  }
  void on_sent() override { ++sent; }
  void on_tls(const result<void>& done) override { tls = done ? "fine" : done.error().name; }
  void on_closed(const std::string& why) override {
    EXPECT_EQ("", closed);
    closed = why;
  }

  bool say(std::string text) { return stream->write(text); }

  std::unique_ptr<net::stream> stream;
  std::string heard;
  std::string closed;
  std::string tls;
  int slices = 0;
  int sent = 0;
};

// A process: listens if told to, and keeps the ends of what it dialled and accepted.
class program {
 public:
  program(network& in, const std::string& host) : process(in.start_process(host)), net(in, process) {}

  void listen(const net::endpoint& at) {
    auto made = net.listen(at, [this](std::unique_ptr<net::stream> s) {
      accepted.push_back(std::make_unique<talker>(std::move(s)));
    });
    ASSERT_TRUE(made) << made.error().text;
    listener = std::move(*made);
  }

  void dial(const net::endpoint& to) {
    attempt = net.dial(to, [this](result<std::unique_ptr<net::stream>> done) {
      ++answers;
      if (done) {
        dialled = std::make_unique<talker>(std::move(*done));
      } else {
        failure = done.error();
      }
    });
  }

  std::shared_ptr<sim::process> process;
  transport net;
  std::unique_ptr<net::listener> listener;
  std::unique_ptr<net::attempt> attempt;
  std::vector<std::unique_ptr<talker>> accepted;
  std::unique_ptr<talker> dialled;
  aemp::error failure;
  int answers = 0;
};

class small_world {
 public:
  explicit small_world(std::uint64_t seed = 1, network_settings settings = {}) : net(time, seed, settings) {
    net.trace_to([this](std::string_view line) { trace += std::string(line) + '\n'; });
  }

  program& start(const std::string& host) {
    programs.push_back(std::make_unique<program>(net, host));
    return *programs.back();
  }

  // Two connected programs on alpha (10.0.0.1) and beta (10.0.0.2); alpha dialled, at port 4040.
  std::pair<program*, program*> connected_pair() {
    program& a = start("alpha");
    program& b = start("beta");
    b.listen({"10.0.0.2", 4040});
    a.dial({"10.0.0.2", 4040});
    run();
    EXPECT_TRUE(a.dialled != nullptr && b.accepted.size() == 1);
    return {&a, &b};
  }

  bool poll() {
    bool any = false;
    for (const auto& p : programs) any = p->process->poll() || any;
    return any;
  }

  // Runs until nothing happens any more, or the time has passed.
  void run(core::duration at_most = std::chrono::hours(24)) {
    const core::time_point end = time.now() + at_most;
    for (;;) {
      while (poll() || net.step()) continue;
      const auto next = net.next_event();
      if (!next || *next > end) break;
      time.advance_to(*next);
    }
    if (at_most < std::chrono::hours(24)) time.advance_to(end);
  }

  clock time;
  network net;
  std::string trace;
  std::vector<std::unique_ptr<program>> programs;
};

}  // namespace aemp::sim
