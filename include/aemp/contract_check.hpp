// What the compiler says about a program that does not keep a contract (contract.hpp, serve.hpp). Each check is a type of
// its own, so that the compiler's first line names the message and what is wrong with it: g++ says in which type the error
// is, clang what was required.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <aemp/convert.hpp>
#include <aemp/handler.hpp>

namespace aemp::detail {

// The name of a message, as a template argument.
template <std::size_t N>
struct message_name {
  char text[N]{};
  consteval message_name(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

// Whether an argument can be given for one of type T, without loss but for numbers that are out of range.
template <class T, class Given>
constexpr bool argument_fits() {
  using given = std::remove_cvref_t<Given>;
  if constexpr (std::is_same_v<given, T>) {
    return true;
  } else if constexpr (is_a<T, std::optional>) {
    using inner = typename T::value_type;
    if constexpr (is_a<given, std::optional>) return argument_fits<inner, typename given::value_type>();
    return std::is_same_v<given, std::nullopt_t> || argument_fits<inner, Given>();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::is_arithmetic_v<given> && std::is_same_v<T, bool> == std::is_same_v<given, bool> &&
           (std::is_floating_point_v<T> || std::is_integral_v<given>);
  } else {
    return std::is_convertible_v<Given, T> ||
           (std::is_same_v<T, std::string> && std::is_same_v<given, std::string_view>);
  }
}

// As std::in_range, also for characters; and whether a real number has a value in a smaller type.
template <class T, class Given>
constexpr bool is_in_range(Given given) {
  if constexpr (std::is_floating_point_v<Given>) {
    return !(given > std::numeric_limits<T>::max() || given < std::numeric_limits<T>::lowest()) ||
           given - given != 0;
  } else if constexpr (std::is_integral_v<T>) {
    const T converted = static_cast<T>(given);
    return static_cast<Given>(converted) == given && (converted < T()) == (given < Given());
  } else {
    return true;
  }
}

// Converts such an argument. Calls refuse(), which throws, if a number is out of range.
template <class T, class Given, class Refuse>
T convert_argument(Given&& given, const Refuse& refuse) {
  using plain = std::remove_cvref_t<Given>;
  // NOLINTNEXTLINE(bugprone-branch-clone): comes first, so that an optional which is a T is not unpacked
  if constexpr (std::is_same_v<plain, T>) {
    return std::forward<Given>(given);
  } else if constexpr (is_a<T, std::optional>) {
    using inner = typename T::value_type;
    if constexpr (std::is_same_v<plain, std::nullopt_t>) {
      return T();
    } else if constexpr (is_a<plain, std::optional>) {
      return given ? T(convert_argument<inner>(*std::forward<Given>(given), refuse)) : T();
    } else {
      return T(convert_argument<inner>(std::forward<Given>(given), refuse));
    }
  } else if constexpr (std::is_arithmetic_v<T> && std::is_arithmetic_v<plain>) {
    if (!is_in_range<T>(given)) [[unlikely]]
      refuse();
    return static_cast<T>(given);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<plain, std::string_view>) {
    return static_cast<T>(given);
  } else {
    return std::forward<Given>(given);
  }
}

// Each check is a constant, which clang prints, and a type around it, which g++ prints.

// ---- the sender ----

template <message_name Name, std::size_t Index, class Takes, class Given>
inline constexpr bool argument_fits_message = argument_fits<Takes, Given>();
template <message_name Name, std::size_t Index, class Takes, class Given>
struct argument_of_message {
  static constexpr bool ok = argument_fits_message<Name, Index, Takes, Given>;
  static_assert(
      argument_fits_message<Name, Index, Takes, Given>,
      "an argument is of another type than the contract says: see argument_of_message<the message, the "
      "number of the argument, the type that it takes, the type that was given>");
};

template <message_name Name, std::size_t Takes, std::size_t Given>
inline constexpr bool arguments_fit_message = Takes == Given;
template <message_name Name, std::size_t Takes, std::size_t Given>
struct arguments_of_message {
  static constexpr bool ok = Takes == Given;
  static_assert(
      arguments_fit_message<Name, Takes, Given>,
      "the message takes another number of arguments: see arguments_of_message<the message, how many it "
      "takes, how many were given>");
};

template <message_name Name, bool IsInContract>
inline constexpr bool message_is_in_contract = IsInContract;
template <message_name Name, bool IsInContract>
struct message_of_contract {
  static constexpr bool ok = IsInContract;
  static_assert(
      message_is_in_contract<Name, IsInContract>,
      "this message is none of the contract that the port keeps: see message_of_contract<the message>");
};

template <message_name Name, bool IsRequest>
inline constexpr bool message_has_reply = IsRequest;
template <message_name Name, bool IsRequest>
struct message_to_call {
  static constexpr bool ok = IsRequest;
  static_assert(message_has_reply<Name, IsRequest>,
                "this message is a notice, which has no reply: snd it: see message_to_call<the message>");
};

// ---- the server ----

template <message_name Name, std::size_t Index, class Takes, class Parameter>
inline constexpr bool parameter_takes_argument = std::is_same_v<std::remove_cvref_t<Parameter>, Takes> ||
                                                 (std::is_same_v<Parameter, std::string_view> &&
                                                  std::is_same_v<Takes, std::string>);
template <message_name Name, std::size_t Index, class Takes, class Parameter>
struct parameter_of_handler {
  static constexpr bool ok = parameter_takes_argument<Name, Index, Takes, Parameter>;
  static_assert(
      parameter_takes_argument<Name, Index, Takes, Parameter>,
      "serve: a parameter of the handler is of another type than the argument of its message: see "
      "parameter_of_handler<the message, the number of the argument, its type, that of the parameter>");
};

template <message_name Name, std::size_t Takes, std::size_t Parameters>
inline constexpr bool parameters_take_arguments = Takes == Parameters;
template <message_name Name, std::size_t Takes, std::size_t Parameters>
struct parameters_of_handler {
  static constexpr bool ok = Takes == Parameters;
  static_assert(
      parameters_take_arguments<Name, Takes, Parameters>,
      "serve: the handler takes the arguments of its message, and if it wants a reply_to of the message's "
      "reply behind them: see parameters_of_handler<the message, its arguments, the handler's parameters>");
};

template <message_name Name, class Reply, class Returns>
inline constexpr bool result_is_reply = argument_fits<Reply, Returns>();
template <message_name Name, class Returns>
inline constexpr bool result_is_reply<Name, void, Returns> = std::is_void_v<Returns>;
template <message_name Name, class Reply, class Returns>
struct result_of_handler {
  static constexpr bool ok = result_is_reply<Name, Reply, Returns>;
  static_assert(
      result_is_reply<Name, Reply, Returns>,
      "serve: the handler returns the reply of its message, or a task of it, or nothing if it takes a "
      "reply_to: see result_of_handler<the message, its reply, what the handler returns>");
};
template <message_name Name, class Returns>
struct result_of_handler<Name, void, Returns> {
  static constexpr bool ok = std::is_void_v<Returns>;
  static_assert(
      result_is_reply<Name, void, Returns>,
      "serve: nobody takes what this handler returns: see result_of_handler<the message, its reply, what the "
      "handler returns>");
};

template <message_name Name, class F>
inline constexpr bool message_has_function = handler_like<F>;
template <message_name Name, class F>
struct handler_of_message {
  static constexpr bool ok = handler_like<F>;
  static_assert(
      message_has_function<Name, F>,
      "serve: behind each message comes its handler, a function or a function object with one call operator "
      "(no `auto` parameters): see handler_of_message<the message, what came>");
};

template <message_name Name, bool IsServed>
inline constexpr bool message_has_handler = IsServed;
template <message_name Name, bool IsServed>
struct served_message {
  static constexpr bool ok = IsServed;
  static_assert(message_has_handler<Name, IsServed>,
                "serve: a message of the contract has no handler: see served_message<the message>");
};

}  // namespace aemp::detail
