// What the compiler says to who puts the arguments of port.hpp into another order. Nothing here can be called.
#pragma once

#include <string_view>
#include <type_traits>

#include <aemp/entry.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

namespace detail {

// Only what is certainly not meant for a function of somebody else with the same name.
template <class P>
concept is_out_of_order = std::is_convertible_v<P, std::string_view> || handler_like<std::decay_t<P>>;

}  // namespace detail

template <class P, class... A>
requires detail::is_out_of_order<P>
void snd(P&&, A&&...) {
  static_assert(detail::refuse<P>, "snd: first comes the port, then the elements of the message");
}
template <class P, class... A>
requires detail::is_out_of_order<P> port_id rcv(P&&, A&&...) {
  static_assert(detail::refuse<P>,
                "rcv: first comes the port, then a tag, a match(…) or otherwise with its handler");
  return {};
}
template <class P, class... A>
requires detail::is_out_of_order<P> monitor mon(P&&, A&&...) {
  static_assert(detail::refuse<P>,
                "mon: first comes the port that is watched, then what happens when it dies");
  return {};
}
template <class P, class... A>
requires detail::is_out_of_order<P>
void kil(P&&, A&&...) { static_assert(detail::refuse<P>, "kil: first comes the port, then the reason"); }

template <class T, class... A>
requires(std::is_arithmetic_v<std::decay_t<T>> || detail::handler_like<std::decay_t<T>>) timer
    after(T&&, A&&...) {
  static_assert(detail::refuse<T>,
                "after: a time has a unit, and stands first: after(5s, f), after(5s, port, \"tag\")");
  return {};
}

}  // namespace aemp
