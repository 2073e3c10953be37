#include "core/idle_tasks.hpp"

#include <algorithm>
#include <utility>

namespace aemp::core {

idle_task::~idle_task() {
  if (waiting_in_ != nullptr) std::ranges::replace(waiting_in_->tasks_, this, nullptr);
}

idle_tasks::~idle_tasks() {
  for (idle_task* task : tasks_) {
    if (task != nullptr) task->waiting_in_ = nullptr;
  }
}

void idle_tasks::put(idle_task& task) {
  task.waiting_in_ = this;
  tasks_.push_back(&task);
}

idle_task* idle_tasks::take(std::size_t i) noexcept {
  idle_task* const task = std::exchange(tasks_[i], nullptr);
  if (task != nullptr) task->waiting_in_ = nullptr;
  return task;
}

}  // namespace aemp::core
