#include "core/crew.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace aemp::core {
namespace {

unsigned port_workers_of(const crew_settings& settings) {
  constexpr unsigned most = (1u << port_number::worker_bits) - 1;  // leaves one for the network
  const unsigned wanted =
      settings.workers == 0 ? std::max(1u, std::thread::hardware_concurrency()) : settings.workers;
  if (wanted > most) {
    throw std::invalid_argument("a node has at most " + std::to_string(most) + " workers, " +
                                std::to_string(wanted) + " were asked for");
  }
  return wanted;
}

}  // namespace

crew::crew(detail::local_node& node, node_context& context, const crew_settings& settings)
    : node_(node), ports_(port_workers_of(settings)), losses_(ports_ + (settings.network_thread ? 1 : 0)) {
  const unsigned count = ports_ + (settings.network_thread ? 1 : 0);
  const unsigned network = settings.network_thread ? ports_ : 0;
  for (unsigned i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<worker>(node, context, losses_, i, *settings.clock,
                                                settings.make_poller(i, i == network)));
    workers_.back()->set_spin(settings.spin);
  }
  network_ = workers_[network].get();
}

void crew::ask(std::uint64_t port, port_question what, std::string who, const port_id& reply) {
  worker& w = of(port);
  w.post(detail::make_task(
      [&w, port, what, who = std::move(who), reply] { w.ports().reception().ask(port, what, who, reply); }));
}

void crew::run() {
  start_others();
  struct join {
    crew& all;
    ~join() { all.join_others(); }
  } at_the_end{*this};
  workers_[0]->run();
}

void crew::start_others() {
  try {
    for (std::size_t i = 1; i < workers_.size(); ++i) others_.emplace_back([&w = *workers_[i]] { w.run(); });
  } catch (...) {
    stop();
    join_others();
    forget_stop();
    throw;
  }
}

void crew::join_others() {
  for (std::thread& t : others_) t.join();
  others_.clear();
}

void crew::stop() noexcept {
  for (auto& w : workers_) w->stop();
}

void crew::forget_stop() noexcept {
  for (auto& w : workers_) w->forget_stop();
}

void crew::set_identity(const detail::node_identity* identity) noexcept {
  for (auto& w : workers_) w->set_identity(identity);
}

void crew::shut_down() noexcept {
  for (auto& w : workers_) w->shut_down();
}

}  // namespace aemp::core
