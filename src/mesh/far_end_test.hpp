// A stream whose other end is in the test's hand, and a network of such streams: nothing arrives, and no dial is
// answered, before the test says so.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/world_test.hpp"
#include "net/transport.hpp"
#include "wire/framing.hpp"
#include "wire/hash.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

// What both ends of a stream share.
struct line {
  net::endpoint remote;
  net::stream_events* near = nullptr;  // null: not started yet, or closed
  std::string written = {};            // by the near end, not read yet
  bool open = true;                    // the near end has not closed it
  bool started = false;
  bool jammed = false;    // no write comes to an end
  bool no_start = false;  // start() throws
  bool no_local = false;  // local() throws
  std::function<void()> when_finished = {};
};

class near_end final : public net::stream {
 public:
  explicit near_end(std::shared_ptr<line> of) : of_(std::move(of)) { of_->open = true; }
  ~near_end() override {
    of_->near = nullptr;
    of_->open = false;
  }
  void start(net::stream_events& events) override {
    if (of_->no_start) throw std::runtime_error("a fault in start()");
    of_->near = &events;
    of_->started = true;
  }
  void redirect(net::stream_events& events) override { of_->near = &events; }
  bool write(std::string& bytes) override {
    of_->written += bytes;
    bytes.clear();
    return !of_->jammed;
  }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {}
  void pause(bool) override {}
  void finish(std::string bytes) override {
    of_->written += bytes;
    if (of_->when_finished) of_->when_finished();
  }
  net::endpoint local() const override {
    if (of_->no_local) throw std::runtime_error("a fault in local()");
    return {"10.0.0.1", 4040};
  }
  net::endpoint remote() const override { return of_->remote; }

 private:
  const std::shared_ptr<line> of_;
};

// The other node of one connection. It takes each step of the handshake when it is told to.
class far_end final : wire::packet_sink {
 public:
  struct who {
    std::string id;
    std::string instance = {};
    std::string host = "10.0.0.2";
    bool has_rule = true;  // of the arbiter
    std::string protocol = "aemp";
    std::vector<std::pair<std::string, std::string>> keys = {};
  };

  far_end(core::world& w, who am) : world_(w), shared_(std::make_shared<line>(line{{am.host, 4040}})) {
    static unsigned char count = 0;
    std::array<unsigned char, wire::nonce_bytes> random{++count};
    wire::session_config c;
    c.node_id = std::move(am.id);
    c.secret = "geheim";
    c.framings = {"json"};
    c.nonce = wire::make_nonce(random);
    c.protocol = am.protocol;
    c.more_keys = std::move(am.keys);
    if (am.has_rule) c.more_keys.emplace_back("arbiter", "1");
    if (!am.instance.empty()) c.more_keys.emplace_back("instance", am.instance);
    session_ = std::make_unique<wire::session>(std::move(c));
  }

  // The near end; another one when that is gone.
  std::unique_ptr<net::stream> stream() { return std::make_unique<near_end>(shared_); }

  void greet() {
    say(session_->take_output());
    read();
  }
  void prove(std::uint64_t acceptance = 0) {
    read();
    session_->send_auth(acceptance);
    say(session_->take_output());
    read();
  }
  void shake_hands() {
    greet();
    prove();
  }
  void send(std::string_view port, const message& m) {
    wire::out_buffer out;
    wire::make_encoder(session_->framing_to_write())->append(out, port, m);
    say(out.text());
  }
  void say(std::string_view raw) {
    world_.inside([&] {
      if (shared_->near != nullptr) shared_->near->on_data(raw);
    });
    world_.settle();
  }
  void hang_up() {
    world_.inside([&] {
      if (shared_->near != nullptr) shared_->near->on_closed("Unexpected end-of-file");
    });
    world_.settle();
  }

  line& shared() { return *shared_; }
  bool is_open() const { return shared_->open; }
  bool has_seen_proof() {
    read();
    return proven_;
  }
  bool is_up() {
    read();
    return up_;
  }
  // The number of this node's acceptance, as it came with the proof.
  std::uint64_t acceptance() {
    read();
    return session_->peer_acceptance();
  }
  // "port message" for each packet that has come, heartbeats apart.
  std::vector<std::string> heard() {
    read();
    return heard_;
  }

 private:
  void read() {
    world_.settle();
    unread_ += std::exchange(shared_->written, {});
    while (!up_) {
      const wire::session_step step = session_->feed(unread_);
      unread_.erase(0, step.consumed);
      if (step.event == wire::session_event::none || step.event == wire::session_event::failed) return;
      if (step.event == wire::session_event::peer_named) session_->hold_auth();
      if (step.event == wire::session_event::verified) proven_ = true;
      if (step.event == wire::session_event::ready) proven_ = up_ = true;
    }
    if (decoder_ == nullptr) decoder_ = wire::make_decoder(session_->framing_to_read());
    const auto done = decoder_->decode(unread_, *this);
    ASSERT_TRUE(done) << done.error().text;
    unread_.erase(0, *done);
  }
  void packet(const wire::destination& to, message&& m) override {
    if (!m.empty()) heard_.push_back(std::string(to.name) + " " + m.to_string());
  }

  core::world& world_;
  const std::shared_ptr<line> shared_;
  std::unique_ptr<wire::session> session_;
  std::unique_ptr<wire::decoder> decoder_;
  std::string unread_;
  std::vector<std::string> heard_;
  bool proven_ = false, up_ = false;
};

class still_network final : public net::transport {
 public:
  std::size_t descriptors = 1000;  // that are left
  std::vector<net::endpoint> dials;

  // What the last dial of that place comes to.
  void answer(const net::endpoint& at, result<std::unique_ptr<net::stream>> with) {
    for (auto c = calls_.rbegin(); c != calls_.rend(); ++c) {
      if ((*c)->at != at || !(*c)->done) continue;
      const dialled done = std::exchange((*c)->done, {});
      return done(std::move(with));
    }
    ADD_FAILURE() << "nobody waits for " << at.str();
  }

  std::unique_ptr<net::attempt> dial(const net::endpoint& to, dialled done) override {
    dials.push_back(to);
    calls_.push_back(std::make_shared<call>(call{to, std::move(done)}));
    return std::make_unique<waiting>(calls_.back());
  }
  result<std::unique_ptr<net::listener>> listen(const net::endpoint& at, accepted) override {
    return std::unique_ptr<net::listener>(std::make_unique<ear>(at));
  }
  std::size_t room() override { return descriptors; }
  std::unique_ptr<net::attempt> resolve(const std::string&, std::uint16_t, resolved) override {
    return std::make_unique<net::attempt>();
  }
  result<std::vector<net::endpoint>> resolve_now(const std::string&, const std::string&) override {
    return error{"unresolvable", "there is no name server"};
  }
  std::vector<std::string> own_addresses() override { return {"10.0.0.1"}; }
  std::string host_name() override { return "here"; }

 private:
  struct call {
    net::endpoint at;
    dialled done;
  };
  class waiting final : public net::attempt {
   public:
    explicit waiting(std::shared_ptr<call> on) : on_(std::move(on)) {}
    ~waiting() override { on_->done = {}; }

   private:
    const std::shared_ptr<call> on_;
  };
  class ear final : public net::listener {
   public:
    explicit ear(net::endpoint at) : at_(std::move(at)) {}
    net::endpoint local() const override { return at_; }

   private:
    const net::endpoint at_;
  };

  std::vector<std::shared_ptr<call>> calls_;
};

}  // namespace aemp::mesh
