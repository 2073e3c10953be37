// A thread that is none of the node's. It asks senders to send, through psub and peval; and it sends streams
// of its own, with snd and mon as any thread may call them. For a port one thing happens after the other, its
// monitor too. A thread may be sending while its monitor fires, so of its streams less can be proven.
#pragma once

#include <aemp/aemp.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/torture/chance.hpp"
#include "tests/torture/journal.hpp"
#include "tests/torture/sender.hpp"
#include "tests/torture/settings.hpp"

namespace torture {

class stranger {
 public:
  stranger(aemp::node& me, const settings& s, journal& log,
           const std::vector<std::unique_ptr<sender>>& senders);
  ~stranger();

  void start();
  // From now on it sends nothing.
  void calm_down() noexcept { calm_ = true; }
  void stop();

 private:
  struct stream;

  void run();
  void one(stream& s);
  void fired(stream& s, std::uint32_t epoch, const aemp::message& reason);

  aemp::node& me_;
  const settings& settings_;
  journal& log_;
  const std::vector<std::unique_ptr<sender>>& senders_;
  const std::uint32_t from_;
  chance dice_;
  aemp::port_id sink_;  // for answers
  std::vector<std::unique_ptr<stream>> streams_;
  std::mutex mutex_;  // for them
  std::atomic<bool> calm_{false}, stopping_{false};
  std::thread thread_;
};

}  // namespace torture
