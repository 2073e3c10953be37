// What wants to run once when the worker has nothing more to deliver, or has delivered enough: connections flush what
// they have collected, monitors of groups tell what is new. One thread.
#pragma once

#include <vector>

namespace aemp::core {

class idle_tasks;

// Unlinks itself when it is destroyed.
class idle_task {
 public:
  virtual void on_idle() = 0;

 protected:
  idle_task() = default;
  idle_task(const idle_task&) = delete;
  idle_task& operator=(const idle_task&) = delete;
  ~idle_task();

 private:
  friend class idle_tasks;
  idle_tasks* waiting_in_ = nullptr;
};

class idle_tasks {
 public:
  idle_tasks() = default;
  idle_tasks(const idle_tasks&) = delete;
  idle_tasks& operator=(const idle_tasks&) = delete;
  ~idle_tasks();

  // Nothing if it waits already.
  void add(idle_task& task) {
    if (task.waiting_in_ == nullptr) put(task);
  }
  bool empty() const noexcept { return tasks_.empty(); }

  // Gives each that waits by now to run(task). A task that is added meanwhile waits for the next time.
  template <class F>
  void run_all(F&& run) {
    const std::size_t count = tasks_.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (idle_task* const task = take(i)) run(*task);
    }
    tasks_.erase(tasks_.begin(), tasks_.begin() + static_cast<std::ptrdiff_t>(count));
  }

 private:
  friend class idle_task;
  void put(idle_task& task);
  idle_task* take(std::size_t i) noexcept;

  std::vector<idle_task*> tasks_;  // null: destroyed meanwhile
};

}  // namespace aemp::core
