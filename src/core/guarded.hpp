// A value that can only be reached with its lock: `auto locked = nodes_.lock(); locked->insert(id);`. So the type of
// a member says which lock it needs, and the compiler refuses an access without it.
//
// With std::shared_mutex, readers use shared(), which gives the value as const. Do not keep a pointer to the value
// beyond the lock.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace aemp::core {

template <class T, class Mutex = std::mutex>
class guarded {
  template <class Value, class Lock>
  class access {
   public:
    access(Value& value, Mutex& mutex) : lock_(mutex), value_(value) {}
    Value& operator*() const noexcept { return value_; }
    Value* operator->() const noexcept { return &value_; }

   private:
    Lock lock_;
    Value& value_;
  };

 public:
  template <class... A>
  explicit guarded(A&&... a) : value_(std::forward<A>(a)...) {}
  guarded(const guarded&) = delete;
  guarded& operator=(const guarded&) = delete;

  [[nodiscard]] auto lock() { return access<T, std::unique_lock<Mutex>>(value_, mutex_); }
  [[nodiscard]] auto lock() const { return access<const T, std::unique_lock<Mutex>>(value_, mutex_); }
  [[nodiscard]] auto shared() const { return access<const T, std::shared_lock<Mutex>>(value_, mutex_); }

  // Without the lock: for who knows that no other thread can write meanwhile, and for the one thread that writes.
  const T& unlocked() const noexcept { return value_; }

 private:
  mutable Mutex mutex_;
  T value_;
};

template <class T>
using shared_guarded = guarded<T, std::shared_mutex>;

}  // namespace aemp::core
