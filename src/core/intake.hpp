// What waits for one port, as far as somebody wants to know: the port has limits (include/aemp/port_limits.hpp), or
// senders ask it for room. On the port's worker.
//
// Room is lent. A sender that asks is told how many messages it may send now; so many are set aside for it until it asks
// again, but for at most `lease`. What a sender has sent before it asks has been handled, or waits here, when the answer
// goes out: its question takes the same way as its messages. So the messages of all who ask never exceed the limit, as
// long as each sends what it was lent in time. A port without a limit of messages lends as if it had one of
// `usual_room`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include <aemp/message.hpp>
#include <aemp/port_id.hpp>
#include <aemp/port_limits.hpp>

#include "core/clock.hpp"
#include "core/node_context.hpp"
#include "core/own_timer.hpp"
#include "core/port_question.hpp"

namespace aemp::core {

class intake {
 public:
  static constexpr std::size_t usual_room = 1000;
  static constexpr duration lease = std::chrono::seconds(1);
  static constexpr std::size_t unknown_weight = 1024;    // of a message, before one has come
  static constexpr std::size_t most_questions = 65'536;  // of a kind

  explicit intake(node_context& node) noexcept : node_(node) {}
  intake(const intake&) = delete;
  intake& operator=(const intake&) = delete;
  ~intake() { forget_mail(); }

  void limit(const port_limits& limits);
  const port_limits& limits() const noexcept { return limits_; }
  bool is_limited() const noexcept { return limits_.messages != 0 || limits_.bytes != 0; }

  // ---- counting ----
  enum class verdict : std::uint8_t { fits, too_much, too_much_for_oldest, kills };
  // A message is taken in. If it fits, or if the oldest gives way, it is counted. Call again after drop_oldest().
  verdict arrive(detail::block& b);
  // A message that was counted here leaves the queue.
  void leave(detail::block& b);
  // The oldest message of the queue is to be dropped: it is marked, and counts no more. False: none waits there.
  bool drop_oldest();
  // Such a message was counted before the oldest had to be known.
  void note_order(detail::block& b) {
    if (order_ != nullptr) order_->push_back(&b);
  }
  bool knows_order() const noexcept { return order_ != nullptr; }
  // A coroutine's mailbox has taken a message, which has this number there; or gives one away. Or it is gone.
  void keep(std::uint64_t letter, detail::block& content);
  void give(std::uint64_t letter);
  void forget_mail() noexcept;

  std::size_t waiting() const noexcept { return messages_ + mail_; }
  std::size_t dropped() const noexcept { return dropped_; }
  void count_dropped() noexcept { ++dropped_; }

  // ---- who asks ----
  // `who` is a port that stands for the sender. The answer goes to `reply`: a number.
  void ask(port_question what, const std::string& who, const port_id& reply);
  // Tells those who have asked for it that a message was dropped.
  void tell_of_overload();
  // Lends what room there is to those who wait for it. Call it when less waits than before.
  void lend();

 private:
  struct asker {
    std::string who;
    port_id reply;
  };
  struct loan {
    std::size_t open = 0;  // set aside for the sender
    std::size_t last = 0;  // what it got the last time
    time_point until;
  };

  std::size_t window() const noexcept { return limits_.messages == 0 ? usual_room : limits_.messages; }
  bool weighs_mail() const noexcept { return limits_.bytes != 0 || node_.memory() != nullptr; }
  std::size_t room() const noexcept;
  // Less is not lent, so that senders need not ask for each single message. With a limit of bytes, which may be few
  // messages, any room is.
  std::size_t quantum() const noexcept {
    return limits_.bytes != 0 ? 1 : std::max(window() / 32, std::size_t{1});
  }
  void lend_some();
  void take_back_late(time_point now);

  node_context& node_;
  port_limits limits_;
  std::size_t messages_ = 0;  // in the queue
  std::size_t mail_ = 0;      // in the coroutines' mailbox
  std::size_t bytes_ = 0;     // of both; only with a limit of bytes
  std::size_t dropped_ = 0;
  bool dies_ = false;  // of what it had no room for
  std::uint64_t weighed_ = 0,
                weight_of_weighed_ = 0;  // all messages since there is a limit of bytes, and theirs
  std::unordered_map<std::uint64_t, std::size_t> weights_;  // of letters; only if somebody limits bytes
  std::unique_ptr<std::deque<detail::block*>> order_;  // of the queue's; only where the oldest is dropped

  std::list<asker> askers_;  // for room
  std::list<port_id> to_warn_;
  std::map<std::string, loan, std::less<>> loans_;
  std::size_t lent_ = 0;
  own_timer next_look_;
};

}  // namespace aemp::core
