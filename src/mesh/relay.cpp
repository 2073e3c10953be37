#include "mesh/relay.hpp"

#include <algorithm>

#include <aemp/log.hpp>

#include "core/words.hpp"
#include "mesh/address.hpp"
#include "wire/hash.hpp"

namespace aemp::mesh {
namespace {

std::vector<value> after(const message& m, std::size_t n) {
  std::vector<value> all = m.elements();
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(n, all.size())));
  return all;
}

message with(std::vector<value> head, std::vector<value> frame) {
  for (value& v : frame) head.push_back(std::move(v));
  return message::of(std::move(head));
}

}  // namespace

relay::relay(detail::local_node& node, const settings& s, dice& chance, relay_owner& owner)
    : node_(node), settings_(s), dice_(chance), owner_(owner) {}

// ---- own ends ----

// A node that passes circuits on gets frames as `relay`, and adds who sent them. Any other node has a node
// port that sends on what it is told to (aemp-protocol D.1), so the frame itself says who sent it.
std::shared_ptr<circuit> relay::add(const std::string& id, const std::string& node, connection& leg) {
  const std::string through = leg.peer_id();
  const auto send = [this, id, node, through](std::vector<value> frame) {
    connection* on = owner_.leg_to(through);
    if (on == nullptr) return;
    if (on->peer().key("relay")) return on->send({}, with({"relay", node, id}, std::move(frame)));
    on->send({}, with({"snd", node + "#", "circuit", node_.id(), id}, std::move(frame)));
  };
  auto made = std::make_shared<circuit>(node_.network_worker(), leg.remote,
                                        circuit::callbacks{send, [this, id] { ends_.erase(id); }});
  ends_.emplace(id, own_end{through, made});
  return made;
}

result<std::unique_ptr<net::stream>> relay::open(const std::string& node, const std::string& through) {
  connection* leg = owner_.leg_to(through);
  if (leg == nullptr) return error{"not_connected", "node " + through + " is not connected itself"};
  const auto has =
      std::count_if(ends_.begin(), ends_.end(), [&](const auto& e) { return e.second.through == through; });
  if (static_cast<std::size_t>(has) >= settings_.limits.max_circuits) {
    return error{"too_many_circuits", std::to_string(has) + " circuits lead through node " + through +
                                          " already; let some of these nodes listen"};
  }
  std::array<unsigned char, wire::nonce_bytes> random;
  dice_.fill(std::as_writable_bytes(std::span(random)));
  const std::string id = wire::make_nonce(random).substr(0, 24);
  const auto made = add(id, node, *leg);
  auto stream = made->make_stream();
  if (leg->peer().key("relay")) {
    leg->send({}, message("relay", node, id, "open"));
  } else {
    leg->send({}, message("snd", node + "#", "circuit", node_.id(), id, "open"));
  }
  return stream;
}

bool relay::handle(const std::string& from, const message& m) {
  const auto key = m.get() == nullptr ? 0 : m.get()->key;
  if (key != literal_symbol_key("relay") && key != literal_symbol_key("circuit")) return false;
  if (!core::word_in(m[1], core::is_node_name) || !core::word_in(m[2], core::is_greeting_word)) {
    node_.report(2, "circuits of node " + from,
                 [&] { return "node " + from + " names a node or a circuit by what is no name; ignored"; });
  } else if (key == literal_symbol_key("relay")) {
    pass_on(from, m);
  } else {
    arrive(from, m);
  }
  return true;
}

void relay::arrive(const std::string& through, const message& m) {
  const std::string node = m[1].to_string(), id = m[2].to_string(), kind = m[3].to_string();
  const auto found = ends_.find(id);
  if (found != ends_.end()) {
    if (found->second.through != through) return;
    const auto line = found->second.line;
    return line->frame(after(m, 3));
  }
  if (kind == "end") return;
  connection* leg = owner_.leg_to(through);
  if (leg == nullptr || node == node_.id()) return;
  const auto line = add(id, node, *leg);
  const auto has =
      std::count_if(ends_.begin(), ends_.end(), [&](const auto& e) { return e.second.through == through; });
  auto stream = line->make_stream();
  if (kind != "open") {
    stream.reset();
  } else if (static_cast<std::size_t>(has) > settings_.limits.max_circuits) {
    node_.report(2, "circuits through node " + through, [&] {
      return "a circuit with node " + node + " is refused: too many lead through node " + through +
             " already";
    });
  } else {
    owner_.circuit_came(std::move(stream), through);
  }
}

// ---- in the middle ----

std::size_t relay::passages_of(const std::string& node) const {
  return static_cast<std::size_t>(std::count_if(passages_.begin(), passages_.end(), [&](const auto& p) {
    return p.second.one == node || p.second.other == node;
  }));
}

// Tells one of the passage's two nodes, as if the other one had said it.
void relay::end_passage(const std::string& id, const std::string& for_whom, const std::string& about,
                        const std::string& why) {
  passages_.erase(id);
  if (connection* leg = owner_.leg_to(for_whom)) leg->send({}, message("circuit", about, id, "end", why));
}

// A node that is called "id" may also be addressed as "id@noderef".
void relay::begin_passage(const std::string& from, const std::string& to, const std::string& id) {
  std::string other = to;
  if (owner_.leg_to(to) == nullptr) other = address_of(to).id;
  const std::string here = "node " + node_.id() + ", which is to pass it on: ";
  if (passages_.contains(id)) return;
  if (other.empty() || other == from || owner_.leg_to(other) == nullptr)
    return end_passage(id, from, to, here + "node " + to + " is not connected to it");
  if (std::max(passages_of(from), passages_of(other)) >= settings_.limits.max_circuits)
    return end_passage(id, from, to, here + "too_many_circuits");
  passages_.emplace(id, passage{from, other});
  owner_.leg_to(other)->send({}, message("circuit", from, id, "open"));
}

void relay::pass_on(const std::string& from, const message& m) {
  const std::string to = m[1].to_string(), id = m[2].to_string(), kind = m[3].to_string();
  if (kind == "open") return begin_passage(from, to, id);
  const auto found = passages_.find(id);
  if (found == passages_.end() || (found->second.one != from && found->second.other != from)) {
    if (kind != "end" && found == passages_.end())
      end_passage(id, from, to, "node " + node_.id() + " passes nothing on here any more");
    return;
  }
  const std::string other = found->second.one == from ? found->second.other : found->second.one;
  connection* leg = owner_.leg_to(other);
  if (leg == nullptr) return;  // leg_lost() is about to come
  if (kind == "end") passages_.erase(found);
  if (leg->queued() <= settings_.limits.max_queued / 2)
    return leg->send({}, with({"circuit", from, id}, after(m, 3)));
  const std::string why = "send_buffer_full: node " + other + " reads too slowly";
  end_passage(id, from, other, why);
  end_passage(id, other, from, why);
}

void relay::leg_lost(const std::string& node, const std::string& why) {
  std::vector<std::shared_ptr<circuit>> lost;
  for (const auto& [id, e] : ends_) {
    if (e.through == node) lost.push_back(e.line);
  }
  for (const auto& line : lost)
    line->lost("node " + node + ", through which it was reached, is lost: " + why);
  std::vector<std::pair<std::string, std::string>> ended;
  for (const auto& [id, p] : passages_) {
    if (p.one == node) ended.emplace_back(id, p.other);
    if (p.other == node) ended.emplace_back(id, p.one);
  }
  for (const auto& [id, other] : ended)
    end_passage(id, other, node, "node " + node_.id() + ", which passed it on, has lost it: " + why);
}

}  // namespace aemp::mesh
