// How a monitor, a timer or a registration begins, on whatever thread it was asked for: it is linked to the running port,
// and begins on that port's worker, at once or by a task.
#pragma once

#include "core/local_node.hpp"

namespace aemp::detail {

// Links something to the running port, and begins it where it belongs; if it is over before, skip(w) instead.
template <class Begin, class Skip>
owned* begin_owned(owned* o, Begin begin, Skip skip) {
  local_node& node = o->node;
  core::worker& w = node.worker(o->worker);
  if (node.here() == &w) {
    if (w.ports().own(o->owner, *o)) {
      begin(w);
    } else {
      o->finish();
    }
  } else {
    handle keep((retain(o), o));  // before anything that may throw
    w.post(make_task([&w, o, keep = std::move(keep), begin, skip] {
      if (o->over.load(std::memory_order_acquire)) return skip(w);
      begin(w);
    }));
  }
  return o;
}
template <class Begin>
owned* begin_owned(owned* o, Begin begin) {
  return begin_owned(o, begin, [](core::worker&) {});
}

// The same for what belongs to a port but begins on the network worker: there, begin(node, *o) or
// skip(node, *o).
template <class T, class Begin, class Skip>
owned* begin_at_network(T* o, Begin begin, Skip skip) {
  const auto go_there = [o, begin, skip](core::worker& w) {
    local_node& node = w.node();
    const auto act = [&node, o, begin, skip] {
      if (o->over.load(std::memory_order_acquire)) return skip(node, *o);
      begin(node, *o);
    };
    if (&w == &node.network_worker()) return act();
    handle keep((retain(o), o));
    node.network_worker().post(make_task([act, keep = std::move(keep)] { act(); }));
  };
  return begin_owned(o, go_there, go_there);
}
template <class T, class Begin>
owned* begin_at_network(T* o, Begin begin) {
  return begin_at_network(o, begin, [](local_node&, T&) {});
}

inline std::uint64_t running_number(local_node& node) noexcept {
  core::worker* w = node.here();
  return w == nullptr ? 0 : w->running_port();
}

}  // namespace aemp::detail
