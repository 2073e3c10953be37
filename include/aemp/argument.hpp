// How one parameter of a handler takes its element from a message: converted, copied or moved. The rules are
// in handler.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <aemp/match.hpp>
#include <aemp/message.hpp>

namespace aemp {

// The last parameter of a handler may be a `rest`: it takes every element that no other parameter took.
struct rest {
  std::vector<value> elements;
  std::size_t size() const noexcept { return elements.size(); }
  const value& operator[](std::size_t i) const { return elements.at(i); }
};

namespace detail {

enum class outcome : std::uint8_t { refused, keep, done };

// Why a handler did not take a message.
struct mismatch {
  std::size_t element = 0;
  std::string found;       // "text", or "missing"
  std::string_view asked;  // "int"
};

// Whether a parameter wants the element itself rather than a reference to it.
template <class P>
inline constexpr bool takes_over =
    std::is_rvalue_reference_v<P> || !std::is_copy_constructible_v<std::remove_cvref_t<P>>;

// Whether we hold the only reference to the message.
inline bool has_one_holder(const block& b) noexcept { return b.refs.load(std::memory_order_acquire) == 1; }

inline outcome refuse_shared(std::size_t element, mismatch* why) {
  if (why != nullptr) *why = {element, "an object that others receive too", "one that can be copied"};
  return outcome::refused;
}

// Holds what one parameter takes: a pointer to the element where the types are equal, else a converted copy.
template <class P>
class argument {
 public:
  using type = std::remove_cvref_t<P>;
  // A view lives as long as the message, or as this object where the text was converted.
  static constexpr bool is_view = std::is_same_v<type, std::string_view>;
  static_assert(
      !(std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>),
      "a handler takes its parameters by value or by const reference: a message may have other receivers");

  bool take(block& b, std::size_t i, std::size_t size, mismatch* why) {
    if constexpr (std::is_same_v<type, rest>) {
      converted_.emplace();
      for (; i < size; ++i) converted_->elements.push_back(value_of(b, i));
      return true;
    } else if constexpr (is_a<type, std::optional>) {
      if (i >= size) {
        converted_.emplace();
        return true;
      }
      return take_element(b, i, why);
    } else {
      if (i < size) return take_element(b, i, why);
      if (why != nullptr) *why = {i, "missing", type_name<type>()};
      return false;
    }
  }

  decltype(auto) get() {
    if constexpr (is_view) {
      return found_;
    } else if constexpr (!takes_over<P>) {
      return static_cast<const type&>(here_ != nullptr ? *here_ : *converted_);
    } else {
      if constexpr (is_a<type, std::optional>) {
        if (inner_ != nullptr) converted_.emplace(std::move(*inner_));
      }
      return static_cast<type&&>(here_ != nullptr ? *here_ : *converted_);
    }
  }

 private:
  bool take_element(block& b, std::size_t i, mismatch* why) {
    return b.what == block::kind::values ? take_value(b, static_cast<values_block&>(b).begin()[i], i, why)
                                         : take_object(b, i, why);
  }

  // Takes the element itself. Copies it when the parameter wants to own it and others hold the message, too.
  bool take_itself(block& b, type& element, std::size_t i, mismatch* why) {
    here_ = &element;
    if constexpr (takes_over<P>) {
      if (!has_one_holder(b)) {
        if constexpr (std::is_copy_constructible_v<type>) {
          converted_.emplace(std::as_const(element));
          here_ = nullptr;
        } else {
          (void)refuse_shared(i, why);
          return false;
        }
      }
    }
    return true;
  }

  bool take_value(block& b, value& v, std::size_t i, mismatch* why) {
    if constexpr (std::is_same_v<type, value>) {
      return take_itself(b, v, i, why);
    } else if constexpr (is_view) {
      if (v.type() == value::kind::text) {
        found_ = v.text();
        return true;
      }
    }
    return convert(v, i, why);
  }

  bool take_object(block& b, std::size_t i, mismatch* why) {
    const element_place& place = b.ops->places[i];
    void* const object = object_at(b, place);
    if constexpr (is_view) {
      if (place.kind == element_kind::text) {
        found_ = *static_cast<const std::string*>(object);
        return true;
      }
    }
    if (place.type == type_key_of<type>()) return take_itself(b, *static_cast<type*>(object), i, why);
    if constexpr (is_a<type, std::optional>) {
      using inner = typename type::value_type;
      if (place.type == type_key_of<inner>()) return take_inner(b, *static_cast<inner*>(object), i, why);
    }
    if (place.kind == element_kind::value) return take_value(b, *static_cast<value*>(object), i, why);
    return convert(place.to_value(object), i, why);
  }

  // Takes what goes into an optional. It is moved out only in get(), since a later parameter may still
  // refuse.
  template <class T>
  bool take_inner(block& b, T& element, std::size_t i, mismatch* why) {
    if constexpr (std::is_copy_constructible_v<T>) {
      converted_.emplace(std::as_const(element));
      return true;
    } else {
      inner_ = &element;
      if (has_one_holder(b)) return true;
      (void)refuse_shared(i, why);
      return false;
    }
  }

  bool convert(const value& v, std::size_t i, mismatch* why) {
    converted_ = converted(v, i, why);
    if (!converted_) return false;
    if constexpr (is_view) found_ = *converted_;
    return true;
  }

  using kept = std::conditional_t<is_view, std::string, type>;

  [[gnu::noinline]] static std::optional<kept> converted(const value& v, std::size_t i, mismatch* why) {
    std::optional<kept> c = from_value<kept>(v);
    if (!c && why != nullptr) {
      const bool is_it = name_of(v.type()) == type_name<type>() ||
                         (v.type() == value::kind::integer && std::is_integral_v<type>);
      *why = {i, std::string(name_of(v.type())) + (is_it ? " that does not fit" : ""), type_name<type>()};
    }
    return c;
  }

  using found_t = std::conditional_t<is_view, type, std::monostate>;
  template <class T>
  struct inner_of {
    using pointer = std::monostate;
  };
  template <class T>
  struct inner_of<std::optional<T>> {
    using pointer = T*;
  };

  type* here_ = nullptr;  // the element itself
  [[no_unique_address]] typename inner_of<type>::pointer inner_{};
  std::optional<kept> converted_;
  [[no_unique_address]] found_t found_{};  // a view of it
};

// Hands an element of the block to parameter P. Sole: nobody else holds the message.
template <class P, bool Sole, class T>
[[gnu::always_inline]] inline decltype(auto) hand_over(T& element) {
  static_assert(
      !(std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>),
      "a handler takes its parameters by value or by const reference: a message may have other receivers");
  if constexpr (!takes_over<P>) {
    return static_cast<const T&>(element);
  } else if constexpr (Sole) {
    return static_cast<T&&>(element);
  } else {
    return T(std::as_const(element));
  }
}

// The kind of value that becomes a T without a conversion whose result has to be kept while the handler runs.
// A parameter of type value takes every kind.
template <class T>
constexpr value::kind kind_for() {
  if constexpr (std::is_same_v<T, bool>) {
    return value::kind::boolean;
  } else if constexpr (std::is_same_v<T, int> || std::is_same_v<T, long> || std::is_same_v<T, long long>) {
    return value::kind::integer;
  } else if constexpr (std::is_same_v<T, double>) {
    return value::kind::real;
  } else if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
    return value::kind::text;
  } else if constexpr (std::is_same_v<T, port_id>) {
    return value::kind::port;
  } else {
    return value::kind::object;
  }
}
template <class T>
inline constexpr bool is_plain = std::is_same_v<T, value> || kind_for<T>() != value::kind::object;

template <class T>
[[gnu::always_inline]] inline bool is_plainly_a(const value& v) {
  if constexpr (std::is_same_v<T, value>) return true;
  if constexpr (kind_for<T>() == value::kind::integer)
    return v.type() == value::kind::integer && std::in_range<T>(v.integer());
  return v.type() == kind_for<T>();
}

// Hands such a value to parameter P.
template <class P, bool Sole>
[[gnu::always_inline]] inline decltype(auto) plainly(value& v) {
  using T = std::remove_cvref_t<P>;
  if constexpr (std::is_same_v<T, value>) {
    return hand_over<P, Sole>(v);
  } else if constexpr (std::is_same_v<T, bool>) {
    return v.boolean();
  } else if constexpr (kind_for<T>() == value::kind::integer) {
    return static_cast<T>(v.integer());
  } else if constexpr (std::is_same_v<T, double>) {
    return v.real();
  } else if constexpr (std::is_same_v<T, port_id>) {
    return port_id(v.port());
  } else {
    return T(v.text());
  }
}

}  // namespace detail
}  // namespace aemp
