// Shared by the tests of this room: a loop that runs until a condition holds, and an owner of a stream that
// records what happens to it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "net/tcp.hpp"

namespace aemp::net::testing {

inline const endpoint any_port{"127.0.0.1", 0};

// Bytes that reveal what is missing, doubled or swapped.
inline std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 2654435761u) >> 13);
  return out;
}

struct loopback {
  asio_loop loop;
  std::unique_ptr<transport> net = make_tcp_transport(loop);

  // Returns false if the condition does not become true within a minute: a very slow machine, or a bug.
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = core::time_point::clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (core::time_point::clock::now() >= deadline) return false;
      loop.wait(deadline);
    }
    return true;
  }

  // Runs everything that is ready, and what follows from it.
  void settle() {
    for (int i = 0; i < 20; ++i) loop.poll();
  }
};

struct owner final : stream_events {
  std::unique_ptr<stream> it;
  std::string received;
  std::string to_send;
  std::string room;
  std::size_t awaited = 0;
  std::size_t room_size = 300'000;
  std::size_t placed = 0;
  int sent = 0;
  std::optional<result<void>> tls;
  std::optional<std::string> closed;
  int ends = 0;
  std::function<void(owner&)> when_data;
  std::function<void(owner&)> when_sent;
  std::function<void(owner&)> when_tls;
  std::function<void(owner&)> when_closed;

  void own(std::unique_ptr<stream> s) {
    it = std::move(s);
    it->start(*this);
  }
  bool write(std::string text) {
    to_send = std::move(text);
    return it->write(to_send);
  }

  // Where the next `awaited` bytes are to be put, if there are any; they become part of what is received.
  std::span<char> place() override {
    room.resize(std::min(awaited, room_size));
    return room;
  }
  void on_placed(std::size_t size) override {
    EXPECT_LE(size, room.size());
    EXPECT_GT(size, 0u);
    EXPECT_EQ(ends, 0);
    awaited -= size;
    placed += size;
    received.append(room, 0, size);
    if (when_data) when_data(*this);
  }
  void on_data(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(ends, 0);
    received += bytes;
    if (when_data) when_data(*this);
  }
  void on_sent() override {
    EXPECT_EQ(ends, 0);
    ++sent;
    if (when_sent) when_sent(*this);
  }
  void on_tls(const result<void>& done) override {
    EXPECT_FALSE(tls);
    tls = done;
    if (!done) ++ends;
    EXPECT_LE(ends, 1);
    if (when_tls) when_tls(*this);
  }
  void on_closed(const std::string& why) override {
    closed = why;
    EXPECT_EQ(++ends, 1);
    if (when_closed) when_closed(*this);
  }
};

// Both ends of one connection.
struct connected : loopback {
  std::unique_ptr<listener> door;
  std::unique_ptr<attempt> dialling;
  owner client;
  owner server;

  connected() {
    auto listening = net->listen(any_port, [this](std::unique_ptr<stream> s) { server.own(std::move(s)); });
    if (!listening) throw std::runtime_error(listening.error().text);
    door = std::move(listening).value();
    dialling = net->dial(door->local(), [this](result<std::unique_ptr<stream>> s) {
      if (!s) throw std::runtime_error(s.error().text);
      client.own(std::move(s).value());
    });
    if (!run_until([this] { return client.it && server.it; })) throw std::runtime_error("no connection");
  }
};

}  // namespace aemp::net::testing
