#include "service/data_hub.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <aemp/log.hpp>

#include "core/begin_owned.hpp"
#include "core/words.hpp"
#include "data/port_value.hpp"
#include "data/weight.hpp"
#include "mesh/heartbeat.hpp"
#include "service/pipe.hpp"

namespace aemp::service {
namespace {

constexpr const char* reason_tag = "AnyEvent::MP::DataConn";
constexpr const char* expect_function = "AnyEvent::MP::DataConn::_expect";
constexpr const char* connect_function = "AnyEvent::MP::DataConn::_connect";

constexpr core::duration dial_interval = std::chrono::seconds(2);
constexpr core::duration longest_limit = std::chrono::hours(24);

// Names of connections, counted as the original does: b … z, aa, ab ….
std::string letters(std::uint64_t n) {
  std::string out;
  for (++n; n > 0; n = (n - 1) / 26) out.insert(out.begin(), static_cast<char>('a' + (n - 1) % 26));
  return out;
}

value seconds_of(core::duration d) {
  const double s = std::chrono::duration<double>(d).count();
  return s == std::floor(s) && s < 1e15 ? value(static_cast<std::int64_t>(s)) : value(s);
}

thread_local data_stream* being_accepted = nullptr;

}  // namespace

struct data_hub::function {
  std::uint32_t worker;
  detail::handler_ref handler;
};

struct data_hub::guest {
  explicit guest(const limits& l) : account(l.max_data_waiting) {}

  std::size_t connections = 0;  // expected and open
  data_account account;
};

// A connection that was announced, by us or by the other node, and is not open yet.
struct data_hub::pending {
  pending(key k) : name(std::move(k)) {}

  const key name;
  bool ours = false;
  data_stream* stream = nullptr;               // ours: kept by the hub
  std::function<void(data_connection)> ready;  // ours
  std::shared_ptr<function> accepts;           // theirs
  message initdata;                            // theirs
  seat place = {};                             // theirs
  std::shared_ptr<void> weight = {};           // theirs: what initdata takes in the account
  port_id port;                                // is killed when the connection fails

  std::vector<net::endpoint> places;  // to dial
  std::size_t next_place = 0;
  std::vector<std::unique_ptr<net::attempt>> attempts;
  std::string tried;
  core::own_timer limit, next;
};

data_hub::data_hub(detail::local_node& node) : node_(node), api_(node) {
  node.functions().serve(expect_function,
                         [this](const message& m, const std::string& from) { expect(m, from); });
  node.functions().serve(connect_function,
                         [this](const message& m, const std::string& from) { told_to_dial(m, from); });
}

data_hub::~data_hub() = default;

void data_hub::attach(mesh::mesh& m) {
  mesh_ = &m;
  m.serve_data(*this);
  nodes_ =
      aemp::handle(detail::watch_nodes(node_, detail::handler_of([this](const std::string& node, bool up) {
                                         if (!up) forget_expected_of(node);
                                       })));
}

template <class F>
void data_hub::enter(const key& k, F&& f) noexcept {
  core::worker& w = node_.network_worker();
  if (w.enter("a data connection", f)) return;
  (void)w.enter("a data connection", [&] {
    const error why = mesh::internal_error();
    fail(k, why.name + ": " + why.text);
  });
}

// ---- what others have here ----

std::shared_ptr<data_hub::guest> data_hub::guest_of(const std::string& node) {
  const auto guests = guests_.lock();
  if (const auto known = guests->find(node); known != guests->end()) {
    if (auto g = known->second.lock()) return g;
  }
  std::erase_if(*guests, [](const auto& g) { return g.second.expired(); });
  auto made = std::make_shared<guest>(node_.limits());
  (*guests)[node] = made;
  return made;
}

std::shared_ptr<data_account> data_hub::account_of(const std::string& node) {
  const auto g = guest_of(node);
  return {g, &g->account};
}

void data_hub::forget_expected_of(const std::string& node) {
  std::erase_if(pending_, [&](const auto& p) { return p.first.first == node && !p.second->ours; });
}

void data_hub::define(std::string name, detail::handler_ref f) {
  auto made = std::make_shared<function>(function{node_.home_worker().index(), std::move(f)});
  // The one that it replaces is destroyed without the lock, as its destructor may define another one.
  (*functions_.lock())[std::move(name)].swap(made);
}

std::shared_ptr<data_hub::function> data_hub::find_function(const std::string& name) {
  const auto functions = functions_.lock();
  const auto found = functions->find(name);
  return found == functions->end() ? nullptr : found->second;
}

// ---- streams ----

void data_hub::keep(data_stream& stream, seat place) {
  if (streams_.emplace(&stream, std::move(place)).second) detail::retain(&stream);
}

void data_hub::gone(data_stream& stream) {
  std::erase_if(pending_, [&](const auto& p) { return p.second->stream == &stream; });
}

void data_hub::release(data_stream& stream) {
  if (streams_.erase(&stream) != 0) detail::release(&stream);
}

// Accepts the connection in a new port on the function's worker. The function runs there, and gets the
// stream before any byte of it is delivered.
data_stream& data_hub::accept(const std::shared_ptr<function>& f, const std::string& other,
                              const message& initdata, seat place) {
  core::worker& w = node_.worker(f->worker);
  const std::uint64_t number = node_.here() == &w ? w.ports().take() : w.ports().reserve();
  auto& stream = *new data_stream(node_, f->worker, number, other, true, account_of(other));
  keep(stream, std::move(place));
  w.post(detail::make_task([&w, &stream, hold = aemp::handle(&stream), number, f, initdata] {
    w.ports().open(number);
    if (stream.over.load(std::memory_order_acquire) || !w.ports().own(number, stream))
      return w.ports().end(number, {});
    being_accepted = &stream;
    w.ports().birth(number, *f->handler.get(), initdata);
    being_accepted = nullptr;
  }));
  return stream;
}

void data_hub::connect_here(data_stream& stream, const request& r) {
  const auto f = find_function(r.function);
  if (f == nullptr) {
    return node_.kill(r.port, message(reason_tag, "no data function '" + r.function +
                                                      "' is defined on node " + node_.id()));
  }
  auto [here, there] = make_pipe(node_.network_worker());
  accept(f, node_.id(), r.initdata, nullptr).connect({std::move(there), {}, {}, false, true});
  detail::retain(&stream);
  stream.in_port([ready = r.ready, c = data_connection(&stream)] { ready(c); });
  stream.connect({std::move(here), {}, {}, false, true});
}

// ---- what is announced ----

data_hub::pending* data_hub::find(const key& k) {
  const auto found = pending_.find(k);
  return found == pending_.end() ? nullptr : found->second.get();
}

data_hub::pending& data_hub::add(const key& k, core::duration limit) {
  auto& p = pending_[k];
  p = std::make_unique<pending>(k);
  p->limit.start(node_.network_worker(), limit, [this, k, limit] {
    enter(k, [&] {
      const pending& late = *find(k);
      std::string text =
          k.first + ": unable to establish connection within " + mesh::in_seconds(limit) + " seconds";
      if (!late.tried.empty()) text += ": " + late.tried;
      fail(k, text);
    });
  });
  return *p;
}

void data_hub::fail(const key& k, const std::string& text) {
  const auto found = pending_.find(k);
  if (found == pending_.end()) return;
  const std::unique_ptr<pending> p = std::move(found->second);
  pending_.erase(found);
  node_.report(7, "data connections with node " + k.first,
               [&] { return "data connection " + k.second + " with node " + k.first + " failed: " + text; });
  node_.kill(p->port, message(reason_tag, text));  // if it is ours, its stream ends with the port
}

void data_hub::begin(data_stream& stream, request r) {
  keep(stream);
  if (stream.other == node_.id() || stream.other.empty()) return connect_here(stream, r);
  if (mesh_ == nullptr) {
    return node_.kill(r.port, message(reason_tag, stream.other + ": node " + node_.id() +
                                                      " is private; give it seeds or binds to reach others"));
  }
  const key k(stream.other, letters(made_++) + "@" + node_.id());
  pending& p = add(k, r.limit);
  p.ours = true;
  p.stream = &stream;
  p.ready = std::move(r.ready);
  p.port = r.port;

  const port_id target = detail::make_named_port(stream.other, {});
  std::vector<value> announcement{expect_function, k.second, value(r.port), seconds_of(r.limit), r.function};
  for (value& v : r.initdata.elements()) announcement.push_back(std::move(v));
  node_.send(target, detail::make_values_block(announcement));
  // The reply means that the target expects us.
  api_.cal(target, "snd")
      .then(
          [this, k] {
            enter(k, [&] {
              if (pending* p = find(k)) dial(*p);
            });
          },
          [this, k](const message& reason) { fail(k, k.first + ": " + reason.to_string()); });
}

void data_hub::expect(const message& m, const std::string& from) {
  const auto port = detail::to_port_or_node(m[1]);
  const auto limit = m[2].to<double>();
  const auto id = core::word_in(m[0], core::is_greeting_word), name = core::word_in(m[3], core::is_name);
  if (m.size() < 4 || !port || port->node() != from || port->is_node_port() || !limit || !(*limit > 0)) {
    return node_.report(2, "data connections of node " + from, [&] {
      return "node " + from + " announces a data connection that makes no sense; ignored";
    });
  }
  const auto refuse = [&](const std::string& why) {
    node_.report(2, "data connections of node " + from, [&] {
      return "data connection " + wire::quoted(id.value_or("?")) + " of node " + from + " to " +
             wire::quoted(name.value_or("?").substr(0, 64)) + " refused: " + why;
    });
    node_.kill(*port, message(reason_tag, why));
  };
  if (!id) return refuse("bad_data_id: its name cannot be part of a greeting");
  if (!name) return refuse("bad_function_name: no function can have that name");
  if (node_.functions().is_secure())
    return refuse("node " + node_.id() + " is secure, remote execution not allowed");
  const auto f = find_function(*name);
  if (f == nullptr) return refuse("no data function '" + *name + "' is defined on node " + node_.id());
  const auto g = guest_of(from);
  if (g->connections >= node_.limits().max_data_connections) {
    return refuse("node " + node_.id() + " has " + std::to_string(g->connections) +
                  " data connections of node " + from +
                  " already, expected or open; the limit is max_data_connections");
  }
  std::vector<value> all = m.elements();
  message initdata = message::of({all.begin() + 4, all.end()});
  const std::size_t weight = data::measure_of(initdata).weight;
  if (g->account.bytes.load() + weight > g->account.most) {
    return refuse("too much of node " + from + " waits for data connections at node " + node_.id() +
                  " already; the limit is max_data_waiting");
  }
  const key k(from, *id);
  if (const pending* known = find(k); known != nullptr && known->ours) {
    return refuse("the name is in use on node " + node_.id());
  }
  pending& p = add(k, std::min(longest_limit, std::chrono::duration_cast<core::duration>(
                                                  std::chrono::duration<double>(std::min(*limit, 86400.0)))));
  p.accepts = f;
  p.initdata = std::move(initdata);
  p.port = *port;
  ++g->connections;
  p.place = seat(g.get(), [g](guest* its) { --its->connections; });
  g->account.bytes += weight;
  p.weight = std::shared_ptr<void>(g.get(), [g, weight](guest* its) { its->account.bytes -= weight; });
}

// The initiator asks for this when it does not know where we listen, or cannot reach us.
void data_hub::told_to_dial(const message& m, const std::string& from) {
  pending* p = find({from, m[0].to_string()});
  if (p == nullptr || p->ours) {
    return node_.report(2, "data connections of node " + from, [&] {
      return "node " + from + " wants to be dialled for a data connection that it has not announced; ignored";
    });
  }
  if (p->places.empty()) enter(p->name, [&] { dial(*p); });
}

// ---- dialling ----

void data_hub::dial(pending& p) {
  const auto& [node, id] = p.name;
  p.places = mesh_->places_of(mesh_->real_name(node));
  if (!p.places.empty()) return dial_next(p);
  if (!p.ours || mesh_->listening().empty()) return fail(p.name, node + ": no listeners found");
  api_.call_function(node, connect_function, std::string(id), node_.id());
}

void data_hub::dial_next(pending& p) {
  const auto& [node, id] = p.name;
  if (p.next_place == p.places.size()) {
    // No attempt has succeeded so far; the other side may be able to reach us.
    if (p.ours && !mesh_->listening().empty()) {
      api_.call_function(node, connect_function, std::string(id), node_.id());
    }
    return;
  }
  p.attempts.push_back(mesh_->dial_data(p.places[p.next_place++], mesh_->real_name(node), id));
  p.next.start(node_.network_worker(), dial_interval,
               [this, k = p.name] { enter(k, [&] { dial_next(*find(k)); }); });
}

void data_hub::dial_ended(const std::string& node, const std::string& id, const net::endpoint& at,
                          const error& why) {
  for (const auto& [k, p] : pending_) {
    if (k.second != id || mesh_->real_name(k.first) != node) continue;
    p->tried += (p->tried.empty() ? "" : "; ") + at.str() + ": " + why.name + ": " + why.text;
  }
}

result<void> data_hub::take(const std::string& node, const std::string& id, mesh::raw_stream& s) {
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const auto& p) {
    return p.first.second == id &&
           (p.first.first == node || (p.second->ours && mesh_->real_name(p.first.first) == node));
  });
  if (found == pending_.end()) {
    return error{
        "unexpected_data_connection",
        "node " + node + " comes for data connection " + wire::quoted(id) +
            ", which this node does not expect from it (any more); perhaps the time limit had passed"};
  }
  const std::unique_ptr<pending> p = std::move(found->second);
  pending_.erase(found);
  if (node_.network_worker().enter("a data connection", [&] { hand_over(*p, node, s); })) return {};
  const error why = mesh::internal_error();
  node_.kill(p->port, message(reason_tag, why.name + ": " + why.text));
  return why;
}

void data_hub::hand_over(pending& p, const std::string& node, mesh::raw_stream& s) {
  if (!p.ours) return accept(p.accepts, node, p.initdata, std::move(p.place)).connect(std::move(s));
  detail::retain(p.stream);
  data_connection made(p.stream);  // owns the reference before the copy of `ready` may throw
  p.stream->in_port([ready = p.ready, c = std::move(made)] { ready(c); });
  p.stream->connect(std::move(s));
}

void data_hub::shut_down() noexcept {
  nodes_.cancel();
  pending_.clear();
  for (const auto& [stream, place] : std::exchange(streams_, {})) {
    stream->finish();
    stream->let_go();
    detail::release(stream);
  }
  const auto gone = std::exchange(*functions_.lock(), {});  // destroyed without the lock
}

}  // namespace aemp::service

namespace aemp::detail {

namespace {
constexpr const char* no_name = "' is no name: it holds a control character, or is too long";
}

void define_data_function(local_node& node, std::string name, handler_ref f) {
  if (!core::is_name(name)) throw std::invalid_argument("define_data: '" + name.substr(0, 64) + no_name);
  node.extension<service::data_hub>().define(std::move(name), std::move(f));
}

void connect_data(local_node& node, const port_id& port, std::string where, std::chrono::nanoseconds limit,
                  std::string function, message initdata, std::function<void(data_connection)> ready) {
  using service::data_hub;
  using service::data_stream;
  where = where.substr(0, where.find('#'));
  if (!where.empty() && !core::is_node_name(where)) {
    throw std::invalid_argument("connect_to: '" + where.substr(0, 64) +
                                "' is no node ID: it holds ';' or a control character, or is too long");
  }
  if (!core::is_name(function))
    throw std::invalid_argument("connect_to: '" + function.substr(0, 64) + no_name);
  auto account = node.extension<data_hub>().account_of(where);
  auto* stream = new data_stream(node, node.home_worker().index(), running_number(node), std::move(where),
                                 false, std::move(account));
  const handle keep(stream);
  data_hub::request r{port, limit, std::move(function), std::move(initdata), std::move(ready)};
  begin_at_network(
      stream, [r = std::move(r)](local_node& n, data_stream& s) { n.extension<data_hub>().begin(s, r); });
}

data_connection accepted_connection() {
  retain(service::being_accepted);
  return data_connection(service::being_accepted);
}

}  // namespace aemp::detail
