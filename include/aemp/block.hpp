// A block is what a message is made of: one allocation that holds the queue link, the destination, the tag's
// key and the elements. Part of message.hpp, which is the one to include. The templates here know the types
// of the elements; the core handles a block without them, through message_ops.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <aemp/block_memory.hpp>
#include <aemp/elements.hpp>
#include <aemp/export.hpp>
#include <aemp/symbol.hpp>
#include <aemp/value.hpp>

namespace aemp {

namespace detail {

struct block;

// What the core can do with a message without knowing its types. One constant table per list of types.
struct message_ops {
  type_key rest;  // the types after the tag; null when there is no tag
  type_key all;   // the types of all elements; null for values
  std::uint32_t size;
  bool has_objects;                  // some element is a C++ object without a wire form
  bool may_be_large;                 // some element is of no fixed size
  void (*dispose)(block&) noexcept;  // destroys and frees
  const element_place* places;       // one for each element; null for values
  // The text of the first element. Only called when the block has a key.
  std::string_view (*tag)(const block&) noexcept;
};

struct task_ops {
  void (*run)(block&);
  void (*destroy)(block&) noexcept;
};

// The head of everything that waits in a run queue. What follows it in memory depends on `what`.
struct block {
  enum class kind : std::uint8_t {
    typed,   // C++ objects
    values,  // values, from the wire or made dynamically
    shared,  // a queue entry for a message that others hold too
    task     // something for the worker to do
  };

  block* next = nullptr;
  union {
    const message_ops* ops;  // typed, values
    const task_ops* work;    // task
  };
  std::uint64_t key = 0;   // symbol key of the tag; zero when the first element is no text
  std::uint64_t port = 0;  // number of the local port it is for, or in whose context the task runs
  std::atomic<std::uint32_t> refs{1};
  std::uint16_t size_class = 0;  // how it was allocated, unless its type says that
  block::kind what = kind::typed;
  std::uint8_t marks = 0;  // what a queue that counts has noted (core/intake.hpp)
};

static_assert(sizeof(block) == 40);

// For blocks that are not messages.
AEMP_API void destroy_others(block& b) noexcept;

// Runs the destructors and frees.
inline void destroy(block& b) noexcept {
  if (b.what > block::kind::values) [[unlikely]]
    return destroy_others(b);
  b.ops->dispose(b);
}

inline void release(block& b) noexcept {
  // The only holder needs no read-modify-write: nobody else can touch the count.
  if (b.refs.load(std::memory_order_acquire) == 1 || b.refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(b);
}

// The elements after the tag come first in memory, so that a handler which knows their types need not know
// the type of the tag.
template <class... Rest>
struct rest_block : block {
  elements<Rest...> rest;

  template <class... A>
  explicit rest_block(A&&... a) : rest(std::forward<A>(a)...) {}
};

template <class First, class... Rest>
struct typed_block : rest_block<Rest...> {
  First first;

  template <class F, class... A>
  explicit typed_block(F&& f, A&&... a)
      : rest_block<Rest...>(std::forward<A>(a)...), first(std::forward<F>(f)) {}
};

template <class First, class... Rest>
struct typed_ops {
  using block_type = typed_block<First, Rest...>;

  static void dispose(block& b) noexcept {
    auto& typed = static_cast<block_type&>(b);
    std::destroy_at(&typed.first);
    std::destroy_at(&typed.rest);
    deallocate_block<sizeof(block_type)>(&b);
  }

  static std::string_view tag(const block& b) noexcept {
    const First& first = static_cast<const block_type&>(b).first;
    if constexpr (is_literal<First>) {
      return first.view();
    } else if constexpr (std::is_same_v<First, std::string>) {
      return first;
    } else if constexpr (std::is_same_v<First, value>) {
      return first.text();
    } else {
      return {};
    }
  }

  static constexpr auto places = places_in<block_type, First, Rest...>();
  static constexpr message_ops table{
      is_tag<First> ? type_key_of<Rest...>() : nullptr,
      type_key_of<First, Rest...>(),
      1 + sizeof...(Rest),
      !(has_wire_form<First>() && ... && has_wire_form<Rest>()),
      !(has_fixed_size<First> && ... && has_fixed_size<Rest>),
      dispose,
      places.data(),
      tag,
  };
};

template <class First>
[[gnu::always_inline]] constexpr std::uint64_t key_of_first(const First& first) {
  if constexpr (std::is_same_v<stored_t<const First&>, std::string>) {
    return symbol_key(std::string_view(first));
  } else if constexpr (std::is_same_v<First, value>) {
    return first.is_text() ? symbol_key(first.text()) : 0;
  } else {
    return 0;
  }
}
template <std::size_t N>
[[gnu::always_inline]] constexpr std::uint64_t key_of_first(const char (&first)[N]) {
  if (__builtin_strlen(first) == N - 1)
    // Every literal takes this branch, at compile time.
    return literal_symbol_key(first);
  return symbol_key(std::string_view(first));
}

template <class A>
[[gnu::always_inline]] inline A&& store_first(A&& a) {
  return std::forward<A>(a);
}
template <std::size_t N>
[[gnu::always_inline]] inline literal<N - 1> store_first(const char (&a)[N]) {
  literal<N - 1> l;
  __builtin_memcpy(l.text, a, N - 1);
  return l;
}
inline literal<0> store_first(const char (&)[1]) { return {}; }

// The block of a message made from C++ objects. The caller owns the one reference.
template <class First, class... Rest>
[[gnu::always_inline]] inline block* make_block(First&& first, Rest&&... rest) {
  using first_t = typename stored_first<First>::type;
  using block_t = typed_block<first_t, stored_t<Rest>...>;
  static_assert(alignof(block_t) <= alignof(std::max_align_t));
  void* memory = allocate_block<sizeof(block_t)>();
  const std::uint64_t key = key_of_first(first);
  block_t* b;
  try {
    b = ::new (memory) block_t(store_first(std::forward<First>(first)), std::forward<Rest>(rest)...);
  } catch (...) {
    deallocate_block<sizeof(block_t)>(memory);
    throw;
  }
  b->ops = &typed_ops<first_t, stored_t<Rest>...>::table;
  b->key = key;
  return b;
}

// A message of values. The elements follow the head in memory, and one table serves all such messages.
struct values_block : block {
  std::uint32_t size;
  value* begin() noexcept { return reinterpret_cast<value*>(this + 1); }
  const value* begin() const noexcept { return reinterpret_cast<const value*>(this + 1); }
};

AEMP_API extern const message_ops values_ops;

// Makes a block with room for so many elements, and none of them constructed. The caller owns the block; it
// constructs the elements, counts them in `size`, and calls set_key() after the first.
inline values_block* new_values_block(std::size_t room) {
  std::uint16_t size_class;
  const std::size_t bytes = std::max(sizeof(values_block) + room * sizeof(value), cache_line);
  auto* b = ::new (allocate(bytes, size_class)) values_block;
  b->ops = &values_ops;
  b->what = block::kind::values;
  b->size_class = size_class;
  b->size = 0;
  return b;
}
inline void set_key(values_block& b) noexcept {
  if (b.size != 0 && b.begin()->is_text()) b.key = symbol_key(b.begin()->text());
}

// Moves them out.
AEMP_API block* make_values_block(std::span<value> elements);

// An empty message that is never freed, for handlers that are called without a message.
AEMP_API block& empty_block() noexcept;

// A queue entry that refers to a message which others hold, too.
struct shared_block : block {
  block* message;
};

// Takes over the caller's reference.
AEMP_API block* make_shared_block(block* message);

// A function for a worker to run.
template <class F>
struct task_block : block {
  F f;

  explicit task_block(F&& g) : f(std::move(g)) {}

  static void run(block& b) { static_cast<task_block&>(b).f(); }
  static void destroy(block& b) noexcept { std::destroy_at(&static_cast<task_block&>(b).f); }
  static constexpr task_ops table{run, destroy};
};

template <class F>
block* make_task(F f) {
  void* memory = allocate_block<sizeof(task_block<F>)>();
  auto* b = ::new (memory) task_block<F>(std::move(f));
  b->work = &task_block<F>::table;
  b->size_class = block_class_of(sizeof(task_block<F>));
  b->what = block::kind::task;
  return b;
}

inline std::size_t size_of(const block& b) noexcept {
  return b.what == block::kind::values ? static_cast<const values_block&>(b).size : b.ops->size;
}

// An element of a typed block.
inline void* object_at(block& b, const element_place& place) noexcept {
  return reinterpret_cast<char*>(&b) + place.offset;
}
inline const void* object_at(const block& b, const element_place& place) noexcept {
  return reinterpret_cast<const char*>(&b) + place.offset;
}

// Element i, which must exist.
inline value value_of(const block& b, std::size_t i) {
  if (b.what == block::kind::values) return static_cast<const values_block&>(b).begin()[i];
  const element_place& place = b.ops->places[i];
  return place.to_value(object_at(b, place));
}

}  // namespace detail

}  // namespace aemp
