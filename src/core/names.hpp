// What a node and its ports are called: the node's ID, which may change, and which port of this node a port ID or a
// name means.
//
// Any thread, except rename() and let_nobody_in().
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/port_id.hpp>

#include "core/crew.hpp"
#include "core/port_names.hpp"
#include "data/identity.hpp"

namespace aemp::core {

class names {
 public:
  // `uniq` is the prefix of port names, random for each start of a process.
  names(crew& workers, std::string node_id, std::string uniq);
  names(const names&) = delete;
  names& operator=(const names&) = delete;
  ~names();

  const detail::node_identity& identity() const noexcept {
    return *identity_.load(std::memory_order_acquire);
  }
  std::string id() const { return identity().node; }
  void rename(std::string node_id);  // before run(), or on the network worker
  // Waits until no other thread is in the node by a handle or a port ID; from now on none gets in.
  void let_nobody_in() noexcept;

  bool is_local(const port_id& id) const {
    if (const detail::node_identity* i = id.identity())
      return i->owner.load(std::memory_order_relaxed) == &workers_.node();
    return has_own_text(id);
  }

  // The number of a local port, by its ID, or by the part behind '#'. Zero is the node port; empty: no port of this
  // node has that name.
  std::optional<std::uint64_t> resolve(const port_id& id) const {
    if (id.identity() != nullptr) return existing(id.number());
    return resolve_text(id);
  }
  std::optional<std::uint64_t> resolve_name(std::string_view name) const;
  // The number that such a name spells: it means that port as long as the node lives. Empty for a name that was given
  // to a port, and for one that no port of this node can have.
  std::optional<std::uint64_t> number_in(std::string_view name) const;

  // The port that has been given that name (core/port_names.hpp), and whether it is new: then the caller opens it on
  // that worker.
  std::pair<std::uint64_t, bool> name_port(std::string_view name, std::uint32_t worker);
  port_names& given() noexcept { return given_; }
  std::string new_unique_name();

 private:
  std::optional<std::uint64_t> existing(std::uint64_t number) const noexcept {
    if (workers_.has(number)) return number;
    return {};
  }
  bool has_own_text(const port_id& id) const;
  std::optional<std::uint64_t> resolve_text(const port_id& id) const;
  std::uint64_t running_here() const noexcept;

  crew& workers_;
  std::atomic<detail::node_identity*> identity_;
  std::vector<detail::node_identity*> former_;
  port_names given_;
  std::atomic<std::uint64_t> made_{0};  // unique names
};

}  // namespace aemp::core
