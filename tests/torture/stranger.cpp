#include "tests/torture/stranger.hpp"

#include "tests/torture/payload.hpp"

namespace torture {

using namespace aemp;
using std::chrono::milliseconds;

namespace {

constexpr std::uint32_t index_of_strangers = 255;  // among the senders of a node

}  // namespace

struct stranger::stream {
  std::uint32_t number;
  port_id target;
  std::uint32_t epoch = 0, sent = 0;
  bool watched = false;
};

stranger::stranger(node& me, const settings& s, journal& log,
                   const std::vector<std::unique_ptr<sender>>& senders)
    : me_(me),
      settings_(s),
      log_(log),
      senders_(senders),
      from_(s.index << 24 | index_of_strangers << 16 | s.incarnation),
      dice_(s.seed + s.index + s.incarnation) {}

stranger::~stranger() { stop(); }

void stranger::start() {
  sink_ = me_.port([](const message&) {});
  for (const place_list& n : settings_.nodes) {
    const auto number = index_of_strangers << 20 | static_cast<std::uint32_t>(streams_.size() + 1);
    streams_.push_back(std::make_unique<stream>(stream{number, *port_id::parse(n.node + "#r0")}));
    log_.note(kind::stream, {.a = number, .b = index_of_strangers}, n.node + "#r0");
  }
  thread_ = std::thread([this] { run(); });
}

void stranger::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void stranger::run() {
  const auto any = [this](const auto& list) -> auto& {
    return *list[dice_.below(static_cast<std::uint32_t>(list.size()))];
  };
  stream* favourite = streams_[0].get();
  while (!stopping_) {
    std::this_thread::sleep_for(dice_.about(milliseconds(settings_.pause_ms)));
    if (calm_) continue;
    if (dice_.one_in(40)) favourite = &any(streams_);
    one(dice_.one_in(3) ? any(streams_) : *favourite);
    if (dice_.one_in(8)) any(senders_).ask_by_callback(1 + dice_.below(10));
    if (dice_.one_in(8)) any(senders_).ask_by_evaluation(1 + dice_.below(10));
  }
}

void stranger::one(stream& s) {
  const std::lock_guard lock(mutex_);
  if (!s.watched) {
    s.watched = true;
    s.sent = 0;
    log_.note(kind::monitor, {.a = s.number, .b = ++s.epoch});
    me_.mon(s.target, [this, &s, epoch = s.epoch](const message& reason) { fired(s, epoch, reason); });
  }
  const message_id id{from_, s.number, s.epoch, ++s.sent};
  const std::uint32_t size = dice_.below(60);
  log_.note(kind::sent, {.a = s.number, .b = s.epoch, .c = s.sent, .d = size});
  me_.snd(s.target, "seq", id.from, id.stream, id.epoch, id.number, size, payload(id, size), sink_);
}

void stranger::fired(stream& s, std::uint32_t epoch, const message& reason) {
  log_.note(kind::fired, {.a = s.number, .b = epoch}, reason.to_string());
  const std::lock_guard lock(mutex_);
  if (epoch == s.epoch) s.watched = false;
}

}  // namespace torture
