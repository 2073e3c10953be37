// Where one coroutine waits for something that comes by callbacks (view.hpp, data_channel.hpp). For the library.
#pragma once

#include <coroutine>
#include <stdexcept>
#include <utility>

#include <aemp/task.hpp>

namespace aemp::detail {

class waiting_place {
 public:
  bool taken() const noexcept { return where_ != nullptr; }
  void wait(strand& of, std::coroutine_handle<> where) {
    if (taken())
      throw std::logic_error("two coroutines wait for the same thing at once: only one can have it");
    of_ = &of;
    where_ = where;
  }
  void leave() noexcept { where_ = nullptr; }
  // The coroutine may end with this, and what this belongs to with it.
  void go_on() noexcept {
    if (where_ != nullptr) resume(*of_, std::exchange(where_, nullptr));
  }

 private:
  strand* of_ = nullptr;
  std::coroutine_handle<> where_;
};

}  // namespace aemp::detail
