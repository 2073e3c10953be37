#include "core/reception.hpp"

#include <memory>

#include <aemp/log.hpp>

#include "core/conversation.hpp"
#include "core/extras.hpp"
#include "core/marks.hpp"
#include "core/port_space.hpp"

namespace aemp::core {

using detail::block;

void reception::weigh(block& b) noexcept {
  memory_gate* const gate = node_.memory();
  if (gate == nullptr || (b.marks & mark::weighed) != 0) return;
  b.marks |= mark::weighed;
  gate->add_queued(queued_weight_of(b));
}

void reception::unweigh(block& b) noexcept {
  if ((b.marks & mark::weighed) != 0) node_.memory()->sub_queued(queued_weight_of(b));
}

// It was counted, or weighed, and goes unhandled.
void reception::drop(block& b) {
  unweigh(b);
  detail::release(b);
}

// Stops at what is for a port that a task in the queue will open: that has no limits yet. What is dropped may send when it
// is destroyed, so this goes on until nothing is left.
void reception::take_in() {
  while (block* const b = ports_.queue().pop_uncounted()) {
    port_entry* const entry = ports_.find(b->port);
    if (entry == nullptr && ports_.is_coming(b->port) && ports_.queue().counted() != 0)
      return ports_.queue().hold(b);
    weigh(*b);
    if (entry != nullptr && (b->marks & mark::early) != 0) {
      unweigh(*b);
      ports_.run_task(*b);
      continue;
    }
    const bool is_new = b->what != block::kind::task && (b->marks & mark::counted) == 0;
    if (entry != nullptr && is_new && !admit(*entry, *b)) {
      drop(*b);
      continue;
    }
    ports_.queue().push_counted(b);
  }
  if (husks_ > 1024 && husks_ > ports_.queue().counted() / 2) sweep();
}

// False: it is dropped.
bool reception::admit(port_entry& entry, block& b) {
  if (!entry.is_port()) return true;
  if (entry.what == port_entry::state::limited && !admit_to(entry, b)) return false;
  b.marks |= mark::counted;
  ++entry.waiting;
  return true;
}

bool reception::admit_to(port_entry& entry, block& b) {
  using verdict = intake::verdict;
  verdict v = entry.extras->in()->arrive(b);
  while (v == verdict::too_much_for_oldest && has_dropped_oldest(entry)) v = entry.extras->in()->arrive(b);
  if (v == verdict::fits) return true;
  if (v == verdict::kills) {
    kill(b.port);
  } else {
    refuse(entry, b.port);
  }
  return false;
}

// The port ends when the turn of the message comes for which there was no room: what was in front is handled, monitors
// among it.
void reception::kill(std::uint64_t port) {
  block* const task = detail::make_task([&ports = ports_, port] {
    ports.end(port, message("mailbox_full", "more waited for the port than its limits allow"));
  });
  ports_.queue().push_counted(task);
}

bool reception::has_dropped_oldest(port_entry& entry) {
  intake& in = *entry.extras->in();
  conversation* const c = entry.extras->coroutines;
  if (c == nullptr || !c->drop_oldest()) {
    if (!in.drop_oldest()) return false;
    --entry.waiting;
    ++husks_;
  }
  in.count_dropped();
  return true;
}

void reception::refuse(port_entry& entry, std::uint64_t port) {
  intake& in = *entry.extras->in();
  in.count_dropped();
  if (in.limits().when_full != when_full::refuse) return;
  in.tell_of_overload();
  const std::string name = "port " + ports_.id_of(port, entry.extras).str();
  node_.report(2, name, [&] {
    return name + " refuses messages: " + std::to_string(in.waiting()) +
           " wait, which is all that its limits allow (" + std::to_string(in.dropped()) +
           " dropped so far); let senders wait for drained(port), or raise its limits";
  });
}

// A message that was counted leaves the queue. False: it has given way to another one, and is gone.
bool reception::take_counted_out(block& b) {
  if ((b.marks & mark::dropped) != 0) {
    --husks_;
    drop(b);
    return false;
  }
  unweigh(b);
  if (port_entry* const entry = (b.marks & mark::counted) != 0 ? ports_.find(b.port) : nullptr) {
    --entry->waiting;
    if ((b.marks & mark::bounded) != 0) entry->extras->in()->leave(b);
  }
  b.marks = 0;
  return true;
}

// The memory of what has given way, before its turn comes.
void reception::sweep() {
  for (std::size_t n = ports_.queue().counted(); n != 0; --n) {
    block* const b = ports_.queue().pop_counted();
    if ((b->marks & mark::dropped) == 0) {
      ports_.queue().push_counted(b);
    } else {
      drop(*b);
    }
  }
  husks_ = 0;
}

intake* reception::of(std::uint64_t port) noexcept {
  port_entry* const entry = ports_.find(port);
  return entry != nullptr && entry->is_port() && entry->extras != nullptr ? entry->extras->in() : nullptr;
}

intake* reception::of_mail(std::uint64_t port) {
  if (node_.memory() == nullptr) return of(port);
  port_entry* const entry = ports_.find(port);
  return entry == nullptr ? nullptr : &made(*entry);
}

intake& reception::made(port_entry& entry) {
  port_extras& all = ports_.extras(entry);
  if (all.in() == nullptr) {
    all.made_rare().in = std::make_unique<intake>(node_);
    if (all.coroutines != nullptr) all.coroutines->count_mail(*all.in());
  }
  return *all.in();
}

void reception::limit(std::uint64_t port, const port_limits& limits) {
  port_entry* const entry = ports_.find(port);
  if (entry == nullptr || !entry->is_port()) return;
  intake& in = made(*entry);
  in.limit(limits);
  in.forget_mail();
  if (entry->extras->coroutines != nullptr) entry->extras->coroutines->count_mail(in);
  in.lend();
  const auto now = in.is_limited() ? port_entry::state::limited : port_entry::state::live;
  if (now != entry->what) now == port_entry::state::limited ? ++limited_ : --limited_;
  entry->what = now;
  if (!in.is_limited()) return;
  const std::uint64_t before = ports_.enter(0);
  take_in();
  count_waiting(port);
  (void)ports_.enter(before);
}

// Those in the queue that came before the port had limits.
void reception::count_waiting(std::uint64_t port) {
  port_entry* entry = ports_.find(port);
  if (entry == nullptr || entry->waiting == entry->extras->in()->in_queue()) return;
  for (std::size_t n = ports_.queue().counted(); n != 0; --n) {
    block* const b = ports_.queue().pop_counted();
    const bool is_new = b->port == port && (b->marks & (mark::counted | mark::bounded)) == mark::counted;
    if (is_new && entry != nullptr && !admit_to(*entry, *b)) {
      entry = ports_.find(port);
      if (entry != nullptr) --entry->waiting;
      drop(*b);
    } else {
      ports_.queue().push_counted(b);
    }
  }
}

void reception::ask(std::uint64_t port, port_question what, const std::string& who, const port_id& reply) {
  port_entry* const entry = ports_.find(port);
  if (entry != nullptr && entry->is_port()) made(*entry).ask(what, who, reply);
}

}  // namespace aemp::core
