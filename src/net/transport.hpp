// The network as an interface: byte streams between endpoints. Everything above (mesh) is written against
// this header, so the same code runs over TCP and TLS (net/tcp.hpp) and in virtual time (sim/).
//
// Threads: a transport belongs to one worker (the node's network worker). Every call is made and every
// callback runs on that worker's thread, and a callback never runs inside the call that asked for it. Any
// object may be destroyed inside any callback. Destroying an object cancels its callbacks: none runs
// afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

#include "core/clock.hpp"
#include "net/endpoint.hpp"

namespace aemp::net {

enum class tls_role { client, server };

// How the two sides recognise each other.
struct tls_settings {
  // Certificates in PEM, as in the configuration (aemp-protocol C.4, H.1 `cert`): one text with the node's
  // own certificate, further certificates, and the key of the first one. No other certificates are trusted.
  std::string pem = {};
  // If not empty: 32 bytes that both sides have, for this one connection. No certificates are used then
  // (docs/protocol.md, `psk`).
  std::string psk = {};
};

// The events of a stream. Implemented by mesh's connection.
class stream_events {
 public:
  // Never empty. The bytes are valid during the call.
  virtual void on_data(std::string_view bytes) = 0;
  // Called before each read: returns where the next bytes belong, if that is known and so many will come;
  // else empty. A stream that can puts them there without a copy, as many as fit, and tells on_placed() how
  // many. It may wait until there are many, see look(). What follows them, and the bytes of all other
  // streams, comes by on_data(). The stream uses the place at once or not at all.
  virtual std::span<char> place() { return {}; }
  virtual void on_placed(std::size_t) {}
  // The bytes of the write() that returned false are with the kernel; the next write() may follow.
  virtual void on_sent() = 0;
  // start_tls() is done: from now on everything is encrypted. An error ends the stream, and nothing follows.
  // Its names are certificate_not_trusted, bad_certificate, wrong_key (the peer has another psk) and
  // tls_failed. With TLS 1.3 a client may learn only after on_tls() that the server refused its certificate:
  // then it comes as on_closed().
  virtual void on_tls(const result<void>& done) = 0;
  // Called once; nothing follows. At an orderly end (in TLS: with close_notify) why is "Unexpected
  // end-of-file". Otherwise it is the system's text, or why TLS does not accept the end.
  virtual void on_closed(const std::string& why) = 0;

 protected:
  ~stream_events() = default;
};

// One connection. Destroying it closes it at once, except after finish().
class stream {
 public:
  virtual ~stream() = default;
  // Starts reading. Called once, before any of the calls below. The events object must outlive the stream.
  virtual void start(stream_events& events) = 0;
  // Gives the stream to a new owner, who gets all further events, even an on_sent() that the old one is owed.
  // May be called inside an event.
  virtual void redirect(stream_events& events) = 0;
  // Sends all of `bytes`, and leaves the string empty but with a buffer: pass the same string every time, and
  // no memory is allocated. True: everything is with the kernel, on_sent() is not called, and the next
  // write() may follow. False: the stream keeps the rest, and on_sent() or on_closed() follows; no write()
  // before that.
  virtual bool write(std::string& bytes) = 0;
  // The same for bytes in several places that still belong to the caller. They must not change or go until
  // on_sent() or on_closed(), or until the stream is destroyed. The stream copies them only where that is
  // cheaper.
  virtual bool write_pieces(std::span<const std::string_view> pieces) {
    std::string all;
    for (const std::string_view piece : pieces) all += piece;
    return write(all);
  }
  // Turns the stream into TLS 1.3. `received` is what on_data() has delivered and belongs to TLS already.
  // Nothing may be outstanding: no unfinished write() before, and no write() until on_tls().
  virtual void start_tls(tls_role role, const tls_settings& settings, std::string_view received) = 0;
  // After on_tls(): the names that the peer's certificate allows its owner; empty if it names none.
  virtual std::vector<std::string> certified_names() const { return {}; }
  // From now on the stream ends when nothing has come from the other host for so long. That host confirms
  // what it gets, and is probed when nothing is sent; what its program does has no influence. Only for
  // streams to other hosts. Late by at most a tenth, or two seconds.
  virtual void give_up_after(core::duration) {}
  // Stops and restarts reading: back-pressure towards the peer. Inside TLS, data that was read already (64
  // KiB at most) may still be delivered. A connection that breaks is reported, paused or not.
  virtual void pause(bool paused) = 0;
  // Soon delivers bytes that have a place but do not fill it yet; otherwise the stream may leave them with
  // the kernel. For an owner that wonders whether the peer still lives.
  virtual void look() {}
  // Bytes that were written, are with the kernel, and are not confirmed by the other host.
  virtual std::size_t unconfirmed() const { return 0; }
  // Sends what was written and then `bytes`, then closes, in the background and within a second. For a last
  // word. No event follows, and the stream may be destroyed at once.
  virtual void finish(std::string bytes) = 0;
  virtual endpoint local() const = 0;
  virtual endpoint remote() const = 0;
};

// An attempt in progress; destroying it gives up.
class attempt {
 public:
  virtual ~attempt() = default;
};

class listener {
 public:
  virtual ~listener() = default;       // stops listening; accepted streams go on
  virtual endpoint local() const = 0;  // with the port that was chosen when 0 was asked for
};

class transport {
 public:
  virtual ~transport() = default;

  using dialled = std::function<void(result<std::unique_ptr<stream>>)>;
  using accepted = std::function<void(std::unique_ptr<stream>)>;
  using resolved = std::function<void(result<std::vector<endpoint>>)>;

  // Errors: connection_refused, unreachable, timed_out, address_not_available, too_many_files, network_error,
  // with the system's text and the endpoint. It has no time limit of its own.
  virtual std::unique_ptr<attempt> dial(const endpoint& to, dialled done) = 0;
  // Errors, returned at once: port_in_use, address_not_available, permission_denied, too_many_files,
  // network_error.
  virtual result<std::unique_ptr<listener>> listen(const endpoint& at, accepted each) = 0;
  // Roughly for how many more connections there is room: descriptors that the process may still open.
  virtual std::size_t room() { return std::numeric_limits<std::size_t>::max(); }
  // The number of streams that still send the last words of finish().
  virtual std::size_t finishing() { return 0; }
  // All addresses of a host, in the resolver's order, IPv4 before IPv6, each once. Errors: unresolvable.
  virtual std::unique_ptr<attempt> resolve(const std::string& host, std::uint16_t port, resolved done) = 0;
  // The same, but blocks; for start-up. `service` is a number, a service name, or name=number: then the
  // number is for machines that do not know the name.
  virtual result<std::vector<endpoint>> resolve_now(const std::string& host, const std::string& service) = 0;
  // All addresses of this machine, numeric; for binding to `*` (aemp-protocol B.8).
  virtual std::vector<std::string> own_addresses() = 0;
  // This machine's name, as uname -n gives it.
  virtual std::string host_name() = 0;
};

}  // namespace aemp::net
