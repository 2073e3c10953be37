// The compiled side of include/aemp/task.hpp, receive.hpp and together.hpp.
#include <aemp/together.hpp>

#include "core/conversation.hpp"
#include "core/local_node.hpp"

namespace aemp {

failure::failure(message why)
    : content_(std::move(why)),
      reason_(content_.tag()),
      text_(content_.empty() ? "the port has ended" : content_.to_string()) {}
failure::failure(const failure&) = default;
failure::~failure() = default;

namespace detail {

void begin_strand(task<void> root, handler* keep) {
  core::worker& w = *core::worker::current();
  w.ports().begin_coroutine(std::move(root), keep);
}

void resume(strand& of, std::coroutine_handle<> where) noexcept { of.of.resume(of, where); }

std::coroutine_handle<> joint::arrived(part_promise& p) noexcept {
  --left_;
  if (decided_) return std::noop_coroutine();
  if (p.error && !error_) error_ = std::move(p.error);
  if (!error_ && !first_only_ && left_ != 0) return std::noop_coroutine();
  decided_ = true;
  first_ = p.index;
  return waiting_ ? std::exchange(waiting_, nullptr) : std::noop_coroutine();
}

}  // namespace detail
}  // namespace aemp
