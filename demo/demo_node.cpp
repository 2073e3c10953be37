// One process of the demo. demo/run shows what it prints; each line that begins with a capital word and a
// colon tells demo/run that a step is done.
//   demo_node seed                     the meeting place: everybody else knows only its address
//   demo_node member NAME SEED         a node that greets, adds, and lets others spawn counters on it
//   demo_node visitor SEED             the one that goes through the steps
// The secret comes in AEMP_DEMO_SECRET.
#include <aemp/aemp.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

using namespace aemp;
using namespace std::chrono_literals;

namespace {

void say(const std::string& line) { std::cout << line << std::endl; }

std::string secret() {
  const char* text = std::getenv("AEMP_DEMO_SECRET");
  return text == nullptr ? std::string() : std::string(text);
}

int seed() {
  node me{{.nodeid = "seed", .binds = {"127.0.0.1:0"}, .secret = secret()}};
  std::map<std::string, port_id> members;
  me.rcv(
      *port_id::parse("seed#lobby"), "join",
      [&](std::string name, port_id member) { members[name] = member; }, "where",
      [&](std::string name, port_id reply_to) {
        if (members.contains(name)) snd(reply_to, members[name]);
      });
  say("Listening: " + me.listening().front());
  return me.run();
}

// A node whose ID is its address: who gets a port ID of it can reach it, without asking anybody.
void become_reachable(node& me) { me.become_public("127.0.0.1:0"); }

int member(const std::string& name, const std::string& seed_address) {
  node me{{.binds = {}, .seeds = {seed_address}, .secret = secret()}};
  become_reachable(me);

  // Only what is defined can be spawned from elsewhere.
  me.define("demo::counter", [](int start) {
    auto total = std::make_shared<int>(start);
    rcv(
        self(), "add", [total](int n) { *total += n; }, "total",
        [total](port_id reply_to) { snd(reply_to, *total); });
  });

  std::int64_t next = 0;
  port_id front = me.port();
  me.rcv(
      front, "hello", [&](std::string who) { say("Greeted: " + name + " was greeted by " + who); }, "add",
      [](int a, int b, port_id reply_to) { snd(reply_to, a + b); }, "item",
      [&](std::int64_t n, bytes) { next = n == next ? next + 1 : -1; }, "how many",
      [&](port_id reply_to) { snd(reply_to, next); });

  me.snd(*port_id::parse("seed#lobby"), "join", name, front);
  say("Started: " + name + " is " + me.id() + ", process " + std::to_string(::getpid()));
  return me.run();
}

class visitor {
 public:
  explicit visitor(const std::string& seed_address)
      : me_({.binds = {}, .seeds = {seed_address}, .secret = secret()}),
        lobby_(*port_id::parse("seed#lobby")) {
    become_reachable(me_);
    self_ = me_.port();
  }

  int run() {
    me_.peval(self_, [this] { find_bob(); });
    return me_.run();
  }

 private:
  static constexpr std::int64_t million = 1'000'000;

  void fail(const std::string& what, const message& reason) {
    say("FAILED: " + what + ": " + reason.to_string());
    me_.stop(1);
  }
  auto failing(const std::string& what) {
    return [this, what](const message& reason) { fail(what, reason); };
  }

  // The lobby may not know the member yet: ask until it does.
  template <class F>
  void find(const std::string& name, F found, int tries = 100) {
    cal(lobby_, "where", name).within(200ms).then(found, [=, this](const message& reason) {
      if (tries > 1) return find(name, found, tries - 1);
      fail("looking for " + name, reason);
    });
  }

  void find_bob() {
    find("bob", [this](port_id bob) {
      say("Found: bob's port is " + bob.str());
      bob_ = bob;
      snd(bob, "hello", "alice");
      cal(bob, "add", 20, 22)
          .within(10s)
          .then(
              [this](int sum) {
                say("Sum: 20 + 22 = " + std::to_string(sum));
                spawn_counter();
              },
              failing("asking bob"));
    });
  }

  void spawn_counter() {
    port_id counter = spawn(bob_, "demo::counter", 100);
    snd(counter, "add", 1);
    snd(counter, "add", 2);
    snd(counter, "add", 3);
    cal(counter, "total")
        .within(10s)
        .then(
            [=, this](int total) {
              say("Spawned: the counter on bob's node, " + counter.str() + ", says " + std::to_string(total));
              watch(counter);
            },
            failing("asking the counter"));
  }

  void watch(const port_id& counter) {
    mon(counter, [=, this](const message& reason) {
      say("Monitor: " + counter.str() + " is dead: " + reason.to_string());
      flood();
    });
    say("Watching: " + counter.str());
  }

  void flood() {
    find("carol", [this](port_id carol) {
      carol_ = carol;
      rcv(self_, "more", [this] { send_some(); });
      // Her answer tells that the connection is up: what is sent before that waits in memory.
      cal(carol, "how many")
          .within(10s)
          .then(
              [this](std::int64_t) {
                begun_ = std::chrono::steady_clock::now();
                send_some();
              },
              failing("asking carol"));
    });
  }

  // A thousand at a time, so that the node does other things in between.
  void send_some() {
    const bytes payload(16);
    for (int i = 0; i < 1000; ++i) snd(carol_, "item", sent_++, payload);
    if (sent_ < million) return snd(self_, "more");
    cal(carol_, "how many")
        .within(50s)
        .then(
            [this](std::int64_t arrived) {
              const double seconds =
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
              if (arrived != million)
                return fail("a million messages", message(std::to_string(arrived) + " arrived in order"));
              say("Rate: 1000000 messages arrived in order in " + std::to_string(seconds) + " s, " +
                  std::to_string(static_cast<long>(1 / seconds * 1000)) + " thousand a second");
              me_.stop();
            },
            failing("a million messages"));
  }

  node me_;
  port_id lobby_, self_, bob_, carol_;
  std::int64_t sent_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  try {
    if (role == "seed") return seed();
    if (role == "member" && argc == 4) return member(argv[2], argv[3]);
    if (role == "visitor" && argc == 3) return visitor(argv[2]).run();
  } catch (const start_error& e) {
    std::cerr << "demo_node " << role << ": " << e.what() << '\n';
    return 1;
  }
  std::cerr << "usage: demo_node seed | member NAME SEED | visitor SEED\n";
  return 2;
}
