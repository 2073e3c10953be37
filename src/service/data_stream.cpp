#include "service/data_stream.hpp"

#include <algorithm>

#include "mesh/heartbeat.hpp"
#include "net/net_error.hpp"
#include "service/data_hub.hpp"

namespace aemp::service {

namespace {

constexpr std::size_t enough = data_connection::enough;
// How often we ask the kernel whether the other host has confirmed the last bytes.
constexpr core::duration confirmation_interval = std::chrono::milliseconds(20);
// How often we check an ended connection that nobody listens to.
constexpr core::duration listener_interval = std::chrono::seconds(1);

}  // namespace

data_stream::data_stream(detail::local_node& node, std::uint32_t worker, std::uint64_t port,
                         std::string other, bool own_port, std::shared_ptr<data_account> account)
    : owned(kind::stream, node, worker, port, {}),
      other(std::move(other)),
      own_port_(own_port),
      local_(this->other.empty() || this->other == node.id()),
      account_(std::move(account)) {}

data_stream::~data_stream() { forget_bytes(); }

data_hub& data_stream::hub() const { return node.extension<data_hub>(); }

core::time_point data_stream::now() const { return node.network_worker().now(); }

void data_stream::connect(mesh::raw_stream s) {
  enter([&] {
    stream_ = std::move(s.stream);
    writing_ = s.writing;
    framed_ = s.framed;
    speak_every_ = s.speak_every;
    listen_for_ = s.listen_for;
    last_said_ = last_heard_ = now();
    unsent_ += s.unsent.size();
    out_.add_raw(s.unsent);
    stream_->redirect(*this);
    if (!s.received.empty()) received(s.received);
    regulate();
    flush();
    tick();
  });
}

// ---- sending ----

bool data_stream::write(std::string_view bytes) {
  if (bytes.empty()) return unsent() <= enough;
  const bool room = unsent_.fetch_add(bytes.size()) + bytes.size() <= enough;
  if (!room) full_ = true;
  at_network([this, copy = std::string(bytes)] {
    if (closing_ || gone_) {
      unsent_ -= copy.size();
      return;
    }
    framed_ ? out_.add_bytes(copy) : out_.add_raw(copy);
    if (out_.size() >= enough) {
      flush();
    } else {
      flush_soon();
    }
  });
  return room;
}

// Writes of one turn leave together.
void data_stream::flush_soon() {
  if (std::exchange(flushes_soon_, true)) return;
  post_to(node.network_worker(), 0, [this] {
    flushes_soon_ = false;
    enter([this] { flush(); });
  });
}

void data_stream::flush() {
  if (stream_ == nullptr || writing_ || out_.empty()) return;
  in_flight_ = out_.take_payload();
  last_said_ = now();
  writing_ = !stream_->write(out_.buffer());
  if (!writing_) left();
}

void data_stream::on_sent() {
  enter([this] {
    writing_ = false;
    left();
  });
}

// The bytes in flight are with the kernel now.
void data_stream::left() {
  const std::size_t n = std::exchange(in_flight_, 0);
  const std::size_t now = unsent_.fetch_sub(n) - n;
  if (now < enough / 2 && full_.exchange(false)) {
    if (unsent() >= enough / 2) full_ = true;  // more was written meanwhile, so a report is owed again
    in_port([this] {
      if (over.load(std::memory_order_acquire)) return;
      if (const auto f = drained_) (*f)();
    });
  }
  if (!out_.empty()) return flush();
  if (closing_) all_written();
}

// ---- receiving ----

void data_stream::on_data(std::string_view bytes) {
  enter([&] { received(bytes); });
}

void data_stream::received(std::string_view bytes) {
  last_heard_ = now();
  suspicious_ = false;
  if (!framed_) return got(bytes);
  data_frame_reader::piece p{};
  while (!gone_) {
    switch (reader_.next(bytes, p)) {
      case data_frame_reader::outcome::hungry:
        return;
      case data_frame_reader::outcome::malformed:
        return broke("bad_data_frame: node " + other + " sent an invalid frame");
      case data_frame_reader::outcome::piece:
        got_piece(p);
    }
  }
}

void data_stream::got_piece(const data_frame_reader::piece& p) {
  switch (p.what) {
    case data_frame::bytes:
      return got(p.text);
    case data_frame::end:
      return their_end();
    case data_frame::taken:
      return answered({});
    case data_frame::missed:
      return answered("ended_early: " + std::string(p.text));
    case data_frame::aborted:
      return broke("aborted: " + std::string(p.text));
  }
}

void data_stream::got(std::string_view bytes) {
  if (their_end_) return broke("bad_data_frame: node " + other + " sent more after its end");
  if (closing_ || over.load(std::memory_order_acquire)) {
    missed_ = true;
    return;
  }
  undelivered_ += bytes.size();
  account_->bytes += bytes.size();
  in_port([this, copy = std::string(bytes)] { deliver(copy); });
  regulate();
}

// Besides a pause by the user, back-pressure stops the reading in two cases: `enough` bytes wait here, or some
// do while the account of the other node, over all its connections, is full. In the second case reading goes on
// when no bytes wait here any more.
void data_stream::regulate() {
  bool stop = paused_ || undelivered_.load() >= enough;
  if (!stop && undelivered_.load() != 0 && account_->is_full()) {
    crowded_ = true;
    stop = undelivered_.load() != 0;
  }
  if (closing_ || their_end_) stop = false;
  if (stream_ == nullptr || stop == stopped_) return;
  stream_->pause(stopped_ = stop);
  if (stop) return;
  last_heard_ = now();
  tick();
}

void data_stream::pause(bool paused) {
  at_network([this, paused] {
    paused_ = paused;
    regulate();
  });
}

// ---- the end ----

void data_stream::close(std::function<void(const std::string&)> done) {
  if (!finish()) {
    if (!done) return;
    return at_owner([this, done = std::move(done)] {
      in_port([done] { done("ended_early: the connection was over before it was closed"); });
    });
  }
  const core::node_use use(home);
  if (!use || node.is_shut_down()) return;
  if (!local_) hub().closing_begins();
  at_network([this, done = std::move(done)]() mutable { begin_to_close(std::move(done)); });
}

// From now on, arriving bytes are discarded, but still read, or else the other side could wait forever.
void data_stream::begin_to_close(std::function<void(const std::string&)> done) {
  done_ = std::move(done);
  closing_ = true;
  if (stream_ == nullptr) return closed("ended_early: the connection was broken when it was closed");
  regulate();
  if (framed_) out_.add(data_frame::end);
  if (their_end_) answer(out_);
  if (out_.empty() && !writing_) return all_written();
  flush();
}

// With frames, the other side says when it has everything.
void data_stream::all_written() {
  if (framed_ || stream_ == nullptr) return;
  const std::size_t left = done_ ? stream_->unconfirmed() : 0;
  if (left == 0) {
    goodbye({});
    return closed({});
  }
  if (left != std::exchange(unconfirmed_, left)) last_heard_ = now();
  if (listen_for_ > core::duration(0) && now() - last_heard_ >= listen_for_)
    return broke("timed_out: the last " + std::to_string(left) + " bytes were not confirmed for " +
                 mesh::in_seconds(listen_for_) + " s");
  tick_.start(node.network_worker(), confirmation_interval, [this] { enter([this] { all_written(); }); });
}

void data_stream::their_end() {
  if (std::exchange(their_end_, true)) return broke("bad_data_frame: node " + other + " ends twice");
  regulate();
  if (closing_) {
    answer(out_);
    return flush();
  }
  in_port([this] { end_came({}); });
  look_for_listener();
}

// Tells the other side whether the port has everything.
void data_stream::answer(data_frame_writer& to) const {
  if (missed_ || undelivered_.load() != 0) {
    to.add(data_frame::missed, "the port at node " + node.id() + " has not taken everything");
  } else {
    to.add(data_frame::taken);
  }
}

void data_stream::answered(const std::string& why) {
  if (!closing_)
    return broke("bad_data_frame: node " + other + " answered an end that this node did not send");
  goodbye(std::move(out_.buffer()));
  closed(why);
}

// The port has heard of the end, and has everything that came before it.
void data_stream::end_taken() {
  if (stream_ != nullptr && framed_ && their_end_) {
    data_frame_writer last;
    answer(last);
    goodbye(last.buffer());
  }
  forget();
}

void data_stream::on_closed(const std::string& why) {
  enter([&] {
    if (why != net::end_of_file) return broke("broken: " + why);
    if (!framed_) return broke({});
    broke("ended_early: node " + other + " did not say that it was done: its process or the line was lost");
  });
}

// An empty `why` is an end that has to count as orderly. If the other side has announced its end before, that
// takes precedence.
void data_stream::broke(const std::string& why) {
  if (std::exchange(gone_, true)) return;
  stream_.reset();
  tick_.cancel();
  if (closing_) {
    const bool all_left = out_.empty() && !writing_;
    return closed(why.empty() && !all_left ? "ended_early: node " + other + " ended first" : why);
  }
  if (their_end_) return;
  in_port([this, why] { end_came(why); });
  look_for_listener();
}

void data_stream::failed() { broke("internal_error: an exception in this node, which its log shows"); }

// After close(): the outcome is known.
void data_stream::closed(const std::string& why) {
  if (done_) in_port([done = std::exchange(done_, {}), why] { done(why); });
  forget();
}

// Cancelled, or the port has ended.
void data_stream::taken_back() {
  enter([this] {
    abort("the port at node " + node.id() + " has ended, or has aborted the connection");
    forget();
  });
}

void data_stream::abort(std::string_view why) {
  if (stream_ == nullptr) return;
  if (!framed_) return stream_.reset();
  data_frame_writer last;
  last.add(data_frame::aborted, why);
  goodbye(last.buffer());
}

void data_stream::goodbye(std::string last) {
  stream_->finish(std::move(last));
  stream_.reset();
}

// Nothing more will come.
void data_stream::forget() {
  if (std::exchange(forgotten_, true)) return;
  gone_ = true;
  stream_.reset();
  tick_.cancel();
  look_again_.cancel();
  if (closing_ && !local_) hub().closing_ends();
  detail::retain(this);
  const aemp::handle keep(this);
  hub().gone(*this);
  // A task, so that it runs behind everything that is on its way to the port.
  post_to(node.worker(worker), 0, [this] {
    ended();
    at_network([this] { hub().release(*this); });
  });
}

// No port will take these bytes any more, so they must not count in the account.
void data_stream::forget_bytes() noexcept { account_->bytes -= undelivered_.exchange(0); }

// Breaks cycles: callbacks may hold the connection itself.
void data_stream::let_go() noexcept {
  enter([this] { abort("node " + node.id() + " was stopped"); });
  stream_.reset();
  tick_.cancel();
  look_again_.cancel();
  done_ = nullptr;
  data_ = nullptr;
  drained_ = nullptr;
  closed_ = nullptr;
}

// ---- silence ----

void data_stream::start_tick(core::time_point due) {
  tick_.start(node.network_worker(), std::max(due - now(), core::duration(0)),
              [this] { enter([this] { tick(); }); });
}

void data_stream::tick() {
  if (stream_ == nullptr || !framed_ || speak_every_ <= core::duration(0)) return;
  const core::time_point time = now();
  if (time - last_said_ >= speak_every_) {
    last_said_ = time;
    if (!writing_ && out_.empty()) {
      out_.add(data_frame::bytes);
      flush();
    }
  }
  core::time_point next = last_said_ + speak_every_;
  if (!is_silent(time, next)) return start_tick(next);
  broke("timed_out: nothing came from node " + other + " for " + mesh::in_seconds(listen_for_) + " s");
}

// The first time we only become suspicious: if this process was held up itself, what the other side sent is
// waiting to be read. Only time during which we read counts.
bool data_stream::is_silent(core::time_point time, core::time_point& next) {
  if (stopped_) return false;
  const core::duration patience = suspicious_ ? listen_for_ : listen_for_ - listen_for_ / 10;
  if (time - last_heard_ < patience) {
    next = std::min(next, last_heard_ + patience);
    return false;
  }
  if (suspicious_) return true;
  suspicious_ = true;
  next = std::min(next, time + listen_for_ / 10);
  return false;
}

// A listener may never come. Then the end is passed when the last handle is gone. Nobody is told of that
// moment, so this polls for it.
void data_stream::look_for_listener() {
  look_again_.start(node.network_worker(), listener_interval, [this] {
    enter([this] {
      in_port([this] { pass_end(); });
      look_for_listener();
    });
  });
}

}  // namespace aemp::service
