// A queue of blocks, first in, first out. It is linked through the blocks themselves, so it never allocates. Owns what is
// in it. One thread.
#pragma once

#include <utility>

#include <aemp/message.hpp>

namespace aemp::core {

class run_queue {
 public:
  run_queue() = default;
  run_queue(const run_queue&) = delete;
  run_queue& operator=(const run_queue&) = delete;
  ~run_queue() {
    while (detail::block* b = pop()) detail::release(*b);
  }

  bool empty() const noexcept { return head_ == nullptr; }
  const detail::block* front() const noexcept { return head_; }  // the oldest; each leads to the next

  void push(detail::block* b) noexcept {
    b->next = nullptr;
    *tail_ = b;
    tail_ = &b->next;
  }

  // In front of all that waits: for a task that goes on with what it began.
  void push_front(detail::block* b) noexcept {
    b->next = head_;
    if (head_ == nullptr) tail_ = &b->next;
    head_ = b;
  }

  // All of the other one, behind what is here.
  void append(run_queue& other) noexcept {
    if (other.empty()) return;
    *tail_ = std::exchange(other.head_, nullptr);
    tail_ = std::exchange(other.tail_, &other.head_);
  }

  // Nothing is to be popped here for a while: what is here, and what is pushed from now on, lands behind what is in the
  // other one. Until reopen(), which has to come before the other one is touched.
  void close_into(run_queue& other) noexcept {
    other.append(*this);
    tail_ = other.tail_;
  }
  void reopen_from(run_queue& other) noexcept { other.tail_ = std::exchange(tail_, &head_); }

  detail::block* pop() noexcept {
    detail::block* b = head_;
    if (b == nullptr) return nullptr;
    head_ = b->next;
    if (head_ == nullptr) tail_ = &head_;
    return b;
  }

 private:
  detail::block* head_ = nullptr;
  detail::block** tail_ = &head_;
};

}  // namespace aemp::core
