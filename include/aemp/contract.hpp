// Messages with types that the compiler checks on both ends. A request has a reply, a notice has none; a contract lists
// what a port understands, and a port_to is the ID of a port that keeps one.
//
//     inline constexpr request<"add", int(int, int)> add{};
//     inline constexpr notice<"forget", port_id> forget{};
//     using calculator = contract<add, forget>;
//
//     port_to<calculator> c(some_port);
//     snd(c, forget, self());
//     cal(c, add, 1, 2).within(1s).then([](int sum) { … });
//     int sum = co_await cal(c, add, 1, 2);
//
// serve.hpp is the other end. On the wire these are ordinary messages: the name, the arguments, and in a request the
// port for the reply, as in ["add", 1, 2, reply_to]. So a node that knows nothing of the contract can use or serve it.
//
// An argument is converted to its type in the contract before it is sent, so that the receiver finds what it expects.
// What would lose something does not compile: a double for an int, a pointer for a bool. A number that does not fit is a
// std::invalid_argument. A reply is one element, or none for void; it is checked when it comes, and fails the call
// with bad_reply.
//
// A call of a contract fails with what every call fails with (call.hpp), and with two reasons more: bad_request, when
// the receiver does not take the arguments, which only happens between programs with different contracts; and no_reply,
// when it dropped the request. A server may fail a call with reasons of its own (reply_to).
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <aemp/call.hpp>
#include <aemp/contract_check.hpp>
#include <aemp/export.hpp>
#include <aemp/port.hpp>
#include <aemp/wait.hpp>

namespace aemp {

namespace detail {

template <class T>
inline constexpr bool is_argument_type =
    std::is_same_v<T, std::decay_t<T>> && !std::is_same_v<T, std::string_view> && !std::is_pointer_v<T>;

template <message_name Name, class... A>
struct message_type {
  static_assert((is_argument_type<A> && ...),
                "the arguments of a message are values: int, std::string; no references, pointers or views");
  using arguments = std::tuple<A...>;
  static constexpr auto label = Name;
  static constexpr std::string_view text = Name.view();
};

template <class T>
inline constexpr bool is_request = false;
template <class T>
inline constexpr bool is_notice = false;
template <class T>
inline constexpr bool is_message_type = is_request<T> || is_notice<T>;

}  // namespace detail

template <detail::message_name Name, class Signature>
struct request {
  static_assert(detail::is_request<request>,
                "request: after the name comes a function type: request<\"add\", int(int, int)>");
};
template <detail::message_name Name, class R, class... A>
struct request<Name, R(A...)> : detail::message_type<Name, A...> {
  static_assert(std::is_void_v<R> || detail::is_argument_type<R>,
                "request: the reply is a value or void: std::string instead of std::string_view");
  using reply = R;
};

template <detail::message_name Name, class... A>
struct notice : detail::message_type<Name, A...> {};

namespace detail {

template <message_name Name, class R, class... A>
inline constexpr bool is_request<request<Name, R(A...)>> = true;
template <message_name Name, class... A>
inline constexpr bool is_notice<notice<Name, A...>> = true;

constexpr bool are_different(std::initializer_list<std::string_view> names) {
  for (auto a = names.begin(); a != names.end(); ++a) {
    if (std::find(a + 1, names.end(), *a) != names.end()) return false;
  }
  return true;
}

}  // namespace detail

template <auto... Messages>
struct contract {
  static_assert((detail::is_message_type<std::remove_const_t<decltype(Messages)>> && ...),
                "contract: list the messages, objects of type request or notice");
  static_assert(detail::are_different({Messages.text...}), "contract: two messages have the same name");
  using messages = std::tuple<std::remove_const_t<decltype(Messages)>...>;
  template <class M>
  static constexpr bool has = (std::is_same_v<M, std::remove_const_t<decltype(Messages)>> || ...);
};

// The ID of a port that keeps a contract, which nobody checks: one that does not answers with bad_request, or not at
// all. It is a port ID wherever one is wanted, and an argument of messages like one.
template <class Contract>
class port_to {
 public:
  port_to() noexcept = default;
  explicit port_to(port_id p) noexcept : port_(std::move(p)) {}

  const port_id& port() const noexcept { return port_; }
  operator const port_id&() const noexcept { return port_; }
  explicit operator bool() const noexcept { return static_cast<bool>(port_); }
  friend bool operator==(const port_to&, const port_to&) noexcept = default;

 private:
  port_id port_;
};

namespace detail {

// ---- what may be sent ----

[[noreturn]] AEMP_API void throw_argument_out_of_range(std::string_view message, std::size_t index);

template <class Arguments, class... Given>
struct check_arguments;
template <class... A, class... Given>
struct check_arguments<std::tuple<A...>, Given...> {
  template <message_name Name>
  static constexpr bool of() {
    if constexpr (arguments_of_message<Name, sizeof...(A), sizeof...(Given)>::ok)
      return each<Name>(std::index_sequence_for<A...>());
    return false;
  }

 private:
  template <message_name Name, std::size_t... I>
  static constexpr bool each(std::index_sequence<I...>) {
    return (argument_of_message<Name, I + 1, A, Given>::ok && ...);
  }
};

// False after a static_assert has failed, so that no other error follows.
template <class Contract, class M, class Arguments, class... Given>
constexpr bool may_send() {
  if constexpr (message_of_contract<M::label, Contract::template has<M>>::ok)
    return check_arguments<Arguments, Given...>::template of<M::label>();
  return false;
}

// A request can be sent with a port for the reply.
template <class M>
struct sent_arguments {
  using type = typename M::arguments;
};
template <message_name Name, class R, class... A>
struct sent_arguments<request<Name, R(A...)>> {
  using type = std::tuple<A..., port_id>;
};

// ["name", arguments…, behind…]
template <class M, class Arguments, class... Given, std::size_t... I, class... Behind>
block* make_contract_block(std::index_sequence<I...>, [[maybe_unused]] std::tuple<Given...> given,
                           Behind&&... behind) {
  return make_block(
      M::label.text,
      convert_argument<std::tuple_element_t<I, Arguments>>(
          std::get<I>(std::move(given)), [] { throw_argument_out_of_range(M::text, I + 1); })...,
      std::forward<Behind>(behind)...);
}

// Whether f can be the continuation of a request with that reply.
template <class Parameters, class R>
inline constexpr bool are_a_reply = std::is_same_v<Parameters, std::tuple<>>;
template <class P, class R>
inline constexpr bool are_a_reply<std::tuple<P>, R> = std::is_same_v<std::remove_cvref_t<P>, R> ||
                                                      (std::is_same_v<P, std::string_view> &&
                                                       std::is_same_v<R, std::string>) ||
                                                      std::is_same_v<std::remove_cvref_t<P>, message>;

template <class R>
class [[nodiscard]] reply_awaiter final : public call_awaiter<R> {
 public:
  using call_awaiter<R>::call_awaiter;
};
template <>
class [[nodiscard]] reply_awaiter<void> final : public call_awaiter<message> {
 public:
  using call_awaiter<message>::call_awaiter;
  void await_resume() { (void)call_awaiter<message>::await_resume(); }
};

// A call whose reply has a type. Trap: see is_destroyed_twice.
template <class R, bool Trap>
class [[nodiscard]] typed_call {
 public:
  explicit typed_call(call&& c) noexcept : call_(std::move(c)) {}

  typed_call&& within(time_span limit) && {
    (void)std::move(call_).within(limit);
    return std::move(*this);
  }
  template <class F>
  void then(F&& on_reply) && {
    if constexpr (takes_reply<F>()) std::move(call_).then(std::forward<F>(on_reply));
  }
  template <class F, class G>
  void then(F&& on_reply, G&& on_failure) && {
    if constexpr (takes_reply<F>())
      std::move(call_).then(std::forward<F>(on_reply), std::forward<G>(on_failure));
  }
  reply_awaiter<R> operator co_await() && {
    static_assert(
        !Trap,
        "cal: give the aggregate a name before: g++ 12 destroys one that is made in a co_await expression "
        "twice");
    return reply_awaiter<R>(std::move(call_));
  }

 private:
  template <class F>
  static constexpr bool takes_reply() {
    static_assert(
        handler_like<std::decay_t<F>>,
        "then: the continuation is a function or a function object with one call operator (no `auto` "
        "parameters)");
    if constexpr (handler_like<std::decay_t<F>>) {
      static_assert(
          are_a_reply<parameters_t<std::decay_t<F>>, R>,
          "then: the continuation takes the reply of the request, by value or const reference, or nothing");
      return are_a_reply<parameters_t<std::decay_t<F>>, R>;
    }
    return false;
  }

  call call_;
};
// For all and any.
template <class R, bool Trap>
reply_awaiter<R> as_operand(typed_call<R, Trap>&& c) {
  return std::move(c).operator co_await();
}
template <class R, class... A>
using typed_call_with = typed_call<R, (is_destroyed_twice<A> || ...)>;

// What a call that does not compile gives, so that no other error follows.
struct failed_call {
  template <class... F>
  void then(F&&...) && {}
  failed_call within(time_span) && { return {}; }
};

template <class M>
constexpr void check_is_message() {
  static_assert(is_message_type<M>,
                "a port_to takes the messages of its contract, objects of type request or notice; for "
                "others, send to its "
                "port()");
}

template <class C, class M, class... A>
void send_typed(local_node* from, const port_to<C>& to, A&&... a) {
  check_is_message<M>();
  if constexpr (is_message_type<M>) {
    using with_reply = typename sent_arguments<M>::type;
    using arguments =
        std::conditional_t<sizeof...(A) == std::tuple_size_v<with_reply>, with_reply, typename M::arguments>;
    if constexpr (may_send<C, M, arguments, A...>()) {
      block* b = make_contract_block<M, arguments>(std::index_sequence_for<A...>(),
                                                   std::forward_as_tuple(std::forward<A>(a)...));
      from == nullptr ? send(to.port(), b) : send_from(*from, to.port(), b);
    }
  }
}

template <class C, class M>
constexpr bool may_call() {
  check_is_message<M>();
  if constexpr (is_message_type<M>) return message_to_call<M::label, is_request<M>>::ok;
  return false;
}

template <class C, class M, class... A>
auto call_typed(local_node& from, const port_to<C>& to, A&&... a) {
  if constexpr (may_call<C, M>()) {
    if constexpr (may_send<C, M, typename M::arguments, A...>()) {
      port_id reply = make_reply_port(from);
      block* b = make_contract_block<M, typename M::arguments>(
          std::index_sequence_for<A...>(), std::forward_as_tuple(std::forward<A>(a)...), port_id(reply));
      return typed_call_with<typename M::reply, A...>(call(home_of(from), to.port(), std::move(reply), b));
    } else {
      return failed_call();
    }
  } else {
    return failed_call();
  }
}

// The contract of a port of which only this message is known.
template <class M>
using contract_of = contract<M{}>;

}  // namespace detail

}  // namespace aemp
