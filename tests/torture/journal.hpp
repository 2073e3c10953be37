// What a process of the torture test did, in the order in which it did it: a file of slots of 32 bytes that
// is mapped into memory. A slot that was written survives SIGKILL, for the kernel has the page; so "arrived"
// and "is in the journal" are the same thing. Slots are numbered by one atomic counter, so their order agrees
// with whatever order the process's threads gave each other. The layout is read by journal.py.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace torture {

enum class kind : std::uint32_t {
  none = 0,        // a thread was killed between taking the slot and filling it
  port_open = 1,   // a serial, b class; text: the port ID
  port_dying = 2,  // a serial; about to end; text: the reason that it will give
  stream = 3,      // a number, b sender's index; text: the port ID that it leads to
  monitor = 4,     // a stream, b epoch: a monitor was asked for, and the epoch begins
  sent = 5,        // a stream, b epoch, c number, d bytes: about to be sent
  fired = 6,       // a stream, b epoch, c last number sent; text: the reason
  cancelled = 7,   // a stream, b epoch, c last number sent: the monitor was taken back
  arrived = 8,     // a receiver's serial, b from, c stream, d epoch, e number
  corrupt = 9,     // as arrived, but the payload is not what was sent
  node_up = 10,    // text: the node ID
  node_down = 11,  // text: the node ID and why
  stopped = 12,    // a clean end begins
  text = 13        // goes on with the text of the slot before
};

struct words {
  std::uint32_t a = 0, b = 0, c = 0, d = 0, e = 0;
};

class journal {
 public:
  // Throws std::system_error.
  journal(const std::string& path, std::uint32_t node, std::uint32_t incarnation);
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;
  ~journal();  // cuts the file to what was used

  // From any thread.
  void note(kind k, const words& w) noexcept;
  void note(kind k, words w, std::string_view text) noexcept;  // w.e is taken for the length

 private:
  struct slot {
    std::atomic<std::uint32_t> what;  // written last
    std::uint32_t a, b, c, d, e;
    std::uint64_t time;
  };
  struct head {
    char magic[8];
    std::atomic<std::uint64_t> used;
    std::uint32_t node, incarnation;
    char reserved[40];
  };
  static_assert(sizeof(slot) == 32 && sizeof(head) == 64);

  slot* take(std::uint64_t count) noexcept;
  static void fill(slot& s, kind k, const words& w, std::uint64_t time) noexcept;

  int file_;
  head* head_;
  slot* slots_;
};

}  // namespace torture
