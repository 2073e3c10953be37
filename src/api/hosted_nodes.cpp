#include "api/hosted_nodes.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "net/asio_loop.hpp"
#include "net/tcp.hpp"

namespace aemp::detail {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

int made(int descriptor, const char* what) {
  if (descriptor < 0) fail(what);
  return descriptor;
}

void watch(int epoll, int descriptor) {
  epoll_event e{};
  e.events = EPOLLIN;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &e) != 0) fail("polled_host: epoll_ctl");
}

// Wakes the loop of the host instead of a thread that sleeps here. wait() is for the goodbye, when there is no loop; who
// calls it looks at the time and waits again.
class hosted_poller final : public core::poller {
 public:
  hosted_poller(int epoll, std::unique_ptr<net::asio_loop> network)
      : network_(std::move(network)),
        event_(made(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC), "polled_host: eventfd")) {
    watch(epoll, event_);
    if (network_ == nullptr) return;
    watch(epoll, network_->descriptor());
    network_->on_posted([this] { wake(); });
  }
  ~hosted_poller() override { close(event_); }

  bool poll() override {
    eventfd_t woken;
    (void)eventfd_read(event_, &woken);
    return network_ != nullptr && network_->poll();
  }
  void wait(std::optional<core::time_point> until) override {
    if (network_ != nullptr) return network_->wait(until);
    pollfd p{event_, POLLIN, 0};
    (void)::poll(&p, 1, until ? 10 : -1);
  }
  void wake() noexcept override {
    (void)eventfd_write(event_, 1);
    if (network_ != nullptr) network_->wake();
  }
  net::asio_loop& network() noexcept { return *network_; }

 private:
  std::unique_ptr<net::asio_loop> network_;
  const int event_;
};

}  // namespace

hosted_nodes::hosted_nodes(polled_host& host)
    : host_(host),
      epoll_(made(epoll_create1(EPOLL_CLOEXEC), "polled_host: epoll_create1")),
      where_(machine_environment()) {
  where_.drives_its_nodes = "this node runs where its host runs; let your loop call the host";
  where_.make_poller = [this](unsigned worker, bool networked) { return make_poller(worker, networked); };
  where_.make_transport = [](core::worker& w) {
    auto* const hosted = dynamic_cast<hosted_poller*>(&w.poller());
    return net::make_tcp_transport(hosted != nullptr ? hosted->network()
                                                     : static_cast<net::asio_loop&>(w.poller()));
  };
}

hosted_nodes::~hosted_nodes() {
  if (!nodes_.empty()) std::abort();  // a node would have turns in what is gone
  close(epoll_);
}

std::unique_ptr<core::poller> hosted_nodes::make_poller(unsigned worker, bool networked) {
  if (worker != 0) return machine_environment().make_poller(worker, networked);
  return std::make_unique<hosted_poller>(epoll_, networked ? std::make_unique<net::asio_loop>() : nullptr);
}

void hosted_nodes::add(local_node& node) {
  node.begin_run();
  nodes_.push_back({&node});
  host_.has_begun();
}

void hosted_nodes::remove(local_node& node) noexcept {
  if (std::erase_if(nodes_, [&](const hosted& h) { return h.node == &node; }) == 0) return;
  node.pause(0);
  (void)node.end_run();
}

bool hosted_nodes::run_pending(std::chrono::nanoseconds at_most) {
  const core::time_point end = core::time_point::clock::now() + at_most;
  for (hosted& h : nodes_) h.rests = false;
  bool more = true;
  while (more) {
    more = false;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].rests) continue;
      local_node& node = *nodes_[i].node;
      const auto outcome = node.run_a_turn();
      // A handler may have made a node, or destroyed one.
      const auto here = std::ranges::find(nodes_, &node, &hosted::node);
      if (here == nodes_.end()) continue;
      here->rests = outcome == local_node::turn_outcome::rest;
      more = more || outcome == local_node::turn_outcome::more;
      if (outcome != local_node::turn_outcome::stopped) continue;
      nodes_.erase(here);
      (void)node.end_run();
    }
    if (core::time_point::clock::now() >= end) break;
  }
  return more;
}

std::optional<core::time_point> hosted_nodes::deadline() const {
  std::optional<core::time_point> first;
  for (const hosted& h : nodes_) {
    const auto next = h.rests ? h.node->worker(0).next_deadline() : std::optional(core::time_point::min());
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

}  // namespace aemp::detail

namespace aemp {

polled_host::polled_host() : nodes_(std::make_unique<detail::hosted_nodes>(*this)) {}
polled_host::~polled_host() = default;

int polled_host::descriptor() const noexcept { return nodes_->descriptor(); }

std::optional<std::chrono::steady_clock::time_point> polled_host::deadline() const {
  return nodes_->deadline();
}

int polled_host::timeout() const {
  const auto next = deadline();
  if (!next) return -1;
  const auto left = *next - std::chrono::steady_clock::now();
  if (*next == core::time_point::min() || left.count() <= 0) return 0;
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::min<std::int64_t>(whole, 1'000'000'000));
}

bool polled_host::run_pending(std::chrono::nanoseconds at_most) { return nodes_->run_pending(at_most); }
bool polled_host::has_nodes() const noexcept { return !nodes_->empty(); }

}  // namespace aemp
