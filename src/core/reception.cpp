#include "core/reception.hpp"

#include <memory>

#include "core/conversation.hpp"
#include "core/extras.hpp"
#include "core/marks.hpp"
#include "core/port_space.hpp"
#include "data/weight.hpp"

namespace aemp::core {

using detail::block;

namespace {

// A message that others hold, too, weighs what its place in the queue does.
std::size_t queued_weight_of(block& b) noexcept {
  return b.what == block::kind::shared ? sizeof(detail::shared_block) : data::weight_of(b);
}

}  // namespace

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

// Stops at what is for a port that a task in the queue will open: that has no limits yet. What is dropped may do anything
// when it is destroyed, so this goes on until nothing is left.
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
    const bool is_new = b->what != block::kind::task && (b->marks & mark::taken_in) == 0;
    b->marks |= mark::taken_in;
    if (is_new && entry != nullptr && entry->what == port_entry::state::limited && !admit(*b)) {
      drop(*b);
      continue;
    }
    ports_.queue().push_counted(b);
  }
  if (husks_ > 1024 && husks_ > ports_.queue().counted() / 2) sweep();
}

// The intake of a port with limits; null if it has none, or is gone.
intake* reception::limited(std::uint64_t port) noexcept {
  port_entry* const entry = ports_.find(port);
  return entry != nullptr && entry->what == port_entry::state::limited ? entry->extras->in() : nullptr;
}

// False: it is dropped. What gives way may end the port when it is destroyed.
bool reception::admit(block& b) {
  using verdict = intake::verdict;
  for (;;) {
    intake* const in = limited(b.port);
    if (in == nullptr) return true;
    const verdict v = in->arrive(b);
    if (v == verdict::fits) return true;
    if (v == verdict::too_much_for_oldest && drop_oldest(b.port)) continue;
    if (v == verdict::kills) {
      kill(b.port);
    } else {
      refuse(b.port);
    }
    return false;
  }
}

// The port ends when the turn of the message comes for which there was no room: what was in front is handled, monitors
// among it.
void reception::kill(std::uint64_t port) {
  block* const task = detail::make_task([&ports = ports_, port] {
    ports.end(port, message("mailbox_full", "more waited for the port than its limits allow"));
  });
  ports_.queue().push_counted(task);
}

// False: nothing waits that could give way.
bool reception::drop_oldest(std::uint64_t port) {
  port_entry& entry = *ports_.find(port);
  intake& in = *entry.extras->in();
  conversation* const c = entry.extras->coroutines;
  if (c != nullptr && c->has_mail()) {
    in.count_dropped();
    c->drop_oldest();  // and the port may be gone
    return true;
  }
  if (!in.drop_oldest()) return false;
  in.count_dropped();
  ++husks_;
  return true;
}

void reception::refuse(std::uint64_t port) {
  port_entry& entry = *ports_.find(port);
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
  if ((b.marks & mark::bounded) != 0) {
    if (intake* const in = of(b.port)) in->leave(b);
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
  if (!is_counting(ports_.queue())) ports_.queue().close();
  intake& in = made(*entry);
  const bool knew_order = in.knows_order();
  in.limit(limits);
  if (in.knows_order() && !knew_order) note_order(port, in);
  in.forget_mail();
  if (entry->extras->coroutines != nullptr) entry->extras->coroutines->count_mail(in);
  const auto now = in.is_limited() ? port_entry::state::limited : port_entry::state::live;
  if (now != entry->what) now == port_entry::state::limited ? ++limited_ : --limited_;
  entry->what = now;
  in.lend();
}

// Of the messages that were counted already. A look at all that waits, which is rare.
void reception::note_order(std::uint64_t port, intake& in) {
  if (in.waiting() == 0) return;
  ports_.queue().for_each([&](const block& b) {
    const bool counts = (b.marks & (mark::bounded | mark::dropped)) == mark::bounded;
    if (b.port == port && counts) in.note_order(const_cast<block&>(b));
    return true;
  });
}

void reception::ask(std::uint64_t port, port_question what, const std::string& who, const port_id& reply) {
  port_entry* const entry = ports_.find(port);
  if (entry == nullptr || !entry->is_port()) return;
  if (what == port_question::presence) return node_.send(reply, message(1).leak());
  made(*entry).ask(what, who, reply);
}

}  // namespace aemp::core
