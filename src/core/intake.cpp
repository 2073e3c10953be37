#include "core/intake.hpp"

#include <algorithm>
#include <utility>

#include "core/marks.hpp"
#include "core/worker.hpp"
#include "data/weight.hpp"

namespace aemp::core {

using detail::block;

void intake::limit(const port_limits& limits) {
  limits_ = limits;
  weighed_ = weight_of_weighed_ = 0;
  if (limits.when_full == when_full::drop_oldest) {
    if (order_ == nullptr) order_ = std::make_unique<std::deque<block*>>();
  } else {
    order_.reset();
  }
}

// ---- counting ----

intake::verdict intake::arrive(block& b) {
  const std::size_t weight = limits_.bytes == 0 ? 0 : data::weight_of(b);
  const bool fits = (limits_.messages == 0 || waiting() < limits_.messages) &&
                    (limits_.bytes == 0 || bytes_ + weight <= limits_.bytes);
  if (dies_) return verdict::too_much;
  if (!fits && limits_.when_full == when_full::kill) {
    dies_ = true;
    return verdict::kills;
  }
  if (!fits) {
    const bool gives_way = limits_.when_full == when_full::drop_oldest && waiting() != 0;
    return gives_way ? verdict::too_much_for_oldest : verdict::too_much;
  }
  b.marks |= limits_.bytes == 0 ? mark::bounded : mark::bounded | mark::heavy;
  ++messages_;
  bytes_ += weight;
  ++weighed_;
  weight_of_weighed_ += weight;
  if (order_ != nullptr) order_->push_back(&b);
  return verdict::fits;
}

void intake::leave(block& b) {
  --messages_;
  if ((b.marks & mark::heavy) != 0) bytes_ -= std::min(bytes_, data::weight_of(b));
  b.marks &= static_cast<std::uint8_t>(~(mark::bounded | mark::heavy));
  if (order_ != nullptr && !order_->empty() && order_->front() == &b) order_->pop_front();
  lend();
}

bool intake::drop_oldest() {
  if (order_ == nullptr || order_->empty()) return false;
  block& oldest = *order_->front();
  leave(oldest);
  oldest.marks |= mark::dropped;
  return true;
}

void intake::keep(std::uint64_t letter, block& content) {
  ++mail_;
  if (!weighs_mail()) return;
  const std::size_t weight = data::weight_of(content);
  weights_.emplace(letter, weight);
  bytes_ += weight;
  if (memory_gate* const gate = node_.memory()) gate->add_kept(weight);
}

void intake::give(std::uint64_t letter) {
  --mail_;
  if (const auto found = weights_.find(letter); found != weights_.end()) {
    bytes_ -= std::min(bytes_, found->second);
    if (memory_gate* const gate = node_.memory()) gate->sub_kept(found->second);
    weights_.erase(found);
  }
  lend();
}

void intake::forget_mail() noexcept {
  mail_ = 0;
  std::size_t all = 0;
  for (const auto& [letter, weight] : weights_) all += weight;
  weights_.clear();
  bytes_ -= std::min(bytes_, all);
  if (memory_gate* const gate = node_.memory()) gate->sub_kept(all);
}

// ---- who asks ----

void intake::ask(port_question what, const std::string& who, const port_id& reply) {
  // Questions may have been taken back, which nobody tells; so the oldest give way.
  if (what == port_question::overload) {
    if (to_warn_.size() == most_questions) to_warn_.pop_front();
    return to_warn_.push_back(reply);
  }
  if (askers_.size() == most_questions) askers_.pop_front();
  if (const auto loan = loans_.find(who); loan != loans_.end()) {
    lent_ -= std::exchange(loan->second.open, 0);
  }
  if (room() < quantum()) take_back_late(worker::current()->now());
  askers_.push_back({who, reply});
  lend();
}

void intake::tell_of_overload() {
  for (const port_id& reply : std::exchange(to_warn_, {}))
    node_.send(reply, message(std::uint64_t{dropped_}).leak());
}

std::size_t intake::room() const noexcept {
  const std::size_t taken = waiting() + lent_;
  const std::size_t left = window() > taken ? window() - taken : 0;
  if (limits_.bytes == 0) return left;
  // How large the next messages will be is a guess: as those that came so far.
  const std::size_t usual =
      weighed_ == 0 ? unknown_weight : std::max<std::size_t>(weight_of_weighed_ / weighed_, 1);
  const std::size_t taken_bytes = bytes_ + lent_ * usual;
  return taken_bytes < limits_.bytes ? std::min(left, (limits_.bytes - taken_bytes) / usual) : 0;
}

void intake::lend() {
  if (!askers_.empty()) lend_some();
}

// A sender that comes for the first time gets little, as it may need no more; each time that it comes again, twice as
// much; and never more than half of the room, so that some is left for others.
void intake::lend_some() {
  while (!askers_.empty() && room() >= quantum()) {
    const asker next = std::move(askers_.front());
    askers_.pop_front();
    loan& l = loans_[next.who];
    lent_ -= std::exchange(l.open, 0);  // it has asked twice
    l.last = std::clamp(2 * l.last, quantum(), std::max(room() / 2, quantum()));
    l.open = l.last;
    l.until = later(worker::current()->now(), lease);
    lent_ += l.open;
    node_.send(next.reply, message(std::uint64_t{l.last}).leak());
  }
  if (askers_.empty() || loans_.empty() || next_look_.running()) return;
  next_look_.start(*worker::current(), lease, [this] {
    take_back_late(worker::current()->now());
    lend();
  });
}

void intake::take_back_late(time_point now) {
  std::erase_if(loans_, [&](const auto& entry) {
    if (entry.second.until > now) return false;
    lent_ -= entry.second.open;
    return true;
  });
}

}  // namespace aemp::core
