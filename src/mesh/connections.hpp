// All connections of a node, from the moment in which a stream is there until its end; and what they may take
// together: how many handshakes of strangers, how much memory for messages that are not complete, and how
// much that waits to be sent. When that is too much, the connection that has most of it is closed.
//
// Belongs to the network worker. Cost: each limit is checked by a look at every connection, and only when
// there is a mebibyte more of something.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/worker.hpp"
#include "mesh/connection.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class connections final : core::idle_task {
 public:
  connections(core::worker& worker, net::transport& network, const settings& s);

  // Where descriptors or handshakes are few, one that comes in costs another one its handshake.
  void make_room_for_a_handshake();
  // Makes one, which is numbered and not started.
  connection& add(wire::session_config config, std::unique_ptr<net::stream> stream, const origin& from,
                  connection_owner& owner, traffic_events& events);
  bool contains(const connection& c) const { return all_.contains(const_cast<connection*>(&c)); }
  // Its handshake is done.
  void handshake_done(connection& c);
  // It has ended. It is destroyed when the worker goes idle, since this may be an event of it. False: it was
  // not here any more.
  bool retire(connection& c);
  // All of them are retired; drop_retired() destroys them at once.
  void retire_all();
  void drop_retired() { retired_.clear(); }

  std::vector<connection*> in_order() const;  // the oldest first
  // Those whose handshake is not done, the oldest first.
  const std::map<std::uint64_t, connection*>& handshakes() const noexcept { return handshakes_; }

  // Lets it show its proof, with the number of this acceptance.
  void accept(connection& c) { c.accept(++accepted_); }
  // The same, as far as they are still here.
  void accept(const std::vector<connection*>& list);
  // The last words on each that is up, after what waits for it (connection::finish).
  void say_goodbye();

  // What is held of messages that are not complete is so many bytes more, or less, on that connection.
  void count_held(connection& c, std::ptrdiff_t more);
  // Closes the fullest one if more waits to be sent than max_queued_total, of which `elsewhere` bytes wait for
  // nodes that are not up.
  void check_queued(std::size_t elsewhere);
  // Bytes that wait to be sent on those that are up.
  std::size_t queued() const;

 private:
  bool close_a_handshake();
  void on_idle() override { drop_retired(); }

  core::worker& worker_;
  net::transport& network_;
  const settings& settings_;
  std::unordered_map<connection*, std::unique_ptr<connection>> all_;
  std::uint64_t made_ = 0, accepted_ = 0;
  std::map<std::uint64_t, connection*> handshakes_;
  std::size_t incoming_handshakes_ = 0;
  std::ptrdiff_t held_ = 0;  // bytes, of messages that are not complete
  std::vector<std::unique_ptr<connection>> retired_;
};

}  // namespace aemp::mesh
