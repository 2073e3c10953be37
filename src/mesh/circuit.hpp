// One end of a byte stream between two nodes that both are connected to a third, which passes it on
// (relay.hpp). To the mesh it is a stream like any other. So what travels on it is authenticated from end to
// end and arrives in order, without holes, until the connection is lost (docs/protocol.md, "circuits").
//
// At most `window` bytes are under way in each direction. That, and what the connection above it queues, is all
// the memory that a circuit takes, here and at the node in the middle.
//
// Belongs to the network worker. Events come from a task of their own, never inside a call.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/value.hpp>

#include "core/own_timer.hpp"
#include "core/worker.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class circuit : public std::enable_shared_from_this<circuit> {
 public:
  static constexpr std::size_t window = std::size_t{256} << 10;

  struct callbacks {
    std::function<void(std::vector<value> frame)> send;  // to the other end; may call lost()
    std::function<void()> over;                          // nothing more is sent or wanted
  };

  // `remote`: the node in the middle.
  circuit(core::worker& worker, net::endpoint remote, callbacks tell)
      : worker_(worker), remote_(std::move(remote)), tell_(std::move(tell)) {}
  circuit(const circuit&) = delete;
  circuit& operator=(const circuit&) = delete;

  // Makes the stream; call it once. When the stream is destroyed, the circuit ends.
  std::unique_ptr<net::stream> make_stream();

  // What the other end says: ["data", offset, base64], ["ack", bytes], ["end", why].
  void frame(const std::vector<value>& f);
  // The other end cannot be heard any more.
  void lost(std::string why);

 private:
  class end;

  void start(net::stream_events& events);
  bool write(std::string& bytes);
  void pause(bool paused);
  void finish(std::string bytes);
  void drop();

  void on_data(const value& offset, const value& text);
  void pump();
  void hang_up(const std::string& why);
  void wake();
  void serve();

  core::worker& worker_;
  const net::endpoint remote_;
  const callbacks tell_;
  net::stream_events* events_ = nullptr;
  std::string unsent_, unread_;
  std::uint64_t sent_ = 0, confirmed_ = 0;  // bytes, in all
  std::uint64_t received_ = 0, read_ = 0, told_ = 0;
  std::string why_;
  bool writing_ = false, sent_all_ = false, paused_ = false;
  bool closing_ = false, over_ = false, awake_ = false;
  core::own_timer limit_;
};

}  // namespace aemp::mesh
