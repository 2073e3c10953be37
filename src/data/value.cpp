#include <aemp/value.hpp>

#include <aemp/message.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <new>
#include <ostream>

#include <cxxabi.h>

#include "data/growing_blob.hpp"
#include "data/identity.hpp"
#include "data/weight.hpp"

namespace aemp {

namespace detail {

// A list or a map. Its content is measured once, when it is made.
struct shared_container {
  explicit shared_container(value::array&& list) : elements(std::move(list)) {
    for (const value& v : elements) measure(v, 0);
  }
  explicit shared_container(value::map&& map) : is_map(true), entries(std::move(map)) {
    for (const auto& [key, v] : entries) measure(v, value_weight::entry + key.size());
  }
  ~shared_container() { is_map ? std::destroy_at(&entries) : std::destroy_at(&elements); }

  void measure(const value& v, std::size_t beside) noexcept {
    depth = std::max(depth, static_cast<std::uint32_t>(v.depth()) + 1);
    // The sum can overflow: a list that occurs many times counts each time.
    if (__builtin_add_overflow(weight, v.weight() + beside, &weight)) weight = SIZE_MAX;
  }

  static void drop(shared_container* c) noexcept;

  std::atomic<std::uint32_t> refs{1};
  std::uint32_t depth = 1;
  union {
    std::size_t weight = value_weight::container;
    shared_container* next;  // in the list of containers to destroy
  };
  const bool is_map = false;
  union {
    value::array elements;
    value::map entries;
  };

 private:
  // Takes out what v holds, and adds it to the list if nobody else holds it.
  static void take_out(value& v, shared_container*& list) noexcept {
    if (v.tag_ != value::kind::array && v.tag_ != value::kind::map) return;
    shared_container* const c = &v.container();
    v.size_ = 0;
    v.tag_ = value::kind::null;
    if (!is_last(c)) return;
    c->next = list;
    list = c;
  }
  static bool is_last(shared_container* c) noexcept {
    return c->refs.load(std::memory_order_acquire) == 1 ||
           c->refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
};

// Destroys nested containers one after the other: with recursion, deep nesting could exhaust the stack.
void shared_container::drop(shared_container* c) noexcept {
  if (!is_last(c)) return;
  c->next = nullptr;
  for (shared_container* list = c; list != nullptr;) {
    shared_container* const now = std::exchange(list, list->next);
    if (now->is_map) {
      for (auto& [key, v] : now->entries) take_out(v, list);
    } else {
      for (value& v : now->elements) take_out(v, list);
    }
    delete now;
  }
}

}  // namespace detail

value::value(const port_id& id) : value(kind::port) {
  ::new (static_cast<void*>(raw_)) port_id(id);
  size_ = shared_mark;
}

value::value(array elements) : value(kind::array) {
  put_shared(new detail::shared_container(std::move(elements)));
}

value::value(map entries) : value(kind::map) { put_shared(new detail::shared_container(std::move(entries))); }

detail::shared_container& value::container() const noexcept { return *get<detail::shared_container*>(); }

value value::object_of(const std::type_info& type) noexcept {
  value v(kind::object);
  v.put(&type);
  return v;
}

void value::set_shared_blob(std::string_view data) {
  detail::shared_blob* const blob = detail::make_blob(detail::blob_memory(nullptr, data.size()), data.size());
  std::memcpy(static_cast<void*>(blob + 1), data.data(), data.size());
  put_shared(blob);
}

std::string_view value::shared_text() const noexcept {
  const auto* blob = get<detail::shared_blob*>();
  return {blob->chars(), blob->size};
}

const value::array& value::elements() const noexcept { return container().elements; }
const value::map& value::entries() const noexcept { return container().entries; }

std::size_t value::depth() const noexcept {
  return tag_ == kind::array || tag_ == kind::map ? container().depth : 0;
}

std::size_t value::weight() const noexcept {
  switch (tag_) {
    case kind::array:
    case kind::map:
      return std::max(container().weight, container().weight + sizeof(value));
    case kind::text:
    case kind::bytes:
      return sizeof(value) + (is_shared() ? shared_text().size() : 0);
    case kind::port:
      return sizeof(value) + detail::text_size(port());
    default:
      return sizeof(value);
  }
}

void value::share(const value& other) noexcept {
  switch (tag_) {
    case kind::port:
      ::new (static_cast<void*>(raw_)) port_id(other.port());
      break;
    case kind::array:
    case kind::map:
      container().refs.fetch_add(1, std::memory_order_relaxed);
      break;
    default:
      get<detail::shared_blob*>()->refs.fetch_add(1, std::memory_order_relaxed);
  }
}

void value::drop() noexcept {
  switch (tag_) {
    case kind::port:
      port().~port_id();
      break;
    case kind::array:
    case kind::map:
      detail::shared_container::drop(&container());
      break;
    default: {
      auto* const b = get<detail::shared_blob*>();
      const bool last = b->refs.load(std::memory_order_acquire) == 1 ||
                        b->refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
      if (!last) return;
      b->~shared_blob();
      std::free(b);
    }
  }
}

namespace {

// As C++ spells it.
std::string type_name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type.name();
}

const value null_value;
}  // namespace

const value& value::operator[](std::size_t i) const noexcept {
  return tag_ == kind::array && i < elements().size() ? elements()[i] : null_value;
}

const value& value::operator[](std::string_view key) const noexcept {
  if (tag_ != kind::map) return null_value;
  auto found = entries().find(key);
  return found == entries().end() ? null_value : found->second;
}

std::size_t value::size() const noexcept {
  if (tag_ == kind::array) return elements().size();
  return tag_ == kind::map ? entries().size() : 0;
}

namespace {

bool equal_numbers(const value& a, const value& b) {
  if (a.type() == b.type()) {
    if (a.type() == value::kind::real) return a.real() == b.real();
    return a.unsigned_integer() == b.unsigned_integer();  // same bits, same sign
  }
  if (a.type() != value::kind::real && b.type() != value::kind::real) return false;  // ranges do not overlap
  const value& real = a.type() == value::kind::real ? a : b;
  const value& whole = a.type() == value::kind::real ? b : a;
  if (whole.type() == value::kind::integer) {
    return static_cast<double>(whole.integer()) == real.real() && detail::to_signed(real) == whole.integer();
  }
  return static_cast<double>(whole.unsigned_integer()) == real.real() &&
         detail::to_unsigned(real) == whole.unsigned_integer();
}

bool text_spells(const value& text, const value& other) {
  if (other.type() == value::kind::port) return text.text() == other.port().str();
  return other.is_number() && detail::to_text(other) == text.text();
}

}  // namespace

// Compares lists and maps without recursion: deep nesting could exhaust the stack.
bool value::equal(const value& a, const value& b) {
  if (a.tag_ != b.tag_ || a.depth() == 0) return equal_plain(a, b);
  std::vector<std::pair<const value*, const value*>> open{{&a, &b}};
  while (!open.empty()) {
    const auto [one, other] = open.back();
    open.pop_back();
    if (one->tag_ != other->tag_ || one->depth() == 0) {
      if (!equal_plain(*one, *other)) return false;
      continue;
    }
    if (&one->container() == &other->container()) continue;
    if (one->size() != other->size() || one->depth() != other->depth()) return false;
    if (one->tag_ == kind::array) {
      for (std::size_t i = one->size(); i-- > 0;)
        open.emplace_back(&one->elements()[i], &other->elements()[i]);
    } else {
      auto there = other->entries().begin();
      for (const auto& [key, v] : one->entries()) {
        if (key != there->first) return false;
        open.emplace_back(&v, &(there++)->second);
      }
    }
  }
  return true;
}

bool value::equal_plain(const value& a, const value& b) {
  if (a.is_text() && b.is_text()) return a.text() == b.text();
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.is_text()) return text_spells(a, b);
  if (b.is_text()) return text_spells(b, a);
  if (a.tag_ != b.tag_) return false;
  switch (a.tag_) {
    case kind::null:
      return true;
    case kind::boolean:
      return a.boolean() == b.boolean();
    case kind::port:
      return a.port() == b.port();
    default:
      return false;  // objects have no equality here, and lists and maps are not plain
  }
}

std::string value::to_string() const {
  switch (tag_) {
    case kind::text:
    case kind::bytes:
      return std::string(text());
    case kind::port:
      return port().str();
    case kind::object:
      return "<" + type_name_of(*get<const std::type_info*>()) + ">";
    default:
      return to_json();
  }
}

std::ostream& operator<<(std::ostream& out, const value& v) { return out << v.to_string(); }

std::string_view name_of(value::kind k) noexcept {
  switch (k) {
    case value::kind::null:
      return "null";
    case value::kind::boolean:
      return "boolean";
    case value::kind::integer:
    case value::kind::unsigned_integer:
      return "integer";
    case value::kind::real:
      return "number";
    case value::kind::text:
      return "text";
    case value::kind::bytes:
      return "bytes";
    case value::kind::port:
      return "port";
    case value::kind::array:
      return "list";
    case value::kind::map:
      return "map";
    case value::kind::object:
      return "object";
  }
  return "?";
}

}  // namespace aemp
