// A node's limit of memory (config.memory_limit): how much waits in its queues, and what becomes of threads that send more
// from outside of callbacks. Handlers never wait here: what they wait for would have to run on their own thread.
//
// Three things are counted: messages in the queues of the workers and on the way there; messages that coroutines have
// not asked for yet; and what waits for other nodes. Peers are not read from while the first alone is too much. That ends
// by itself, as the workers go on; the other two may have to wait for a peer.
//
// Any thread, unless it says otherwise. A node without a limit has no gate, and pays nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

namespace aemp::core {

class memory_gate {
 public:
  // Senders wait at a gate that blocks, and get an exception at another one.
  memory_gate(std::size_t limit, bool blocks) noexcept : limit_(limit), blocks_(blocks) {}

  void add_queued(std::size_t bytes) noexcept { queued_.fetch_add(bytes, std::memory_order_relaxed); }
  void sub_queued(std::size_t bytes) noexcept {
    queued_.fetch_sub(bytes, std::memory_order_relaxed);
    if (waiting_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      look();
  }
  void add_kept(std::size_t bytes) noexcept { kept_.fetch_add(bytes, std::memory_order_relaxed); }
  void sub_kept(std::size_t bytes) noexcept { kept_.fetch_sub(bytes, std::memory_order_relaxed); }
  void set_unsent(std::size_t bytes) noexcept { unsent_.store(bytes, std::memory_order_relaxed); }

  std::size_t queued() const noexcept { return queued_.load(std::memory_order_relaxed); }
  std::size_t all() const noexcept {
    return queued() + kept_.load(std::memory_order_relaxed) + unsent_.load(std::memory_order_relaxed);
  }
  bool is_too_much_queued() const noexcept { return queued() > limit_; }

  // A thread wants to send, and is in no callback. Waits until less than the limit waits. Throws unsendable
  // (`memory_full`) if this gate does not block, and where waiting would be for ever: the node's workers do not run, or
  // run on a loop of the program's own, perhaps on this very thread.
  void pass(const std::string& node);
  // Whether the workers run on threads of the library. False: nobody waits any more.
  void set_running(bool running);
  // Bytes that are queued in some other form than a block that a worker counts.
  class share {
   public:
    share(memory_gate& gate, std::size_t bytes) noexcept : gate_(&gate), bytes_(bytes) {
      gate.add_queued(bytes);
    }
    share(share&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), bytes_(other.bytes_) {}
    share& operator=(share&&) = delete;
    ~share() {
      if (gate_ != nullptr) gate_->sub_queued(bytes_);
    }

   private:
    memory_gate* gate_;
    std::size_t bytes_;
  };

  // For who has made room otherwise than by sub_queued(): wakes those who wait, if there is room.
  void look();

 private:
  bool has_room() const noexcept { return all() < limit_; }

  const std::size_t limit_;
  const bool blocks_;
  std::atomic<std::size_t> queued_{0}, kept_{0}, unsent_{0};
  std::atomic<unsigned> waiting_{0};  // threads
  std::mutex mutex_;                  // of running_
  std::condition_variable changed_;
  bool running_ = false;
};

}  // namespace aemp::core
