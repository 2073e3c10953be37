// The class `value`. Include value.hpp instead, which describes it and adds the conversions behind to<T>()
// and as<T>().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/port_id.hpp>
#include <aemp/result.hpp>

namespace aemp {

namespace detail {
struct shared_blob;
struct shared_container;
class growing_blob;
}  // namespace detail

class AEMP_API value {
 public:
  enum class kind : std::uint8_t {
    null,
    boolean,
    integer,           // fits int64
    unsigned_integer,  // above int64, fits uint64
    real,
    text,   // UTF-8
    bytes,  // anything
    port,
    array,
    map,
    object  // a C++ object of a local message that has no wire form; it can only be printed
  };
  using array = std::vector<value>;
  using map = std::map<std::string, value, std::less<>>;

  value() noexcept { tag_ = kind::null; }
  value(std::nullptr_t) noexcept : value() {}
  template <class T>
  requires std::is_same_v<T, bool>  // else it would accept every pointer
  value(T b)
  noexcept : value(kind::boolean) { put(b); }
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) value(T n)
  noexcept : value(kind::integer) {
    if constexpr (std::is_unsigned_v<T>) {
      put(static_cast<std::uint64_t>(n));
      if (n > static_cast<std::uint64_t>(INT64_MAX)) tag_ = kind::unsigned_integer;
    } else {
      put(static_cast<std::int64_t>(n));
    }
  }
  template <class T>
  requires std::is_floating_point_v<T> value(T d)
  noexcept : value(kind::real) { put(static_cast<double>(d)); }
  value(std::string_view text) { set_blob(kind::text, text); }
  value(const std::string& text) : value(std::string_view(text)) {}
  value(const char* text) : value(std::string_view(text)) {}
  value(const port_id& id);
  // For a list of one list write array{value(array{…})}: compilers disagree whether array{array{…}} copies.
  value(array elements);
  value(map entries);
  value(std::span<const std::byte> data) : value(bytes_of(as_chars(data))) {}
  value(const std::vector<std::byte>& data) : value(std::span<const std::byte>(data)) {}

  static value bytes_of(std::string_view data) {
    value v;
    v.set_blob(kind::bytes, data);
    return v;
  }
  static value object_of(const std::type_info& type) noexcept;

  value(const value& other) noexcept { copy_from(other); }
  value(value&& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof(value));
    other.size_ = 0;
    other.tag_ = kind::null;
  }
  value& operator=(const value& other) noexcept {
    value copy(other);
    swap(copy);
    return *this;
  }
  value& operator=(value&& other) noexcept {
    swap(other);
    return *this;
  }
  ~value() {
    if (is_shared()) drop();
  }
  void swap(value& other) noexcept {
    alignas(value) unsigned char spare[sizeof(value)];
    std::memcpy(spare, this, sizeof(value));
    std::memcpy(static_cast<void*>(this), &other, sizeof(value));
    std::memcpy(static_cast<void*>(&other), spare, sizeof(value));
  }

  kind type() const noexcept { return tag_; }
  bool is_null() const noexcept { return tag_ == kind::null; }
  bool is_text() const noexcept { return tag_ == kind::text || tag_ == kind::bytes; }
  bool is_number() const noexcept {
    return tag_ == kind::integer || tag_ == kind::unsigned_integer || tag_ == kind::real;
  }

  // Unchecked: call type() first. The view of a text is valid while this value lives and is not assigned to.
  bool boolean() const noexcept { return get<bool>(); }
  std::int64_t integer() const noexcept { return get<std::int64_t>(); }
  std::uint64_t unsigned_integer() const noexcept { return get<std::uint64_t>(); }
  double real() const noexcept { return get<double>(); }
  std::string_view text() const noexcept {
    if (size_ != shared_mark) return {reinterpret_cast<const char*>(raw_), size_};
    return shared_text();
  }
  const port_id& port() const noexcept { return *reinterpret_cast<const port_id*>(raw_); }
  const array& elements() const noexcept;
  const map& entries() const noexcept;

  // Conversions, by the rules of convert.hpp. to<T>() is empty when the value does not convert; as<T>()
  // throws std::invalid_argument with a text that says what was found and what was asked for.
  template <class T>
  std::optional<T> to() const;
  template <class T>
  T as() const;

  // Lists by index, maps by key. Anything missing is a null value.
  const value& operator[](std::size_t i) const noexcept;
  const value& operator[](std::string_view key) const noexcept;
  const value& operator[](const char* key) const noexcept { return (*this)[std::string_view(key)]; }
  const value& operator[](int i) const noexcept { return (*this)[static_cast<std::size_t>(i)]; }
  std::size_t size() const noexcept;  // elements or entries; 0 for anything else

  // depth(): how many lists and maps are nested: 0 for a scalar, 1 for a list of numbers. weight(): roughly
  // the bytes of memory that all of it takes. Both are limited for what leaves a node (limits.hpp), not for a
  // value that stays. Cost: constant.
  std::size_t depth() const noexcept;
  std::size_t weight() const noexcept;

  // Compact JSON, in key order. Bytes that are not UTF-8 are written as Perl writes them: one character per
  // byte.
  std::string to_json() const;
  static result<value> from_json(std::string_view text);
  // As a person reads it: JSON, except that text at the top has no quotes.
  std::string to_string() const;

  friend bool operator==(const value& a, const value& b) { return equal(a, b); }
  friend std::ostream& operator<<(std::ostream& out, const value& v);

 private:
  friend class detail::growing_blob;
  friend struct detail::shared_container;

  explicit value(kind k) noexcept { tag_ = k; }

  static constexpr std::size_t inline_size = 22;
  static constexpr std::uint8_t shared_mark = 0xff;

  static std::string_view as_chars(std::span<const std::byte> data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
  }
  static bool equal(const value& a, const value& b);
  static bool equal_plain(const value& a, const value& b);

  void set_blob(kind k, std::string_view data) {
    tag_ = k;
    if (data.size() <= inline_size) {
      copy_inline(data.data(), data.size());
      size_ = static_cast<std::uint8_t>(data.size());
    } else {
      set_shared_blob(data);
    }
  }
  // Up to inline_size bytes, without a call. Some bytes are copied twice.
  void copy_inline(const char* from, std::size_t size) {
    if (size >= 8) {
      std::memcpy(raw_, from, 8);
      if (size > 16) std::memcpy(raw_ + 8, from + 8, 8);
      std::memcpy(raw_ + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(raw_, from, 4);
      std::memcpy(raw_ + size - 4, from + size - 4, 4);
    } else if (size != 0) {
      raw_[0] = static_cast<unsigned char>(from[0]);
      raw_[size / 2] = static_cast<unsigned char>(from[size / 2]);
      raw_[size - 1] = static_cast<unsigned char>(from[size - 1]);
    }
  }
  void set_shared_blob(std::string_view data);
  std::string_view shared_text() const noexcept;
  bool is_shared() const noexcept { return size_ == shared_mark; }
  void copy_from(const value& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof(value));
    if (is_shared()) share(other);
  }
  void share(const value& other) noexcept;
  void drop() noexcept;
  detail::shared_container& container() const noexcept;

  template <class T>
  T get() const noexcept {
    T t;
    std::memcpy(&t, raw_, sizeof t);
    return t;
  }
  template <class T>
  void put(T t) noexcept {
    std::memcpy(raw_, &t, sizeof t);
  }
  template <class T>
  void put_shared(T t) noexcept {
    put(t);
    size_ = shared_mark;
  }

  alignas(8) unsigned char raw_[inline_size] = {};
  std::uint8_t size_ = 0;  // of inline text or bytes; shared_mark when there is something to share or drop
  kind tag_ = kind::null;
};
AEMP_API std::ostream& operator<<(std::ostream& out, const value& v);

using bytes = std::vector<std::byte>;

static_assert(sizeof(value) == 24);

AEMP_API std::string_view name_of(value::kind k) noexcept;

}  // namespace aemp
