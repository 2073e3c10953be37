// The ports of a torture_node that others send numbered messages to. Some have names that last ("node#r0");
// some come and go, and the port "node#directory" says which one is there now; some were spawned by other
// nodes. Each writes down what arrives, and answers now and then, so that senders have handlers to send in.
#pragma once

#include <aemp/aemp.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "tests/torture/chance.hpp"
#include "tests/torture/journal.hpp"
#include "tests/torture/settings.hpp"

namespace torture {

// The classes of ports in the journal.
enum class port_class : std::uint32_t { named = 0, passing = 1, spawned = 2, sender = 3 };

class receivers {
 public:
  receivers(aemp::node& me, const settings& s, journal& log);

  // Before the node runs.
  void open();
  // From now on no port ends by itself.
  void calm_down() noexcept { calm_ = true; }

  std::uint32_t born(port_class what, const aemp::port_id& port);

 private:
  struct one;

  void listen(const aemp::port_id& port, std::uint32_t serial);
  void open_passing(std::uint32_t place);
  void end_later(std::uint32_t place, std::uint32_t serial, std::uint32_t attempts);
  void end(std::uint32_t place, std::uint32_t serial, chance& dice);

  aemp::node& me_;
  const settings& settings_;
  journal& log_;
  const place_list* own_ = nullptr;
  std::atomic<std::uint32_t> serials_{0};
  std::atomic<bool> calm_{false};
  std::mutex mutex_;
  std::vector<aemp::port_id> passing_;  // by place
};

}  // namespace torture
