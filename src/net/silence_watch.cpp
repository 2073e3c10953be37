#include "net/silence_watch.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>

namespace aemp::net {
namespace {

void set_seconds(int socket, int option, core::duration d) {
  constexpr std::int64_t most = 32767;  // the kernel accepts no more
  const int value = static_cast<int>(std::clamp<std::int64_t>(d / std::chrono::seconds(1), 1, most));
  (void)::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value);
}

}  // namespace

silence_watch::silence_watch(int socket, core::duration limit) : socket_(socket), limit_(limit) {
  set_seconds(socket, TCP_KEEPIDLE, limit / 2);
  set_seconds(socket, TCP_KEEPINTVL, limit / 4);
}

// The last sign of life may be older than the limit on a healthy connection: this machine was asleep, or the
// other program read nothing, so that its host was probed less and less often. So the data must have been
// unanswered for a while, too. A single probe may be lost, so a second one has to be unanswered.
bool silence_watch::is_over(core::time_point now) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  if (info.tcpi_unacked == 0 && info.tcpi_probes < 2) {
    unanswered_.reset();
    return false;
  }
  const core::duration silence =
      std::chrono::milliseconds(std::min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv));
  if (!unanswered_ || now - silence > *unanswered_) unanswered_ = now;
  return silence >= limit_ && now - *unanswered_ >= limit_ / 8;
}

}  // namespace aemp::net
