// The threads and the resolver share a queue. A thread with an answer posts it to the context, under the same
// lock under which the resolver announces that the context is gone.
#include "net/resolver.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <boost/asio/post.hpp>

namespace aemp::net {
namespace {

aemp::error unresolvable(const std::string& host, const std::string& why) {
  return {"unresolvable", "'" + host + "' has no address: " + why};
}

// Names that need no name server. RFC 6761 6.4: no name in .invalid exists.
bool never_exists(const std::string& host) { return host == "invalid" || host.ends_with(".invalid"); }

std::optional<std::uint16_t> port_of(const std::string& service) {
  const std::size_t equals = service.find('=');
  const std::string name = service.substr(0, equals);
  if (const auto number = port_number(name)) return number;
  servent entry;
  servent* found = nullptr;
  char buffer[4096];
  if (getservbyname_r(name.c_str(), "tcp", &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) {
    return ntohs(static_cast<std::uint16_t>(found->s_port));
  }
  if (equals == std::string::npos) return std::nullopt;
  return port_number(std::string_view(service).substr(equals + 1));
}

std::optional<std::string> numeric(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  const bool v6 = address->sa_family == AF_INET6;
  if (!v6 && address->sa_family != AF_INET) return std::nullopt;
  char host[NI_MAXHOST];
  const socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return std::nullopt;
  return host;
}

result<std::vector<endpoint>> look_up(const std::string& host, std::uint16_t port) {
  if (const auto address = canonical_address(host)) return std::vector{endpoint{*address, port}};
  if (never_exists(host)) return unresolvable(host, "names in .invalid never have");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    return unresolvable(
        host, std::string(gai_strerror(code)) + "; check the spelling, /etc/hosts and the name server");
  }
  std::vector<endpoint> out;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const auto address = numeric(one->ai_addr);
    if (!address) continue;
    const endpoint place{*address, port};
    if (std::find(out.begin(), out.end(), place) == out.end()) out.push_back(place);
  }
  freeaddrinfo(found);
  if (out.empty()) return unresolvable(host, "neither IPv4 nor IPv6");
  std::stable_partition(out.begin(), out.end(), [](const endpoint& place) { return !place.is_v6(); });
  return out;
}

struct job {
  std::string host;
  std::uint16_t port;
  transport::resolved done;  // touched by the worker's thread only; empty when given up
};

// The handle of an attempt's owner. The job itself may still be with a thread.
struct handle : attempt {
  explicit handle(std::shared_ptr<job> j) : it(std::move(j)) {}
  ~handle() override { it->done = nullptr; }
  std::shared_ptr<job> it;
};

}  // namespace

struct resolver::shared {
  std::mutex lock;
  std::deque<std::shared_ptr<job>> jobs;
  boost::asio::io_context* context = nullptr;  // null when the resolver is gone
  std::function<void()> posted;
  int threads = 0;

  static constexpr int max_threads = 4;

  void answer(std::shared_ptr<job> done, result<std::vector<endpoint>> found) const {
    boost::asio::post(*context, [done = std::move(done), found = std::move(found)]() mutable {
      if (const auto call = std::exchange(done->done, nullptr)) call(std::move(found));
    });
    if (posted) posted();
  }

  static void work(const std::shared_ptr<shared>& self) {
    std::unique_lock guard(self->lock);
    while (!self->jobs.empty() && self->context != nullptr) {
      auto next = std::move(self->jobs.front());
      self->jobs.pop_front();
      guard.unlock();
      auto found = look_up(next->host, next->port);
      guard.lock();
      if (self->context != nullptr) self->answer(std::move(next), std::move(found));
    }
    --self->threads;
  }
};

resolver::resolver(boost::asio::io_context& context, std::function<void()> posted)
    : shared_(std::make_shared<shared>()) {
  shared_->context = &context;
  shared_->posted = std::move(posted);
}

resolver::~resolver() {
  const std::lock_guard guard(shared_->lock);
  shared_->context = nullptr;
  shared_->jobs.clear();
}

std::unique_ptr<attempt> resolver::resolve(const std::string& host, std::uint16_t port,
                                           transport::resolved done) {
  auto made = std::make_shared<job>(job{host, port, std::move(done)});
  auto out = std::make_unique<handle>(made);
  const std::lock_guard guard(shared_->lock);
  if (canonical_address(host) || never_exists(host)) {
    shared_->answer(std::move(made), look_up(host, port));
    return out;
  }
  if (shared_->threads < shared::max_threads) {
    try {
      std::thread([self = shared_] { shared::work(self); }).detach();
      ++shared_->threads;
    } catch (const std::system_error& e) {
      if (shared_->threads == 0) {
        shared_->answer(std::move(made), unresolvable(host, std::string("no thread: ") + e.what()));
        return out;
      }
    }
  }
  shared_->jobs.push_back(std::move(made));
  return out;
}

result<std::vector<endpoint>> resolve_name(const std::string& host, const std::string& service) {
  const auto port = port_of(service);
  if (!port) {
    return unresolvable(
        host, "port '" + service + "' is neither a number up to 65535 nor a service in /etc/services");
  }
  return look_up(host, *port);
}

std::vector<std::string> interface_addresses() {
  std::vector<std::string> out;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return out;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const auto address = (one->ifa_flags & IFF_UP) != 0 ? numeric(one->ifa_addr) : std::nullopt;
    if (address && std::find(out.begin(), out.end(), *address) == out.end()) out.push_back(*address);
  }
  freeifaddrs(first);
  return out;
}

}  // namespace aemp::net
