#include "service/kept_entries.hpp"

#include <aemp/log.hpp>

#include "core/registry.hpp"
#include "core/words.hpp"

namespace aemp::service {

kept_entries::kept_entries(detail::local_node& node) : node_(node), api_(node) {
  if (node.functions().is_secure()) return;
  node.functions().serve(set_name,
                         [this](const message& arguments, const std::string& from) { set(arguments, from); });
  node.functions().serve(erase_name,
                         [this](const message& arguments, const std::string&) { erase(arguments); });
}

void kept_entries::set(const message& arguments, const std::string& from) {
  const auto refuse = [&](const std::string& why) {
    node_.report(2, "keys kept for node " + from, [&] {
      return "node " + from + " wants node " + node_.id() + " to keep a key of the database, " + why +
             "; it was dropped";
    });
  };
  if (arguments.size() < 2 || arguments.size() > 3) return refuse("with " + arguments.to_json());
  const std::string family = core::word_in(arguments[0], core::is_name).value_or("");
  const std::string key = core::word_in(arguments[1], core::is_key).value_or("");
  if (family.empty() || family.starts_with('\'') || key.empty())
    return refuse("'" + key + "' of family '" + family + "', and these are no names for that");
  const value content = arguments.size() == 3 ? arguments[2] : value();
  const auto before = kept_.find({family, key});
  const auto own = node_.registry().own().find(family);
  if (before == kept_.end() && own != node_.registry().own().end() && own->second.contains(key))
    return refuse("'" + key + "' of family '" + family + "', which it has set itself");
  const std::size_t weight = core::weight_of(core::family_content{{key, content}});
  const std::size_t others = weight_ - (before == kept_.end() ? 0 : before->second.weight);
  if (others + weight > most_bytes)
    return refuse("'" + key + "' of family '" + family + "', and it keeps enough for others already");
  weight_ = others + weight;
  kept_.insert_or_assign({family, key}, kept{api_.db_set(family, key, content), weight});
}

void kept_entries::erase(const message& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto found =
        kept_.find({core::as_text(arguments[0].to_string()), core::as_text(arguments[i].to_string())});
    if (found == kept_.end()) continue;
    weight_ -= found->second.weight;
    found->second.entry.cancel();
    kept_.erase(found);
  }
}

}  // namespace aemp::service
