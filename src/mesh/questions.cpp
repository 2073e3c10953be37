#include "mesh/questions.hpp"

#include <utility>

#include "core/words.hpp"
#include "mesh/lots.hpp"

namespace aemp::mesh {

void questions::add(const std::string& family, core::query_kind what, answer done) {
  const std::string id = std::to_string(++asked_);
  open_.emplace(id, question{family, what, std::move(done)});
  go_on(id);
}

// A new node is asked from the beginning: what another one has answered so far does not count.
void questions::ask_all() {
  std::vector<std::string> ids;
  for (auto& [id, q] : open_) {
    q = question{std::move(q.family), q.what, std::move(q.done)};
    ids.push_back(id);
  }
  for (const std::string& id : ids) go_on(id);
}

// Takes a copy of the name: the timer that calls this may go.
void questions::go_on(std::string id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  question& q = found->second;
  if (const core::family_content* all = how_.here(q.family)) {
    family_lot part = next_lot(*all, q.upto);
    if (!take(q, core::answer_of(part.content, q.what), std::move(part.keys.upto))) return finish(id);
    if (q.next == nullptr) q.next = std::make_unique<core::own_timer>();
    return q.next->start(worker_, core::duration::zero(), [this, id] { go_on(id); });
  }
  static constexpr const char* tags[] = {"g_db_family", "g_db_keys", "g_db_values"};
  std::vector<value> elements{tags[static_cast<int>(q.what)], q.family, id};
  if (q.upto) elements.push_back(*q.upto);
  how_.ask(std::move(elements));
}

// True: more parts follow.
bool questions::take(question& q, const value& part, std::optional<std::string> upto) {
  q.weight += part.weight();
  if (q.what == core::query_kind::family) {
    for (const auto& [key, v] : part.entries()) q.entries.insert_or_assign(key, v);
  } else {
    q.list.insert(q.list.end(), part.elements().begin(), part.elements().end());
  }
  q.upto = std::move(upto);
  return q.upto.has_value();
}

void questions::finish(const std::string& id) {
  const auto found = open_.find(id);
  question q = std::move(found->second);
  open_.erase(found);
  q.done(q.what == core::query_kind::family ? value(std::move(q.entries)) : value(std::move(q.list)));
}

result<void> questions::reply(const message& m) {
  const auto found = open_.find(core::word_in(m[1], core::is_key).value_or(""));
  if (found == open_.end()) return {};  // it has been answered by somebody else
  question& q = found->second;
  auto upto = core::word_in(m[3], core::is_key);
  if (!upto && !q.upto) {
    const answer done = std::move(q.done);
    open_.erase(found);
    done(m[2]);
    return {};
  }
  const auto part = q.what == core::query_kind::family ? value::kind::map : value::kind::array;
  if (m[2].type() != part || (upto && q.upto && *upto <= *q.upto))
    return error{"malformed_packet",
                 "a part of an answer has the wrong type, or does not follow the part before it"};
  const std::string id = found->first;
  if (q.weight + m[2].weight() > most_) {
    const std::string family = q.family;
    open_.erase(found);
    return error{"too_large", "answers a question about family '" + family.substr(0, 64) +
                                  "' with more than limits.max_registered; it stays without an answer"};
  }
  if (take(q, m[2], std::move(upto))) {
    go_on(id);
  } else {
    finish(id);
  }
  return {};
}

}  // namespace aemp::mesh
