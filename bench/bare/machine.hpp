// What the language can do, without a library: a typed message is allocated, linked into a FIFO, and
// dispatched through the receiver's table of function pointers by a hashed tag. One thread, nothing else: no
// ownership, no death, no network.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace bare {

constexpr std::uint64_t hash(std::string_view tag) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : tag) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

struct port;

struct message {
  message* next = nullptr;
  std::uint64_t tag = 0;
  port* to = nullptr;
};

template <class... A>
struct typed : message {
  std::tuple<A...> elements;
};

struct port {
  struct row {
    std::uint64_t tag = 0;
    void (*run)(void* function, message* m) = nullptr;  // frees the message
    void* function = nullptr;
  };
  std::array<row, 8> rows = {};
};

// f is called with A... for each message of this tag; it has to live as long as the port.
template <class... A, class F>
void on(port& p, std::string_view tag, F& f) {
  const std::uint64_t h = hash(tag);
  p.rows[h % p.rows.size()] = {h,
                               [](void* function, message* m) {
                                 auto* t = static_cast<typed<A...>*>(m);
                                 std::apply(*static_cast<F*>(function), t->elements);
                                 delete t;
                               },
                               &f};
}

class machine {
 public:
  template <class... A>
  void send(port& to, std::uint64_t tag, A... a) {
    auto* m = new typed<A...>{{nullptr, tag, &to}, {a...}};
    *last_ = m;
    last_ = &m->next;
  }

  // Until nothing waits.
  void run() {
    while (first_ != nullptr) {
      message* m = first_;
      first_ = m->next;
      if (first_ == nullptr) last_ = &first_;
      const port::row& row = m->to->rows[m->tag % m->to->rows.size()];
      if (row.tag == m->tag) row.run(row.function, m);
    }
  }

 private:
  message* first_ = nullptr;
  message** last_ = &first_;
};

}  // namespace bare
