#include "service/drain.hpp"

#include <aemp/log.hpp>

#include "service/data_hub.hpp"

namespace aemp::service {
namespace {

constexpr core::duration between_rounds = std::chrono::milliseconds(2);

}  // namespace

void drain::shut_down() noexcept {
  limit_.cancel();
  next_.cancel();
}

void drain::begin(core::duration limit, int code) {
  all_out_.store(false, std::memory_order_release);
  node_.network_worker().post(detail::make_task([this, limit, code] { start(limit, code); }));
}

void drain::forget() {
  const core::worker::scope here(node_.network_worker());
  limit_.cancel();
  next_.cancel();
  under_way_ = false;
}

void drain::start(core::duration limit, int code) {
  if (std::exchange(under_way_, true)) return;
  code_ = code;
  node_.functions().refuse_spawns();
  if (node_.gateway() != nullptr) node_.gateway()->close_door();
  limit_.start(node_.network_worker(), std::max(limit, core::duration(0)), [this] { end(false); });
  look();
}

void drain::look() {
  ++round_;
  missing_ = node_.worker_count() - 1;
  all_through_ = true;
  done_before_ = std::exchange(done_, 0);
  if (missing_ == 0) return look_at_the_network();
  for (unsigned i = 0; i < node_.worker_count(); ++i) {
    core::worker& w = node_.worker(i);
    if (&w == &node_.network_worker()) continue;
    w.post(detail::make_task([this, &w, round = round_] {
      node_.network_worker().post(detail::make_task(
          [this, round, through = w.is_through(), done = w.delivered()] { answer(round, through, done); }));
    }));
  }
}

void drain::answer(std::uint64_t round, bool is_through, std::uint64_t done) {
  if (!under_way_ || round != round_) return;
  all_through_ = all_through_ && is_through;
  done_ += done;
  if (--missing_ == 0) look_at_the_network();
}

// The network's worker asks itself once it has all answers: before that, its own questions would count as
// work.
void drain::look_at_the_network() {
  const core::worker& own = node_.network_worker();
  done_ += own.delivered();
  // For each other worker, the question and the answer count as delivered, too.
  const bool all_through = all_through_ && own.is_through() &&
                           done_ - done_before_ <= std::uint64_t{2} * (node_.worker_count() - 1);
  const core::gateway* const net = node_.gateway();
  const bool sent = net == nullptr || net->unsent_in_all() == 0;
  if (all_through && sent && !node_.extension<data_hub>().has_last_words()) return end(true);
  next_.start(node_.network_worker(), between_rounds, [this] { look(); });
}

void drain::end(bool all_out) {
  limit_.cancel();
  next_.cancel();
  under_way_ = false;
  all_out_.store(all_out, std::memory_order_release);
  if (!all_out) {
    aemp::log(2, "node " + node_.id() +
                     " stops although not all is out: the limit of drain() was reached while something still "
                     "waited for its ports or for other nodes");
  }
  node_.stop(code_);
}

}  // namespace aemp::service
