#include "core/clock.hpp"

namespace aemp::core {
namespace {

class machine_clock final : public clock {
 public:
  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  double unix_time() const noexcept override {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
};

}  // namespace

clock& steady_clock() noexcept {
  static machine_clock clock;
  return clock;
}

}  // namespace aemp::core
