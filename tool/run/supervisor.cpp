#include "tool/run/supervisor.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace aemp::tool {

void tell_supervisor(const std::string& state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  if (path == nullptr || *path == '\0' || std::strlen(path) >= sizeof to.sun_path) return;
  to.sun_family = AF_UNIX;
  std::strcpy(to.sun_path, path);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';  // an abstract name
  const int s = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s < 0) return;
  (void)::sendto(s, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
  ::close(s);
}

std::optional<std::chrono::microseconds> supervisor_patience() {
  const char* const text = std::getenv("WATCHDOG_USEC");
  if (text == nullptr) return {};
  long micros = 0;
  const auto [end, failure] = std::from_chars(text, text + std::strlen(text), micros);
  if (failure != std::errc() || *end != '\0' || micros <= 0) return {};
  return std::chrono::microseconds(micros);
}

std::string systemd_unit(const std::string& description, const std::string& command) {
  return "[Unit]\nDescription=" + description +
         "\nWants=network-online.target\nAfter=network-online.target\n\n"
         "[Service]\nType=notify\nNotifyAccess=all\nExecStart=" +
         command +
         "\nExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\nRestartPreventExitStatus=2 "
         "4\nWatchdogSec=30\n\n"
         "[Install]\nWantedBy=multi-user.target\n";
}

}  // namespace aemp::tool
