// A transport that throws when a test wants it to, as the memory that is not there would; else it is the one
// behind it.
#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "net/transport.hpp"

namespace aemp::mesh {

class faulty_transport final : public net::transport {
 public:
  explicit faulty_transport(net::transport& real) : real_(real) {}

  // The next so many of them throw: calls of dial() and resolve(), and the start of streams.
  int dials = 0, resolves = 0, streams = 0;

  std::unique_ptr<net::attempt> dial(const net::endpoint& to, dialled done) override {
    fail(dials, "a fault in dial()");
    return real_.dial(to, [this, done = std::move(done)](result<std::unique_ptr<net::stream>> r) {
      if (r) *r = checked(std::move(*r));
      done(std::move(r));
    });
  }
  result<std::unique_ptr<net::listener>> listen(const net::endpoint& at, accepted each) override {
    return real_.listen(
        at, [this, each = std::move(each)](std::unique_ptr<net::stream> s) { each(checked(std::move(s))); });
  }
  std::size_t room() override { return real_.room(); }
  std::unique_ptr<net::attempt> resolve(const std::string& host, std::uint16_t port, resolved done) override {
    fail(resolves, "a fault in resolve()");
    return real_.resolve(host, port, std::move(done));
  }
  result<std::vector<net::endpoint>> resolve_now(const std::string& host,
                                                 const std::string& service) override {
    return real_.resolve_now(host, service);
  }
  std::vector<std::string> own_addresses() override { return real_.own_addresses(); }
  std::string host_name() override { return real_.host_name(); }

 private:
  class broken_stream final : public net::stream {
   public:
    explicit broken_stream(std::unique_ptr<net::stream> real) : real_(std::move(real)) {}
    void start(net::stream_events&) override { throw std::runtime_error("a fault in a stream"); }
    void redirect(net::stream_events& events) override { real_->redirect(events); }
    bool write(std::string& bytes) override { return real_->write(bytes); }
    void start_tls(net::tls_role role, const net::tls_settings& s, std::string_view received) override {
      real_->start_tls(role, s, received);
    }
    void pause(bool paused) override { real_->pause(paused); }
    void finish(std::string bytes) override { real_->finish(std::move(bytes)); }
    net::endpoint local() const override { return real_->local(); }
    net::endpoint remote() const override { return real_->remote(); }

   private:
    std::unique_ptr<net::stream> real_;
  };

  static void fail(int& left, const char* what) {
    if (left > 0 && left-- > 0) throw std::runtime_error(what);
  }
  std::unique_ptr<net::stream> checked(std::unique_ptr<net::stream> s) {
    if (streams == 0) return s;
    --streams;
    return std::make_unique<broken_stream>(std::move(s));
  }

  net::transport& real_;
};

}  // namespace aemp::mesh
