#include "tests/torture/sender.hpp"

#include <algorithm>

#include "tests/torture/payload.hpp"

namespace torture {

using namespace aemp;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t much =
    512 * 1024;  // so many bytes go to a node before a sender asks whether it keeps up

}  // namespace

struct sender::stream {
  std::uint32_t number;
  std::uint32_t node;
  port_id target;
  bool is_spawned = false;
  std::uint32_t epoch = 0, sent = 0;
  bool watched = false;
  bool over = false;              // the port is known to be dead
  clock::time_point fin_at = {};  // when the last message of this epoch was sent
};

struct sender::place {
  std::uint32_t node, index;
  bool passing;
  std::shared_ptr<stream> to = {};
  clock::time_point asked = {};
  bool confirmed = false;
};

sender::sender(node& me, const settings& s, journal& log, receivers& own, std::uint32_t index,
               std::function<void()> when_finished)
    : me_(me),
      settings_(s),
      log_(log),
      own_(own),
      index_(index),
      dice_(s.seed ^ (std::uint64_t{s.index} << 48) ^ (std::uint64_t{index} << 32) ^ s.incarnation),
      blocked_(s.nodes.size()),
      unconfirmed_(s.nodes.size()),
      when_finished_(std::move(when_finished)) {}

sender::~sender() = default;

void sender::open() {
  me_.spawn([this] { begin(); });
}

port_id sender::port() {
  const std::lock_guard lock(mutex_);
  return port_;
}

void sender::begin() {
  own_.born(port_class::sender, self());
  make_places();
  rcv(
      self(), "poke",
      [this](std::uint32_t messages) {
        for (std::uint32_t i = 0; i < messages; ++i) something(true);
      },
      "at", [this](std::uint32_t node, std::uint32_t index, port_id at) { found(node, index, at); },
      "fin_ack", [this](std::uint32_t stream, std::uint32_t epoch) { confirmed(stream, epoch); });
  {
    const std::lock_guard lock(mutex_);
    port_ = self();
    callback_ = psub([this](std::uint32_t messages) {
      for (std::uint32_t i = 0; i < messages; ++i) something(true);
    });
  }
  tick();
}

void sender::make_places() {
  for (std::uint32_t n = 0; n < settings_.nodes.size(); ++n) {
    const place_list& list = settings_.nodes[n];
    for (std::uint32_t i = 0; i < list.named; ++i) {
      const port_id at = *port_id::parse(list.node + "#r" + std::to_string(i));
      places_.push_back({.node = n, .index = i, .passing = false, .to = new_stream(n, at)});
    }
    for (std::uint32_t i = 0; i < list.passing; ++i)
      places_.push_back({.node = n, .index = i, .passing = true});
  }
}

std::shared_ptr<sender::stream> sender::new_stream(std::uint32_t node, const port_id& target) {
  auto s =
      std::make_shared<stream>(stream{.number = index_ << 20 | ++streams_, .node = node, .target = target});
  log_.note(kind::stream, {.a = s->number, .b = index_}, target.str());
  return s;
}

void sender::tick() {
  after(dice_.about(milliseconds(settings_.pause_ms)), [this] { tick(); });
  if (finishing_) return finish_tick();
  something(false);
}

void sender::ask_by_callback(std::uint32_t messages) {
  const std::lock_guard lock(mutex_);
  if (callback_) callback_(messages);
}

void sender::ask_by_evaluation(std::uint32_t messages) {
  if (const port_id there = port()) {
    me_.peval(there, [this, messages] {
      for (std::uint32_t i = 0; i < messages; ++i) something(true);
    });
  }
}

// ---- sending ----

void sender::something(bool is_asked) {
  if (finishing_) return;
  if (dice_.per_thousand(settings_.busy)) be_busy(milliseconds(1 + dice_.below(settings_.busy_ms)));
  if (!is_asked && dice_.one_in(50))
    return spawn_one(dice_.below(static_cast<std::uint32_t>(settings_.nodes.size())));
  if (!spawned_.empty() && dice_.one_in(12)) {
    const std::size_t i = dice_.below(static_cast<std::uint32_t>(spawned_.size()));
    if (!spawned_[i]->over) return some(spawned_[i], 1 + dice_.below(4));
    spawned_.erase(spawned_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  place& p = some_place();
  if (p.to == nullptr || p.to->over) return look_for(p);
  if (p.to->watched && dice_.one_in(200)) new_monitor(p.to);
  some(p.to, is_asked || !dice_.one_in(4) ? 1 : 2 + dice_.below(30));
}

// Some streams are fast for a while, so that a loss finds much of them under way; the others are slow.
sender::place& sender::some_place() {
  const auto any = [this] { return dice_.below(static_cast<std::uint32_t>(places_.size())); };
  if (dice_.one_in(80)) favourite_ = any();
  return places_[dice_.one_in(3) ? any() : favourite_];
}

void sender::some(const std::shared_ptr<stream>& s, std::uint32_t messages) {
  for (std::uint32_t i = 0; i < messages && !blocked_[s->node]; ++i) one(s, some_size(*s));
}

std::size_t sender::some_size(const stream& s) {
  const std::uint32_t what = dice_.below(2000);
  if (what < 4 && !settings_.nodes[s.node].raw) return 1'000'000 + dice_.below(1'200'000);
  if (what < 40) return 60'000 + dice_.below(60'000);
  return dice_.below(what < 500 ? 2000 : 60);
}

void sender::one(const std::shared_ptr<stream>& s, std::size_t size) {
  if (!s->watched) begin_epoch(s);
  const message_id id{from(), s->number, s->epoch, ++s->sent};
  log_.note(kind::sent, {.a = s->number, .b = s->epoch, .c = s->sent, .d = static_cast<std::uint32_t>(size)});
  snd(s->target, "seq", id.from, id.stream, id.epoch, id.number, static_cast<std::uint32_t>(size),
      payload(id, size), self());
  wait_if_much(*s, size + 64);
}

// The first sender of a node never waits, so that queues grow too.
void sender::wait_if_much(stream& s, std::size_t bytes) {
  if (index_ == 0 || s.node == settings_.index || (unconfirmed_[s.node] += bytes) < much) return;
  blocked_[s.node] = true;
  when_drained(node_of(s.target), [this, node = s.node] {
    blocked_[node] = false;
    unconfirmed_[node] = 0;
  });
}

void sender::begin_epoch(const std::shared_ptr<stream>& s) {
  ++s->epoch;
  s->sent = 0;
  s->watched = true;
  s->fin_at = {};
  log_.note(kind::monitor, {.a = s->number, .b = s->epoch});
  monitors_[s->number] =
      mon(s->target, [this, s, epoch = s->epoch](const message& reason) { fired(s, epoch, reason); });
}

// Written down before anything else is sent: that order is what the verifier relies on.
void sender::fired(const std::shared_ptr<stream>& s, std::uint32_t epoch, const message& reason) {
  log_.note(kind::fired, {.a = s->number, .b = epoch, .c = s->sent}, reason.to_string());
  if (epoch != s->epoch || !s->watched) return;  // the verifier will complain
  s->watched = false;
  monitors_.erase(s->number);
  const bool loss = reason.tag() == "transport_error" || reason.tag() == "node_stopped";
  s->over = !loss || s->is_spawned;
  if (!s->over && !finishing_ && dice_.one_in(2)) some(s, 1 + dice_.below(5));
}

void sender::new_monitor(const std::shared_ptr<stream>& s) {
  monitors_[s->number].cancel();
  log_.note(kind::cancelled, {.a = s->number, .b = s->epoch, .c = s->sent});
  begin_epoch(s);
}

void sender::spawn_one(std::uint32_t node) {
  if (settings_.nodes[node].raw || spawned_.size() > 4) return;
  const auto s =
      new_stream(node, spawn(settings_.nodes[node].node, "torture::receiver", 500 + dice_.below(3000)));
  s->is_spawned = true;
  spawned_.push_back(s);
  some(s, 1 + dice_.below(10));
}

// ---- where receivers are that come and go ----

void sender::look_for(place& p) {
  if (!p.passing) {  // its name lasts; so the node was started anew
    if (p.to->over) p.to->over = false;
    return;
  }
  if (clock::now() - p.asked < 500ms) return;
  p.asked = clock::now();
  snd(*port_id::parse(settings_.nodes[p.node].node + "#directory"), "where", p.index, self());
}

void sender::found(std::uint32_t node, std::uint32_t index, const port_id& at) {
  for (place& p : places_) {
    if (p.node != node || p.index != index || !p.passing) continue;
    if (p.to == nullptr || p.to->target != at) p.to = new_stream(node, at);
  }
}

// ---- the end ----

void sender::finish_tick() {
  bool all = std::find(blocked_.begin(), blocked_.end(), true) == blocked_.end();
  for (place& p : places_) {
    if (p.confirmed) continue;
    all = false;
    if (p.to == nullptr || p.to->over) {
      look_for(p);
      continue;
    }
    stream& s = *p.to;
    // Again after a while: nobody watches the answer, so that may be lost.
    if (s.watched && clock::now() - s.fin_at < 1s) continue;
    if (!s.watched) begin_epoch(p.to);
    s.fin_at = clock::now();
    log_.note(kind::sent, {.a = s.number, .b = s.epoch, .c = ++s.sent});
    snd(s.target, "fin", from(), s.number, s.epoch, s.sent, self());
  }
  if (all && !finished_) {
    finished_ = true;
    when_finished_();
  }
}

void sender::confirmed(std::uint32_t stream, std::uint32_t epoch) {
  for (place& p : places_) {
    if (p.to != nullptr && p.to->number == stream && p.to->epoch == epoch) p.confirmed = true;
  }
}

void sender::report(std::function<void(const std::string&)> f) {
  const port_id there = port();
  if (!there) return f("sender " + std::to_string(index_) + " has not begun");
  me_.peval(there, [this, f = std::move(f)] {
    for (std::size_t n = 0; n < blocked_.size(); ++n) {
      if (blocked_[n])
        f("sender " + std::to_string(index_) + " waits until node " + settings_.nodes[n].node +
          " is drained");
    }
    for (const place& p : places_) {
      if (p.confirmed) continue;
      const std::string where =
          settings_.nodes[p.node].node + (p.passing ? " place " : "#r") + std::to_string(p.index);
      if (p.to == nullptr) {
        f("sender " + std::to_string(index_) + " waits for an answer of the directory about " + where);
      } else {
        f("sender " + std::to_string(index_) + " waits for " + p.to->target.str() + ", stream " +
          std::to_string(p.to->number) + " epoch " + std::to_string(p.to->epoch) + " number " +
          std::to_string(p.to->sent) + (p.to->watched ? "" : ", not monitored"));
      }
    }
  });
}

}  // namespace torture
