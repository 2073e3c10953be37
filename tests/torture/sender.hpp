// A port that sends streams of numbered messages, one to each receiver it knows: by itself, in bursts, in
// handlers, and when other threads ask it to. A stream is cut into epochs. An epoch begins with a monitor and
// ends when that fires; its number is in each message, and messages are counted from 1 in each epoch. So a
// receiver's journal alone shows whether something is missing: within an epoch nothing may be.
#pragma once

#include <aemp/aemp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/torture/chance.hpp"
#include "tests/torture/journal.hpp"
#include "tests/torture/receivers.hpp"
#include "tests/torture/settings.hpp"

namespace torture {

class sender {
 public:
  // when_finished is called in the port.
  sender(aemp::node& me, const settings& s, journal& log, receivers& own, std::uint32_t index,
         std::function<void()> when_finished);
  ~sender();

  void open();  // before the node runs

  // From any thread: sends some, in the port's context. Nothing happens before the port is there.
  void ask_by_callback(std::uint32_t messages);
  void ask_by_evaluation(std::uint32_t messages);
  // From now on nothing but a last message on every stream, until each was confirmed.
  void finish() noexcept { finishing_ = true; }
  // f, in the port, gets what it still waits for, as text.
  void report(std::function<void(const std::string&)> f);

 private:
  using clock = std::chrono::steady_clock;
  struct stream;
  struct place;  // where a receiver is to be found

  std::uint32_t from() const { return settings_.index << 24 | index_ << 16 | settings_.incarnation; }
  aemp::port_id port();
  void begin();
  void tick();
  void make_places();
  std::shared_ptr<stream> new_stream(std::uint32_t node, const aemp::port_id& target);
  void something(bool is_asked);
  place& some_place();
  void some(const std::shared_ptr<stream>& s, std::uint32_t messages);
  void one(const std::shared_ptr<stream>& s, std::size_t size);
  std::size_t some_size(const stream& s);
  void begin_epoch(const std::shared_ptr<stream>& s);
  void fired(const std::shared_ptr<stream>& s, std::uint32_t epoch, const aemp::message& reason);
  void new_monitor(const std::shared_ptr<stream>& s);
  void spawn_one(std::uint32_t node);
  void wait_if_much(stream& s, std::size_t bytes);
  void look_for(place& p);
  void found(std::uint32_t node, std::uint32_t index, const aemp::port_id& at);
  void finish_tick();
  void confirmed(std::uint32_t stream, std::uint32_t epoch);

  aemp::node& me_;
  const settings& settings_;
  journal& log_;
  receivers& own_;
  const std::uint32_t index_;
  chance dice_;
  std::vector<place> places_;
  std::vector<std::shared_ptr<stream>> spawned_;
  std::vector<bool> blocked_;                                  // by node: until it has taken what was sent
  std::vector<std::size_t> unconfirmed_;                       // bytes sent there since it had
  std::unordered_map<std::uint32_t, aemp::monitor> monitors_;  // by stream
  std::uint32_t streams_ = 0;
  std::uint32_t favourite_ = 0;  // index of a place
  const std::function<void()> when_finished_;
  std::atomic<bool> finishing_{false};
  bool finished_ = false;

  std::mutex mutex_;  // for what other threads use
  aemp::port_id port_;
  std::function<void(std::uint32_t)> callback_;
};

}  // namespace torture
