// One port that sends numbered messages to another, for the ordeals, and a check that they arrive as
// promised.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <aemp/aemp.hpp>

namespace aemp::sim {

using namespace std::chrono_literals;

// What one ordeal has done, for people, and what was wrong with it.
struct record {
  std::vector<std::string> story, wrong;
};

// One port sends numbered messages to another and monitors it. What it sends between two losses is one epoch.
// Of each epoch the listener has to hear a beginning: in order, nothing twice, no hole. Outlives both nodes.
class talk {
 public:
  talk(record& r, std::string name) : record_(r), name_(std::move(name)) {}
  talk(const talk&) = delete;
  talk& operator=(const talk&) = delete;

  void listen(node& n) {
    listener_ = n.port(any_worker);
    n.rcv(listener_, "say", [this](int epoch, int number) { hear(epoch, number); });
  }
  void speak(node& n, std::chrono::nanoseconds interval, int burst) {
    const port_id p = n.port(any_worker);
    n.rcv(p, "begin", [this, interval, burst] {
      watch();
      every(interval, [this, burst] {
        for (int i = 0; i < burst && watching_ && !quiet_; ++i) snd(listener_, "say", epoch_, sent_++);
      });
    });
    n.snd(p, "begin");
  }
  // The listener has received this.
  void hear(int epoch, int number) {
    const bool same = epoch == heard_epoch_;
    if (epoch < heard_epoch_ || (same && number < heard_))
      complain("heard " + std::to_string(epoch) + "." + std::to_string(number) + " after " + last());
    if (number > (same ? heard_ : 0))
      complain("a hole that no monitor told of: heard " + std::to_string(epoch) + "." +
               std::to_string(number) + " after " + last());
    heard_epoch_ = epoch;
    heard_ = number + 1;
  }
  // From now on it sends nothing.
  void be_quiet() { quiet_ = true; }
  void speaker_died() { speaker_lives_ = false; }
  void listener_died() {
    listener_lives_ = false;
    losses_before_death_ = losses_;
  }

  // Call it when everything has had time to arrive. `reachable`: the speaker can reach the listener.
  void check(bool reachable) {
    if (!speaker_lives_) return;
    if (!listener_lives_) {
      if (losses_ == losses_before_death_)
        complain("the listener is dead, and the speaker has not heard of it");
      return;
    }
    if (!reachable) return;
    if (!watching_) return complain("the speaker cannot reach a listener that lives");
    if (sent_ != 0 && (heard_epoch_ != epoch_ || heard_ != sent_))
      complain("of epoch " + std::to_string(epoch_) + " " + std::to_string(sent_) + " were sent, and " +
               std::to_string(heard_) + " of epoch " + std::to_string(heard_epoch_) + " were heard");
  }

 private:
  void watch() {
    watching_ = true;
    const int number = ++monitors_;
    mon(listener_, [this, number](const message&) {
      if (number != monitors_ || !watching_) complain("a monitor fired twice");
      watching_ = false;
      ++losses_;
      ++epoch_;
      sent_ = 0;
      after(500ms, [this] { watch(); });
    });
  }
  std::string last() const { return std::to_string(heard_epoch_) + "." + std::to_string(heard_ - 1); }
  void complain(const std::string& what) { record_.wrong.push_back(name_ + ": " + what); }

  record& record_;
  const std::string name_;
  port_id listener_;
  bool quiet_ = false, speaker_lives_ = true, listener_lives_ = true;
  bool watching_ = false;
  int monitors_ = 0, losses_ = 0, losses_before_death_ = 0;
  int epoch_ = 0, sent_ = 0;
  int heard_epoch_ = -1, heard_ = 0;
};

}  // namespace aemp::sim
