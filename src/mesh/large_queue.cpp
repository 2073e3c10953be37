#include "mesh/large_queue.hpp"

#include <utility>

#include "core/port_question.hpp"
#include "data/weight.hpp"
#include "wire/large_values.hpp"

namespace aemp::mesh {
namespace {

using aemp::literal_symbol_key;

constexpr std::string_view spawn_tag = "AnyEvent::MP::_spawn";

std::uint64_t tag_of(const message& m) { return m.get() == nullptr ? 0 : m.get()->key; }

bool is_news_of_death(std::string_view port, const message& m) {
  return port.empty() && tag_of(m) == literal_symbol_key("kil0");
}

// Questions whether the peer lives, and answers to them (mesh/succession.hpp, heartbeats).
bool is_sign_of_life(std::string_view port, const message& m) {
  if (!port.empty()) return false;
  if (m.empty() || tag_of(m) == literal_symbol_key("devnull")) return true;
  return tag_of(m) == literal_symbol_key("snd") && m.size() == 4 && m[2] == value("devnull");
}

// The answer says that what was sent to the port before has been handled (core/port_question.hpp).
bool is_question(const message& m) {
  const std::uint64_t tag = tag_of(m);
  return tag == symbol_key(core::room_tag) || tag == symbol_key(core::overload_tag) ||
         tag == symbol_key(core::presence_tag);
}

}  // namespace

bool is_spawn(const message& m) { return tag_of(m) == symbol_key(spawn_tag); }

std::string concern_of(std::string_view port, const message& m) {
  if (!port.empty()) return std::string(port);
  switch (tag_of(m)) {
    case literal_symbol_key("mon1"):
    case literal_symbol_key("mon0"):
    case literal_symbol_key("kil"):
    case literal_symbol_key("kil1"):
      return m[1].to_string();
    default:
      return is_spawn(m) || is_question(m) ? m[1].to_string() : std::string();
  }
}

void large_queue::count(const packet& p, int change) {
  if (is_news_of_death(p.port, p.content)) return;
  if (p.port.empty() && is_spawn(p.content)) spawns_ += change;
  const auto found = concerned_.try_emplace(concern_of(p.port, p.content), 0).first;
  found->second += change;
  if (found->second == 0) concerned_.erase(found);
}

void large_queue::begin(std::string_view port, const message& m) {
  busy_ = true;
  current_ = {std::string(port), m, 0};
  count(current_, 1);
}

void large_queue::end() {
  busy_ = false;
  count(std::exchange(current_, {}), -1);
}

bool large_queue::must_wait(std::string_view port, const message& m) const {
  if (is_sign_of_life(port, m)) return false;
  return spawns_ != 0 || is_news_of_death(port, m) || concerned_.contains(concern_of(port, m)) ||
         data::measure_of(m).weight >= wire::large_size;
}

void large_queue::add(std::string_view port, const message& m) {
  waiting_.push_back({std::string(port), m, data::measure_of(m).weight});
  bytes_ += waiting_.back().bytes;
  count(waiting_.back(), 1);
}

large_queue::packet large_queue::pop() {
  packet p = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_ -= p.bytes;
  count(p, -1);
  return p;
}

}  // namespace aemp::mesh
