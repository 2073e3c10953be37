// The nodes of a polled_host, and what their first workers sleep in. All on the host's thread, but wake().
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <aemp/polled_host.hpp>

#include "api/environment.hpp"
#include "core/local_node.hpp"

namespace aemp::detail {

class hosted_nodes {
 public:
  explicit hosted_nodes(polled_host& host);
  ~hosted_nodes();

  int descriptor() const noexcept { return epoll_; }
  // Where a node lives that is given this host.
  environment& where() noexcept { return where_; }

  // From now on its first worker has turns here.
  void add(local_node& node);
  // It ends, whether or not it was stopped.
  void remove(local_node& node) noexcept;

  bool run_pending(std::chrono::nanoseconds at_most);
  bool empty() const noexcept { return nodes_.empty(); }
  std::optional<core::time_point> deadline() const;

 private:
  struct hosted {
    local_node* node;
    bool rests = false;  // until its descriptor or its deadline says otherwise
  };

  std::unique_ptr<core::poller> make_poller(unsigned worker, bool networked);

  polled_host& host_;
  const int epoll_;
  environment where_;
  std::vector<hosted> nodes_;
};

}  // namespace aemp::detail
