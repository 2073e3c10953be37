#include "mesh/circuit.hpp"

#include <algorithm>
#include <utility>

#include "wire/hash.hpp"

namespace aemp::mesh {
namespace {

constexpr std::size_t frame_bytes = std::size_t{24} << 10;
constexpr std::size_t confirm_after = circuit::window / 4;
constexpr core::duration last_words = std::chrono::seconds(1);

}  // namespace

class circuit::end final : public net::stream {
 public:
  explicit end(std::shared_ptr<circuit> of) : of_(std::move(of)) {}
  ~end() override { of_->drop(); }

  void start(net::stream_events& events) override { of_->start(events); }
  void redirect(net::stream_events& events) override { of_->start(events); }
  bool write(std::string& bytes) override { return of_->write(bytes); }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {
    of_->lost("there is no TLS inside a circuit");
  }
  void pause(bool paused) override { of_->pause(paused); }
  void finish(std::string bytes) override { of_->finish(std::move(bytes)); }
  net::endpoint local() const override { return {}; }
  net::endpoint remote() const override { return of_->remote_; }

 private:
  const std::shared_ptr<circuit> of_;
};

std::unique_ptr<net::stream> circuit::make_stream() { return std::make_unique<end>(shared_from_this()); }

// ---- the stream's side ----

void circuit::start(net::stream_events& events) {
  events_ = &events;
  wake();
}

bool circuit::write(std::string& bytes) {
  unsent_ += bytes;
  bytes.clear();
  pump();
  return !(writing_ = !unsent_.empty());
}

void circuit::pause(bool paused) {
  paused_ = paused;
  wake();
}

void circuit::finish(std::string bytes) {
  events_ = nullptr;
  if (over_) return;
  closing_ = true;
  unsent_ += bytes;
  limit_.start(worker_, last_words, [this] { hang_up("it did not read the last words"); });
  pump();
}

void circuit::drop() {
  events_ = nullptr;
  if (!closing_) hang_up("Unexpected end-of-file");
}

// ---- the other end ----

void circuit::frame(const std::vector<value>& f) {
  if (over_ || f.empty()) return;
  const std::string kind = f[0].to_string();
  const auto argument = [&](std::size_t i) { return i < f.size() ? f[i] : value(); };
  if (kind == "data") return on_data(argument(1), argument(2));
  if (kind == "end") return lost(argument(1).to_string());
  if (kind != "ack") return;
  const auto bytes = argument(1).to<std::uint64_t>();
  if (!bytes || *bytes > sent_) return hang_up("bytes were confirmed that were never sent");
  confirmed_ = std::max(confirmed_, *bytes);
  pump();
}

void circuit::on_data(const value& offset, const value& text) {
  const auto bytes = text.is_text() ? wire::from_base64(text.text()) : std::nullopt;
  const auto at = offset.to<std::uint64_t>();
  if (!bytes || !at || *at != received_) return hang_up("bytes of it are missing");
  received_ += bytes->size();
  if (received_ - read_ > window) return hang_up("more came than the window allows");
  unread_ += *bytes;
  wake();
}

void circuit::lost(std::string why) {
  if (std::exchange(over_, true)) return;
  const auto keep = shared_from_this();
  limit_.cancel();
  why_ = std::move(why);
  wake();
  tell_.over();
}

void circuit::hang_up(const std::string& why) {
  if (over_) return;
  const auto keep = shared_from_this();
  tell_.send({"end", why});
  lost(why);
}

// Sending may lose the circuit, so over_ is checked before each frame.
void circuit::pump() {
  std::size_t done = 0;
  while (!over_ && done < unsent_.size() && sent_ - confirmed_ < window) {
    const std::size_t n = std::min({unsent_.size() - done, frame_bytes, window - (sent_ - confirmed_)});
    const std::string text = wire::to_base64(std::string_view(unsent_).substr(done, n));
    const std::uint64_t offset = sent_;
    sent_ += n;
    done += n;
    tell_.send({"data", offset, text});
  }
  unsent_.erase(0, done);
  if (!unsent_.empty() || over_) return;
  if (std::exchange(writing_, false)) {
    sent_all_ = true;
    wake();
  }
  if (closing_) hang_up("Unexpected end-of-file");
}

// ---- events ----

void circuit::wake() {
  if (events_ == nullptr || std::exchange(awake_, true)) return;
  worker_.enqueue(detail::make_task([self = weak_from_this()] {
    if (const auto alive = self.lock()) alive->serve();
  }));
}

void circuit::serve() {
  awake_ = false;
  if (events_ != nullptr && !paused_ && !unread_.empty()) {
    const std::string data = std::exchange(unread_, {});
    read_ += data.size();
    if (!over_ && read_ - told_ >= confirm_after) {
      told_ = read_;
      tell_.send({"ack", told_});
    }
    if (events_ != nullptr) events_->on_data(data);
  }
  if (events_ != nullptr && std::exchange(sent_all_, false)) events_->on_sent();
  if (events_ != nullptr && over_ && unread_.empty()) std::exchange(events_, nullptr)->on_closed(why_);
}

}  // namespace aemp::mesh
