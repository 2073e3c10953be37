// First in, first out, linked through the blocks themselves: pushing and popping allocate nothing. Owns what
// is in it. One thread.
#pragma once

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

  // In front of all that waits: what was begun and goes on later.
  void push_front(detail::block* b) noexcept {
    b->next = head_;
    if (head_ == nullptr) tail_ = &b->next;
    head_ = b;
  }

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
