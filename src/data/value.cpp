#include <aemp/value.hpp>

#include <aemp/message.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <new>
#include <ostream>

#include "data/growing_blob.hpp"

namespace aemp {

namespace detail {

struct shared_array {
  std::atomic<std::uint32_t> refs{1};
  value::array elements;
};

struct shared_map {
  std::atomic<std::uint32_t> refs{1};
  value::map entries;
};

namespace {

template <class T>
bool drop_one(T* shared) noexcept {
  return shared->refs.load(std::memory_order_acquire) == 1 ||
         shared->refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace
}  // namespace detail

value::value(const port_id& id) : value(kind::port) {
  ::new (static_cast<void*>(raw_)) port_id(id);
  size_ = shared_mark;
}

value::value(array elements) : value(kind::array) {
  put_shared(new detail::shared_array{{1}, std::move(elements)});
}

value::value(map entries) : value(kind::map) { put_shared(new detail::shared_map{{1}, std::move(entries)}); }

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

const value::array& value::elements() const noexcept { return get<detail::shared_array*>()->elements; }
const value::map& value::entries() const noexcept { return get<detail::shared_map*>()->entries; }

void value::share(const value& other) noexcept {
  switch (tag_) {
    case kind::port:
      ::new (static_cast<void*>(raw_)) port_id(other.port());
      break;
    case kind::array:
      get<detail::shared_array*>()->refs.fetch_add(1, std::memory_order_relaxed);
      break;
    case kind::map:
      get<detail::shared_map*>()->refs.fetch_add(1, std::memory_order_relaxed);
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
      if (auto* a = get<detail::shared_array*>(); detail::drop_one(a)) delete a;
      break;
    case kind::map:
      if (auto* m = get<detail::shared_map*>(); detail::drop_one(m)) delete m;
      break;
    default:
      if (auto* b = get<detail::shared_blob*>(); detail::drop_one(b)) {
        b->~shared_blob();
        std::free(b);
      }
  }
}

namespace {
const value null_value;
}

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

bool value::equal(const value& a, const value& b) {
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
    case kind::array:
      return a.elements() == b.elements();
    case kind::map:
      return a.entries() == b.entries();
    default:
      return false;  // objects have no equality here
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
      return std::string("<") + get<const std::type_info*>()->name() + ">";
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
