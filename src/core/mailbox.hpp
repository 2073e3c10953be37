// The messages that a port has got and that nobody has asked for yet (include/aemp/receive.hpp): in the order of their
// arrival, and those of one tag also in a chain of their own, so that the first of a tag is found without a look at
// the others. On the port's worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/unordered/unordered_flat_map.hpp>

#include <aemp/message.hpp>

namespace aemp::core {

class mailbox {
 public:
  struct letter {
    letter* next;
    letter* before;
    letter* next_of_key;
    letter* before_of_key;
    std::uint64_t number;  // counts all that have come
    message content;
  };

  mailbox() noexcept = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() { clear(); }

  bool empty() const noexcept { return first_ == nullptr; }
  letter* first() const noexcept { return first_; }
  // Of the messages whose tags have this key. Null: there is none.
  letter* first_of(std::uint64_t key) const noexcept;

  letter& put(message content);
  message take(letter& l) noexcept;
  void clear() noexcept;

 private:
  struct chain {
    letter* first;
    letter* last;
  };

  letter* first_ = nullptr;
  letter* last_ = nullptr;
  std::uint64_t arrived_ = 0;
  // By key. Null as long as nothing has come: most mailboxes stay empty.
  std::unique_ptr<boost::unordered_flat_map<std::uint64_t, chain>> chains_;
};

}  // namespace aemp::core
