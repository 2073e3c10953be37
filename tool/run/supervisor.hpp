// Telling the service manager how it is going (sd_notify's protocol: a datagram to $NOTIFY_SOCKET). Without a
// manager that asks for it, nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace aemp::tool {

// "READY=1", "STOPPING=1", "STATUS=…"; several with line ends between.
void tell_supervisor(const std::string& state);

// How often the manager wants to be told "WATCHDOG=1", at the latest; half of it is in time.
std::optional<std::chrono::microseconds> supervisor_patience();

// A unit for systemd that runs this program with these words.
std::string systemd_unit(const std::string& description, const std::string& command);

}  // namespace aemp::tool
