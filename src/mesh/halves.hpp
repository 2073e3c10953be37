// The node and the name of a port ID, which the mesh needs for each message.
#pragma once

#include <string>
#include <string_view>

#include <aemp/port_id.hpp>

#include "data/identity.hpp"

namespace aemp::mesh {

// Copies only where the ID is a number.
struct halves {
  explicit halves(const port_id& id) {
    if (id.identity() == nullptr) {
      const detail::port_halves text = detail::halves(*id.shared_text());
      node = text.node;
      name = text.name;
    } else {
      copy_of_node = id.node();
      copy_of_name = id.name();
      node = copy_of_node;
      name = copy_of_name;
    }
  }
  halves(const halves&) = delete;
  halves& operator=(const halves&) = delete;

  std::string copy_of_node, copy_of_name;
  std::string_view node, name;
};

}  // namespace aemp::mesh
