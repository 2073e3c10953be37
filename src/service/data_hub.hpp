// Sets up data connections (aemp-protocol F.1). The initiator announces one to the target by a name,
// `b@initiator`, and the target expects it. Whichever of them knows where the other one listens dials, and
// both give up when the time limit has passed. A name belongs to a connection between two particular nodes:
// no other node can claim it, however the name is spelt.
//
// There are limits on what another node can make us expect and hold: the number of its connections, and the
// bytes that wait for ports. When the node is lost, what it has announced is dropped.
//
// Belongs to the network worker, except where it says otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <aemp/data_connection.hpp>

#include "core/extension.hpp"
#include "core/guarded.hpp"
#include "core/local_node.hpp"
#include "mesh/mesh.hpp"
#include "service/data_stream.hpp"

namespace aemp::service {

class data_hub final : public core::extension, mesh::data_server {
 public:
  explicit data_hub(detail::local_node& node);
  ~data_hub() override;
  void shut_down() noexcept override;
  // Whether closed connections have bytes that were not sent and taken yet.
  bool has_last_words() const noexcept override { return closing_.load(std::memory_order_acquire) != 0; }

  // Called once there is a network, which the hub must outlive.
  void attach(mesh::mesh& m);

  // Any thread.
  void define(std::string name, detail::handler_ref f);
  std::shared_ptr<data_account> account_of(const std::string& node);
  void closing_begins() noexcept { closing_.fetch_add(1, std::memory_order_acq_rel); }
  void closing_ends() noexcept { closing_.fetch_sub(1, std::memory_order_acq_rel); }

  // What a connect_to() asks for. `stream` belongs to the port already.
  struct request {
    port_id port;
    core::duration limit;
    std::string function;
    message initdata;
    std::function<void(data_connection)> ready;
  };
  void begin(data_stream& stream, request r);
  void gone(data_stream& stream);     // drops what is pending for it
  void release(data_stream& stream);  // drops the reference to it, once its port has been told

 private:
  struct function;
  struct pending;
  struct guest;                                     // the connections of one other node
  using seat = std::shared_ptr<void>;               // one of its connections, while it lives
  using key = std::pair<std::string, std::string>;  // other node and name
  using failure = std::function<void(const std::string& text)>;

  // Calls f with the connection of that name; an exception ends the connection.
  template <class F>
  void enter(const key& k, F&& f) noexcept;
  std::shared_ptr<guest> guest_of(const std::string& node);
  void forget_expected_of(const std::string& node);

  void connect_here(data_stream& stream, const request& r);
  void expect(const message& arguments, const std::string& from);
  void told_to_dial(const message& arguments, const std::string& from);

  pending* find(const key& k);
  pending& add(const key& k, core::duration limit);
  void fail(const key& k, const std::string& text);
  void dial(pending& p);
  void dial_next(pending& p);
  void keep(data_stream& stream, seat place = nullptr);
  data_stream& accept(const std::shared_ptr<function>& f, const std::string& other, const message& initdata,
                      seat place);
  void hand_over(pending& p, const std::string& node, mesh::raw_stream& s);
  std::shared_ptr<function> find_function(const std::string& name);

  result<void> take(const std::string& node, const std::string& id, mesh::raw_stream& s) override;
  void dial_ended(const std::string& node, const std::string& id, const net::endpoint& at,
                  const error& why) override;

  detail::local_node& node_;
  node_functions api_;
  mesh::mesh* mesh_ = nullptr;
  std::map<key, std::unique_ptr<pending>> pending_;
  std::map<data_stream*, seat> streams_;  // owns a reference to each
  std::uint64_t made_ = 1;
  aemp::handle nodes_;                   // reports nodes that come and go
  std::atomic<std::size_t> closing_{0};  // connections

  core::guarded<std::map<std::string, std::weak_ptr<guest>>> guests_;
  core::guarded<std::map<std::string, std::shared_ptr<function>, std::less<>>> functions_;
};

}  // namespace aemp::service
