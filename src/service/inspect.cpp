#include "service/inspect.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <aemp/log.hpp>
#include <aemp/version.hpp>

#include "core/census.hpp"
#include "core/registry.hpp"
#include "data/identity.hpp"
#include "data/port_value.hpp"
#include "service/supervisors.hpp"

namespace aemp::service {
namespace {

using namespace std::chrono_literals;

constexpr const char* function_name = "aemp::inspect";
constexpr int version = 1;
constexpr core::duration patience = 250ms;  // with workers that do not answer
constexpr std::size_t usual_page = 100, largest_page = 1000;
constexpr std::size_t most_wishes = 100;
constexpr core::duration echo_every = 500ms;

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

std::size_t page_size(const value& options) {
  const auto wanted = options["most"].to<std::size_t>();
  return std::clamp<std::size_t>(wanted.value_or(usual_page), 1, largest_page);
}

value of_worker(core::worker& w) {
  const core::queue_facts queue = core::count_queue(w.ports());
  return value(value::map{{"worker", w.index()},
                          {"ports", w.ports().size()},
                          {"delivered", w.delivered()},
                          {"waiting", queue.waiting},
                          {"more", queue.more},
                          {"timers", w.timers().size()}});
}

value of_port(const core::port_facts& p) {
  value::map facts = {{"port", p.port.str()},
                      {"handlers", p.handlers},
                      {"monitors", p.monitors},
                      {"owns", p.owns},
                      {"dropped", p.dropped}};
  if (p.is_call) facts.emplace("call", true);
  if (p.is_limited) {
    facts.emplace("waiting", p.waiting);
    facts.emplace("refused", p.refused);
  }
  if (!p.contract.empty()) facts.emplace("contract", detail::to_value(p.contract));
  return value(std::move(facts));
}

value of_queue(core::worker& w) {
  const core::queue_facts queue = core::count_queue(w.ports());
  value::array ports;
  for (const auto& [port, waiting] : queue.ports)
    ports.emplace_back(value::map{{"port", port.str()}, {"waiting", waiting}});
  return value(value::map{{"worker", w.index()},
                          {"waiting", queue.waiting},
                          {"more", queue.more},
                          {"ports", value(std::move(ports))}});
}

value::array with_busy(const std::vector<std::optional<value>>& answers) {
  value::array items;
  for (std::size_t i = 0; i < answers.size(); ++i)
    items.push_back(answers[i] ? *answers[i] : value(value::map{{"worker", i}, {"busy", true}}));
  return items;
}

// Reads "worker.place", the place where a page of ports begins.
std::optional<std::pair<std::uint32_t, std::uint32_t>> read_place(const value& after) {
  std::uint32_t worker = 0, place = 0;
  if (after.is_null()) return {{worker, place}};
  const std::string text = after.to_string();
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, worker);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return {};
  const auto second = std::from_chars(first.ptr + 1, end, place);
  if (second.ec != std::errc() || second.ptr != end) return {};
  return {{worker, place}};
}

}  // namespace

// A task of the network worker adds each answer; if it comes too late, it finds the survey over.
class inspect::survey {
 public:
  survey(std::size_t size, std::function<void(const answers&)> then)
      : then_(std::move(then)), answers_(size), missing_(size) {}

  bool put(std::size_t i, value v) {
    answers_[i] = std::move(v);
    return --missing_ == 0;
  }
  void finish() {
    timer.cancel();
    if (const auto then = std::exchange(then_, {})) then(answers_);
  }

  core::own_timer timer;

 private:
  std::function<void(const answers&)> then_;
  answers answers_;
  std::size_t missing_;
};

inspect::inspect(detail::local_node& node, bool allowed)
    : node_(node), api_(node), allowed_(allowed), began_(node.network_worker().clock().now()) {
  node.functions().serve(
      function_name, [this](const message& arguments, const std::string& from) { asked(arguments, from); });
}

inspect::~inspect() = default;

void inspect::shut_down() noexcept { surveys_.clear(); }

void inspect::asked(const message& arguments, const std::string& from) {
  const auto reply =
      arguments.empty() ? std::nullopt : detail::to_port_or_node(arguments[arguments.size() - 1]);
  if (!reply || reply->node() != from) {
    return node_.report(2, "questions of node " + from, [&] {
      return "inspect: node " + from +
             " did not say to which of its ports to answer; its question was dropped";
    });
  }
  const request r{arguments.size() > 1 ? arguments[0].to_string() : std::string(),
                  arguments.size() > 2 ? arguments[1] : value(), *reply};
  if (!allowed_ && from != node_.id()) {
    return refuse(r, {"inspect_is_off", "node " + node_.id() +
                                            " does not let others look at it: it is secure, or its "
                                            "configuration has inspect = false"});
  }
  if (r.what == "node") return tell_node(r);
  if (r.what == "ports") return tell_ports(r);
  if (r.what == "queue") return tell_queue(r);
  if (r.what == "connections") return tell_connections(r);
  if (r.what == "groups") return tell_groups(r);
  if (r.what == "supervisors") return tell_supervisors(r);
  refuse(r, {"unknown_question", "node " + node_.id() + " has no answer to '" + r.what +
                                     "'; there are: node ports queue connections groups supervisors"});
}

void inspect::answer(const request& r, value::map content) {
  content.emplace("inspect", version);
  content.emplace("node", node_.id());
  content.emplace("what", r.what);
  // Nobody is dialled just to get an answer.
  if (node_.names().is_local(r.reply) || node_.presence().is_up(r.reply.node()))
    api_.snd(r.reply, value(std::move(content)));
}

void inspect::refuse(const request& r, const error& why) {
  answer(r, {{"error", why.name}, {"text", why.text}});
}

// ---- workers ----

std::vector<std::uint32_t> inspect::all_workers() const {
  std::vector<std::uint32_t> all(node_.worker_count());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

void inspect::survey_workers(std::vector<std::uint32_t> workers, std::function<value(core::worker&)> question,
                             std::function<void(const answers&)> then) {
  const auto s = std::make_shared<survey>(workers.size(), std::move(then));
  surveys_.insert(s);
  const auto finish = [this, weak = std::weak_ptr(s)] {
    const auto over = weak.lock();
    if (over == nullptr || surveys_.erase(over) == 0) return;
    over->finish();
  };
  s->timer.start(node_.network_worker(), patience, finish);
  for (std::size_t i = 0; i < workers.size(); ++i) {
    core::worker& w = node_.worker(workers[i]);
    w.post(detail::make_task([this, i, &w, question, finish, weak = std::weak_ptr(s)] {
      node_.network_worker().post(detail::make_task([i, finish, weak, v = question(w)] {
        const auto waiting = weak.lock();
        if (waiting != nullptr && waiting->put(i, v)) finish();
      }));
    }));
  }
}

// ---- questions ----

void inspect::tell_node(const request& r) {
  survey_workers(all_workers(), of_worker, [this, r](const answers& of_workers) {
    std::uint64_t ports = 0, delivered = 0;
    for (const auto& w : of_workers) {
      if (!w) continue;
      ports += (*w)["ports"].to<std::uint64_t>().value_or(0);
      delivered += (*w)["delivered"].to<std::uint64_t>().value_or(0);
    }
    value::array listening;
    if (mesh_ != nullptr) {
      for (const net::endpoint& e : mesh_->listening()) listening.emplace_back(e.str());
    }
    core::clock& clock = node_.network_worker().clock();
    answer(r, {{"version", "aemp " AEMP_VERSION},
               {"time", clock.unix_time()},
               {"uptime", seconds(clock.now() - began_)},
               {"secure", node_.functions().is_secure()},
               {"listening", value(std::move(listening))},
               {"up", node_.presence().up().size()},
               {"groups", node_.registry().all().size()},
               {"ports", ports},
               {"delivered", delivered},
               {"internal_errors", node_.internal_errors()},
               {"workers", value(with_busy(of_workers))}});
  });
}

void inspect::tell_ports(const request& r) {
  const auto place = read_place(r.options["after"]);
  if (!place || place->first >= node_.worker_count())
    return refuse(r, {"bad_place", "'after' must be the 'next' of the answer before"});
  const auto [worker, slot] = *place;
  const auto page = [most = page_size(r.options), slot = slot](core::worker& w) {
    const core::port_page found = core::count_ports(w.ports(), slot, most);
    value::array items;
    for (const core::port_facts& p : found.ports) items.push_back(of_port(p));
    return value(value::map{{"items", value(std::move(items))}, {"next", found.next}});
  };
  survey_workers({worker}, page, [this, r, worker = worker](const answers& found) {
    if (!found[0]) {
      return refuse(
          r, {"worker_is_busy", "worker " + std::to_string(worker) + " of node " + node_.id() +
                                    " does not answer: a handler blocks it, or it has too much to do"});
    }
    const auto slot = (*found[0])["next"].to<std::uint32_t>().value_or(0);
    value next;
    if (slot != 0) {
      next = std::to_string(worker) + "." + std::to_string(slot);
    } else if (worker + 1 < node_.worker_count()) {
      next = std::to_string(worker + 1) + ".0";
    }
    answer(r, {{"items", (*found[0])["items"]}, {"next", next}});
  });
}

void inspect::tell_queue(const request& r) {
  survey_workers(all_workers(), of_queue, [this, r](const answers& found) {
    answer(r, {{"items", value(with_busy(found))}});
  });
}

void inspect::tell_connections(const request& r) {
  std::erase_if(echoes_, [this](const auto& e) { return !node_.presence().is_up(e.first); });
  value::array items, wishes;
  value next;
  if (mesh_ != nullptr) {
    const auto after = r.options["after"].to<std::uint64_t>().value_or(0);
    const std::size_t most = page_size(r.options);
    const auto links = mesh_->links_after(after, most);
    if (links.size() == most) next = links.back().number;
    for (const mesh::link_facts& l : links) {
      value::map facts = {{"number", l.number},
                          {"node", l.node},
                          {"address", l.address},
                          {"dialled", l.dialled},
                          {"framing_in", l.framing_in},
                          {"framing_out", l.framing_out},
                          {"auth", l.auth},
                          {"encryption", l.encryption},
                          {"bytes_in", l.total.bytes_in},
                          {"bytes_out", l.total.bytes_out},
                          {"packets_in", l.total.packets_in},
                          {"packets_out", l.total.packets_out},
                          {"queued", l.queued},
                          {"age", seconds(l.age)},
                          {"idle", seconds(l.idle)},
                          {"round_trip", round_trip_with(l.node)},
                          {"monitors", l.monitors},
                          {"watched", l.watched}};
      if (!l.through.empty()) facts.emplace("through", l.through);
      items.emplace_back(std::move(facts));
    }
    if (after == 0) {
      for (const mesh::wish_facts& w : mesh_->wishes(most_wishes)) {
        wishes.emplace_back(
            value::map{{"node", w.node}, {"messages", w.messages}, {"bytes", w.bytes}, {"tried", w.tried}});
      }
    }
  }
  answer(r, {{"items", value(std::move(items))}, {"wishes", value(std::move(wishes))}, {"next", next}});
}

// Returns the last measurement, and begins the next one. The echo is a "snd" request, which every node port
// serves for everyone.
value inspect::round_trip_with(const std::string& node) {
  core::clock& clock = node_.network_worker().clock();
  if (!echo_port_) {
    echo_port_ = api_.port([this, &clock](const message& m) {
      for (auto& [name, e] : echoes_) {
        if (!e.under_way || m[0] != value(e.token)) continue;
        e.under_way = false;
        e.took = clock.now() - e.sent;
      }
    });
  }
  echo& e = echoes_[node];
  if (e.token == 0 || (!e.under_way && clock.now() - e.sent > echo_every)) {
    e.token = ++tokens_;
    e.sent = clock.now();
    e.under_way = true;
    api_.snd(detail::make_named_port(node, {}), "snd", echo_port_, e.token);
  }
  return e.took ? value(seconds(*e.took)) : value();
}

// Their children they tell themselves (include/aemp/supervisor.hpp).
void inspect::tell_supervisors(const request& r) {
  value::array items;
  for (const port_id& p : node_.extension<supervisors>().all())
    items.emplace_back(value::map{{"supervisor", p.str()}});
  answer(r, {{"items", value(std::move(items))}, {"next", value()}});
}

void inspect::tell_groups(const request& r) {
  const core::families& all = node_.registry().all();
  const core::families& own = node_.registry().own();
  const std::size_t most = page_size(r.options);
  auto at = r.options["after"].is_null() ? all.begin() : all.upper_bound(r.options["after"].to_string());
  value::array items;
  value next;
  for (; at != all.end() && items.size() < most; ++at) {
    const auto mine = own.find(at->first);
    items.emplace_back(value::map{{"group", at->first},
                                  {"members", at->second.size()},
                                  {"own", mine == own.end() ? 0 : mine->second.size()}});
    next = at->first;
  }
  if (at == all.end()) next = value();
  answer(r, {{"items", value(std::move(items))}, {"next", next}});
}

}  // namespace aemp::service
