// What the compiler says to who puts the arguments of port.hpp into another order. Nothing here can be called.
#pragma once

#include <type_traits>

#include <aemp/entry.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

template <class P, class... A>
requires(!std::is_convertible_v<P, port_id>) void snd(P&&, A&&...) {
  static_assert(detail::refuse<P>, "snd: first comes the port, then the elements of the message");
}
template <class P, class... A>
requires(!std::is_convertible_v<P, port_id>) port_id rcv(P&&, A&&...) {
  static_assert(detail::refuse<P>,
                "rcv: first comes the port, then a tag, a match(…) or otherwise with its handler");
  return {};
}
template <class P, class... A>
requires(!std::is_convertible_v<P, port_id>) monitor mon(P&&, A&&...) {
  static_assert(detail::refuse<P>,
                "mon: first comes the port that is watched, then what happens when it dies");
  return {};
}
template <class P, class... A>
requires(!std::is_convertible_v<P, port_id>) void kil(P&&, A&&...) {
  static_assert(detail::refuse<P>, "kil: first comes the port, then the reason");
}

template <class T, class... A>
requires(!detail::is_time<T>) timer after(T&&, A&&...) {
  static_assert(detail::refuse<T>, "after: a time has a unit, and stands first: after(5s, f), after(5s, port, \"tag\")");
  return {};
}

}  // namespace aemp
