#include "tests/torture/receivers.hpp"

#include <memory>
#include <stdexcept>

#include "tests/torture/payload.hpp"

namespace torture {

using namespace aemp;
using std::chrono::milliseconds;

receivers::receivers(node& me, const settings& s, journal& log) : me_(me), settings_(s), log_(log) {
  for (const place_list& n : s.nodes) {
    if (n.node == s.node.nodeid) own_ = &n;
  }
  if (own_ == nullptr) throw std::invalid_argument("nodes=… does not name this node");
  passing_.resize(own_->passing);
}

std::uint32_t receivers::born(port_class what, const port_id& port) {
  const std::uint32_t serial = ++serials_;
  log_.note(kind::port_open, {.a = serial, .b = static_cast<std::uint32_t>(what)}, port.str());
  return serial;
}

void receivers::open() {
  const auto named = [&](const std::string& name) { return *port_id::parse(me_.id() + "#" + name); };
  for (std::uint32_t i = 0; i < own_->named; ++i) {
    const port_id port = named("r" + std::to_string(i));
    listen(port, born(port_class::named, port));
  }
  for (std::uint32_t i = 0; i < own_->passing; ++i) open_passing(i);
  me_.rcv(named("directory"), "where", [this](std::uint32_t place, port_id reply_to) {
    const std::lock_guard lock(mutex_);
    if (place < passing_.size() && passing_[place])
      snd(reply_to, "at", settings_.index, place, passing_[place]);
  });
  me_.define("torture::receiver", [this](std::uint32_t life) {
    const std::uint32_t serial = born(port_class::spawned, self());
    listen(self(), serial);
    after(milliseconds(life), [this, serial] {
      log_.note(kind::port_dying, {.a = serial}, "");
      kil(self());
    });
  });
}

void receivers::listen(const port_id& port, std::uint32_t serial) {
  const auto dice = std::make_shared<chance>(settings_.seed ^ (std::uint64_t{settings_.incarnation} << 40) ^
                                             serial * 7919u);
  const auto heard = [this, serial](const message_id& id, bool whole) {
    log_.note(whole ? kind::arrived : kind::corrupt,
              {.a = serial, .b = id.from, .c = id.stream, .d = id.epoch, .e = id.number});
  };
  me_.rcv(
      port, "seq",
      [this, heard, dice](std::uint32_t from, std::uint32_t stream, std::uint32_t epoch, std::uint32_t number,
                          std::uint32_t size, const value& bytes, port_id reply_to) {
        const message_id id{from, stream, epoch, number};
        heard(id, is_payload(id, size, bytes.text()));
        if (dice->per_thousand(settings_.busy) && dice->one_in(10))
          be_busy(milliseconds(1 + dice->below(settings_.busy_ms)));
        if (!calm_ && dice->one_in(64)) snd(reply_to, "poke", 1 + dice->below(8));
      },
      "fin",
      [heard](std::uint32_t from, std::uint32_t stream, std::uint32_t epoch, std::uint32_t number,
              port_id reply_to) {
        heard({from, stream, epoch, number}, true);
        snd(reply_to, "fin_ack", stream, epoch);
      });
}

void receivers::open_passing(std::uint32_t place) {
  me_.spawn([this, place] {
    const std::uint32_t serial = born(port_class::passing, self());
    listen(self(), serial);
    {
      const std::lock_guard lock(mutex_);
      passing_[place] = self();
    }
    end_later(place, serial, 0);
  });
}

void receivers::end_later(std::uint32_t place, std::uint32_t serial, std::uint32_t attempts) {
  chance dice(settings_.seed ^ (std::uint64_t{settings_.incarnation} << 32) ^ (serial * 31u + attempts));
  after(dice.about(milliseconds(settings_.life_ms)) + milliseconds(200),
        [this, place, serial, attempts]() mutable {
          if (calm_) return end_later(place, serial, attempts + 1);
          chance fate(settings_.seed ^ serial);
          end(place, serial, fate);
        });
}

// Normally, with a reason, or by an exception.
void receivers::end(std::uint32_t place, std::uint32_t serial, chance& dice) {
  open_passing(place);
  switch (dice.below(3)) {
    case 0:
      log_.note(kind::port_dying, {.a = serial}, "");
      return kil(self());
    case 1:
      log_.note(kind::port_dying, {.a = serial}, "retired " + std::to_string(serial));
      return kil(self(), "retired", serial);
    default:
      log_.note(kind::port_dying, {.a = serial}, "die thrown " + std::to_string(serial));
      throw std::runtime_error("thrown " + std::to_string(serial));
  }
}

}  // namespace torture
