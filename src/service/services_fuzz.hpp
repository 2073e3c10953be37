// The stage of the room's fuzzers: like mesh/stage_fuzz.hpp, but the victim has its services. A capital
// letter is the peer of that small letter when it comes on a stream of its own for a data connection:
//
//     A ["b@a", "bytes", "more"]   for the one of that name, and with these bytes after the handshake
//     A null                       closes all its streams
#pragma once

#include <cctype>

#include <aemp/data_connection.hpp>

#include "mesh/stage_fuzz.hpp"
#include "service/data_hub.hpp"
#include "service/inspect.hpp"
#include "service/kept_entries.hpp"
#include "service/log_catcher.hpp"

namespace aemp::service {

// A stranger's end of a data connection.
class data_peer final : public mesh::member, net::stream_events {
 public:
  data_peer(sim::network& net, std::string node, std::string id, std::string bytes, const net::endpoint& at)
      : process_(net.start_process(node)), transport_(net, process_), unsent_(std::move(bytes)) {
    wire::session_config c;
    c.node_id = std::move(node);
    c.secret = "geheim";
    c.framings = {"json"};
    c.nonce = "nonce";
    c.protocol = mesh::data_protocol;
    c.served_protocols = {"aemp", mesh::data_protocol};
    c.more_keys = {{mesh::data_key, std::move(id)}};
    session_.emplace(std::move(c));
    attempt_ = transport_.dial(at, [this](result<std::unique_ptr<net::stream>> s) {
      if (!s) return;
      stream_ = std::move(*s);
      stream_->start(*this);
      write(session_->take_output());
    });
  }

  bool turn() override { return process_->poll(); }
  void hang_up() {
    attempt_.reset();
    stream_.reset();
  }

 private:
  void on_data(std::string_view in) override {
    while (!ready_ && stream_ != nullptr) {
      const wire::session_step step = session_->feed(in);
      in.remove_prefix(step.consumed);
      write(session_->take_output());
      if (step.event == wire::session_event::none) return;
      if (step.event == wire::session_event::failed) return hang_up();
      ready_ = step.event == wire::session_event::ready;
    }
    if (ready_) write(std::exchange(unsent_, {}));
  }
  void on_sent() override {
    writing_ = false;
    write({});
  }
  void on_tls(const result<void>&) override {}
  void on_closed(const std::string&) override { hang_up(); }

  void write(std::string_view text) {
    waiting_ += text;
    if (stream_ != nullptr && !writing_ && !waiting_.empty()) writing_ = !stream_->write(waiting_);
  }

  std::shared_ptr<sim::process> process_;
  sim::transport transport_;
  std::string unsent_, waiting_;
  std::optional<wire::session> session_;
  std::unique_ptr<net::attempt> attempt_;
  std::unique_ptr<net::stream> stream_;
  bool ready_ = false, writing_ = false;
};

class service_stage : public mesh::stage {
 public:
  explicit service_stage(const std::vector<mesh::greeting_keys>& keys) : stage(mesh::plain_settings(), keys) {
    victim.act([this] {
      victim.core.extend(std::make_unique<log_catcher>(victim.core));
      victim.core.extend(std::make_unique<data_hub>(victim.core));
      victim.core.extend(std::make_unique<inspect>(victim.core, true));
      victim.core.extend(std::make_unique<kept_entries>(victim.core));
      victim.core.extension<data_hub>().attach(victim.mesh);
      victim.core.extension<inspect>().attach(&victim.mesh);
      data_functions(victim.core).define_data("echo", [](std::string first, data_connection c) {
        c.write(first);
        c.on_data([c](std::string_view bytes) mutable {
          c.write(bytes);
          if (bytes.find("stop") != std::string_view::npos) c.close();
        });
      });
    });
  }
  ~service_stage() override {
    victim.act([this] { victim.core.extension<inspect>().attach(nullptr); });
  }

 private:
  void act(char who, const value& what) override {
    const auto peer = static_cast<std::size_t>(who - 'A');
    if (who < 'A' || peer + 1 >= peers.size()) return;
    if (what.is_null()) {
      for (data_peer* p : streams_) p->hang_up();
      return;
    }
    const std::string id = what[0].to_string();
    if (streams_.size() >= 8 || id.empty() || id.find_first_of(std::string_view("\n;=\0", 4)) != id.npos)
      return;
    std::string bytes;
    for (std::size_t i = 1; i < what.size(); ++i) bytes += what[i].to_string();
    const std::string name(1, static_cast<char>(std::tolower(who)));
    streams_.push_back(&w.join(std::make_unique<data_peer>(w.net, name, id, std::move(bytes), place)));
  }

  std::vector<data_peer*> streams_;
};

}  // namespace aemp::service
