// One TCP connection: both ends, and what is under way between them. Internal to the network: net::stream and
// net::attempt (sim/transport.cpp) are handles to its sides.
//
// Side 0 dialled, side 1 accepted. What side s sends lies in pipe s until the network lets it arrive, and
// then at the other side until that side's process polls. The window limits both together, as the kernels'
// buffers do.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/error_code.hpp>

#include "net/transport.hpp"
#include "sim/network.hpp"

namespace aemp::sim {

// An errno value as sockets report it, so that net gives it a name and a text.
inline boost::system::error_code code_of(int number) { return {number, boost::system::system_category()}; }

// Owns one transport and, in a world, is one node. Callbacks wait here for poll().
struct process {
  host* on = nullptr;
  std::string label;  // the host's name, with a number from the second process on
  unsigned dialled = 0;
  bool over = false;
  std::deque<std::function<void()>> callbacks;
  std::function<void()> on_post = {};   // a callback waits: call poll()
  std::set<std::uint64_t> connections;  // numbers of the connections that have a side here
  std::size_t descriptors = 0;          // in use
  std::size_t most_descriptors = std::numeric_limits<std::size_t>::max();
  std::deque<std::function<void()>> short_of_descriptors = {};  // retries of accepting

  void post(std::function<void()> f) {
    if (over) return;
    callbacks.push_back(std::move(f));
    if (on_post) on_post();
  }
  bool may_open() const noexcept { return descriptors < most_descriptors; }
  void accept_again() {
    for (auto& f : std::exchange(short_of_descriptors, {})) post(std::move(f));
  }
  // Runs the callbacks that wait now. False: there were none. The caller must hold the process.
  bool poll();
};

// What each connection of a process uses up, until it closes it.
class descriptor {
 public:
  explicit descriptor(std::shared_ptr<process> of) : of_(std::move(of)) { ++of_->descriptors; }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    --of_->descriptors;
    of_->accept_again();
  }

 private:
  std::shared_ptr<process> of_;
};

struct listening {
  std::shared_ptr<process> owner;
  net::endpoint at;
  net::transport::accepted each;
  bool closed = false;
  std::size_t waiting = 0;  // connections that its program has not accepted
};

class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(network& in, std::shared_ptr<process> dialler, host& to, net::endpoint here, net::endpoint there,
             net::transport::dialled done);

  // ---- for the handles ----
  void start(int side, net::stream_events& events);
  void redirect(int side, net::stream_events& events);
  bool write(int side, std::string& bytes);
  void start_tls(int side, net::tls_role role, const net::tls_settings& settings, std::string_view received);
  void pause(int side, bool paused);
  void finish(int side, std::string bytes);
  void close(int side);  // what the kernel does when the program closes the socket
  void give_up_dialling();
  const net::endpoint& address(int side) const { return sides_[side].here; }

  // ---- for the network ----
  // When the next thing from that side arrives. Empty: nothing is under way, or the other side does not read.
  std::optional<core::time_point> due(int from) const;
  choice next(int from) const;  // its name; only if there is one
  // Lets it arrive, and returns the number of bytes.
  std::size_t arrive(int from);
  bool blocked(int from) const;
  // When that side stops retransmitting what does not get through. Empty: nothing is under way.
  std::optional<core::time_point> expires(int from) const;
  void time_out(int from);
  void break_now();  // resets both sides
  void end_process(int side, bool silently);
  bool belongs_to(int side, const process& p) const { return sides_[side].owner.get() == &p; }
  bool between(const host& one, const host& other) const;
  // Releases what a side had that is gone by now.
  void free_descriptors() {
    for (side& s : sides_) {
      if (s.gone) s.open.reset();
    }
  }
  bool dead() const { return sides_[0].gone && sides_[1].gone; }

  // ---- the network's own notes ----
  struct standing {
    agenda<direction>::place arrival, limit;
  };
  std::uint64_t number = 0;  // zero: the network does not have it
  std::array<standing, 2> stands;
  bool forgotten = false;
  process* owner(int side) const { return sides_[side].owner.get(); }

 private:
  // The network looks at this connection again when a change ends.
  struct change {
    connection& on;
    ~change() { on.network_.look_at(on); }
  };

  enum class kind { syn, accepted, refused, data, end, reset };

  struct item {
    kind what;
    std::string bytes;  // for a reset: the reason, if it is unusual
    core::time_point sent;
    core::time_point due;
    std::uint64_t number;
  };

  struct pipe {
    std::deque<item> under_way;
    std::size_t bytes = 0;  // under way, or arrived and not read
    core::time_point free_at{};
    core::time_point last_due{};
    std::uint64_t items = 0;
  };

  enum class tls_state { off, hello, on };

  struct side {
    std::shared_ptr<process> owner;  // of side 1 from the moment it accepts
    host* on = nullptr;
    std::optional<descriptor> open;
    net::endpoint here;
    net::stream_events* events = nullptr;
    bool paused = false;
    bool gone = false;            // the program has dropped it
    bool lingering = false;       // gone by finish(): still receives and discards
    bool ended = false;           // has sent its end
    bool mute = false;            // has sent or got a reset, and sends nothing more
    std::string unsent;           // what write() found no room for,
    std::size_t unsent_from = 0;  // from here on
    std::deque<item> arrived;
    tls_state tls = tls_state::off;
    bool keyed = false;    // TLS by a psk
    std::string hello;     // of ours
    std::string received;  // of the peer's hello
  };

  static const char* name_of(kind k);
  static bool reading(const side& s) { return s.events != nullptr && !s.paused; }
  const item* head(int from) const;

  void send(int from, kind what, std::string bytes = {});
  void send_what_fits(int from);
  void make_room(int from, std::size_t bytes);
  std::string take_slice(pipe& p);
  void put(int at, item arrived);
  void accept(item syn);
  void knock_again(item syn);
  void take(const std::shared_ptr<listening>& listener);
  void establish();
  void refuse(aemp::error why);
  void post(int at, void (connection::*f)(int));
  void deliver(int at);
  void forget_arrived(int at);
  void tell_sent(int at);
  void on_bytes(int at, const std::string& bytes);
  void on_hello(int at);
  void fail_tls(int at, aemp::error why);
  void on_end(int at, const std::string& why);

  network& network_;
  const std::string label_;
  net::transport::dialled dialled_;
  std::array<side, 2> sides_;
  std::array<pipe, 2> pipes_;
};

}  // namespace aemp::sim
