// A peer that knows nothing of our rules, as a real 1.30 node: it greets and proves itself at once on every
// connection, refuses a greeting of a node that is connected already, and when a second connection to one
// node completes, that is its defect (aemp-protocol J.1), which is what a test looks for. It can also stop at
// any point of the handshake.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mesh/mesh_test.hpp"
#include "wire/framing.hpp"
#include "wire/hash.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

inline message whole_packet(std::string_view port, const message& m) {
  std::vector<value> all = m.elements();
  all.insert(all.begin(), value(port));
  return message::of(std::move(all));
}

class plain_peer final : public member {
 public:
  struct options {
    std::string secret = "geheim";
    std::vector<std::pair<std::string, std::string>> keys = {};
    bool silent = false;  // says nothing at all
    bool stop_before_auth = false;
    bool prove_late = false;               // when prove() is called
    bool many = false;                     // is for several nodes at once
    bool frozen = false;                   // reads and answers nothing once it is up
    std::optional<std::string> line = {};  // the greeting's first, as captured from a real node
    std::string nonce = {};                // and its second
    std::vector<std::string> framings = {"json"};
  };

  plain_peer(sim::network& net, const std::string& host, std::string id)
      : plain_peer(net, host, std::move(id), options()) {}
  plain_peer(sim::network& net, const std::string& host, std::string id, options how)
      : id_(std::move(id)),
        how_(std::move(how)),
        process(net.start_process(host)),
        transport_(net, process) {}

  void listen(const net::endpoint& at) {
    auto made = transport_.listen(at, [this](std::unique_ptr<net::stream> s) { adopt(std::move(s)); });
    ASSERT_TRUE(made) << made.error().text;
    listener_ = std::move(*made);
  }
  void dial(const net::endpoint& at) {
    attempts_.push_back(transport_.dial(at, [this](result<std::unique_ptr<net::stream>> s) {
      if (s) adopt(std::move(*s));
    }));
  }

  bool turn() override { return process->poll(); }

  // To the peer, as if it came from a port of ours.
  void send(std::string_view port, const message& m) { send_to({}, port, m); }
  void send_to(const std::string& node, std::string_view port, const message& m) {
    for (auto& e : ends_) {
      if (!e->is_up || (!node.empty() && e->session.peer().node_id != node)) continue;
      wire::out_buffer out;
      wire::make_encoder(e->session.framing_to_write())->append(out, port, m);
      e->write(out.text());
    }
  }
  void write(std::string_view raw) {
    for (auto& e : ends_) {
      if (e->stream != nullptr) e->write(raw);
    }
  }
  // Shows the proofs that were kept back (options::prove_late).
  void prove(std::uint64_t acceptance = 0) {
    for (const auto& e : ends_) {
      e->session.send_auth(acceptance);
      e->on_data({});
    }
  }
  void hang_up() {
    for (auto& e : ends_) e->drop();
  }

  bool has(const std::string& node) const {
    return std::any_of(ends_.begin(), ends_.end(), [&](const auto& e) {
      return e->is_up && (!how_.many || e->session.peer().node_id == node);
    });
  }
  int up() const {
    int n = 0;
    for (const auto& e : ends_) n += e->is_up ? 1 : 0;
    return n;
  }
  int open() const {
    int n = 0;
    for (const auto& e : ends_) n += e->stream != nullptr ? 1 : 0;
    return n;
  }

  std::vector<std::string> packets;  // "port message"
  std::vector<message> seen;         // the same, whole: the port's name is the first element
  std::size_t bytes = 0;             // behind the handshakes
  int completed = 0;                 // handshakes
  bool switched = false;             // a second one completed while the first was up

 private:
  struct end final : net::stream_events, wire::packet_sink {
    end(plain_peer& p, std::unique_ptr<net::stream> s, wire::session_config c)
        : owner(p), stream(std::move(s)), session(std::move(c)) {
      stream->start(*this);
      if (!owner.how_.silent) write(session.take_output());
    }

    void write(std::string_view text) {
      unsent += text;
      if (stream != nullptr && !writing && !unsent.empty()) writing = !stream->write(unsent);
    }
    void drop() {
      stream.reset();
      is_up = false;
    }

    void on_data(std::string_view in) override {
      while (!is_up) {
        const auto step = session.feed(in);
        in.remove_prefix(step.consumed);
        switch (step.event) {
          case wire::session_event::peer_named:
            if (owner.how_.stop_before_auth || owner.how_.prove_late) session.hold_auth();
            if (owner.has(session.peer().node_id)) return drop();
            break;
          case wire::session_event::ready:
            owner.switched = owner.switched || owner.has(session.peer().node_id);
            is_up = true;
            ++owner.completed;
            decoder = wire::make_decoder(session.framing_to_read());
            break;
          case wire::session_event::verified:
            if (!owner.how_.prove_late) return drop();
            return;
          case wire::session_event::none:
            if (!owner.how_.silent) write(session.take_output());
            return;
          default:
            return drop();
        }
        if (!owner.how_.silent) write(session.take_output());
      }
      owner.bytes += in.size();
      received += in;
      const auto done = decoder->decode(received, *this);
      ASSERT_TRUE(done) << done.error().text;
      received.erase(0, *done);
    }
    void on_sent() override {
      writing = false;
      write({});
    }
    void on_tls(const result<void>&) override {}
    void on_closed(const std::string&) override { drop(); }
    void packet(const wire::destination& to, message&& m) override {
      if (owner.how_.frozen) return;
      owner.seen.push_back(whole_packet(to.name, m));
      if (to.name.empty() && m[0] == value("snd")) return forward(m);
      owner.packets.push_back(std::string(to.name) + " " + m.to_string());
    }

    // As each node port does (aemp-protocol D.1).
    void forward(const message& m) {
      if (m.size() < 2) return;
      const std::string to = m[1].to_string();
      std::vector<value> rest = m.elements();
      rest.erase(rest.begin(), rest.begin() + 2);
      owner.send_to(to.substr(0, to.find('#')), to.substr(to.find('#') + 1), message::of(std::move(rest)));
    }

    plain_peer& owner;
    std::unique_ptr<net::stream> stream;
    wire::session session;
    std::unique_ptr<wire::decoder> decoder;
    std::string unsent, received;
    bool is_up = false;
    bool writing = false;
  };

  void adopt(std::unique_ptr<net::stream> s) {
    wire::session_config c;
    c.node_id = id_;
    c.secret = how_.secret;
    c.framings = how_.framings;
    c.provider = "AE-1.30";
    c.more_keys = how_.keys;
    c.peeraddr = s->remote().str();
    std::array<unsigned char, wire::nonce_bytes> random{};
    luck_.fill(std::as_writable_bytes(std::span(random)));
    c.nonce = how_.nonce.empty() ? wire::make_nonce(random) : how_.nonce;
    c.captured_line = how_.line;
    ends_.push_back(std::make_unique<end>(*this, std::move(s), std::move(c)));
  }

  const std::string id_;
  const options how_;
  sim::chance luck_{99};

 public:
  std::shared_ptr<sim::process> process;

 private:
  sim::transport transport_;
  std::unique_ptr<net::listener> listener_;
  std::vector<std::unique_ptr<net::attempt>> attempts_;
  std::vector<std::unique_ptr<end>> ends_;
};

}  // namespace aemp::mesh
