#include "core/mailbox.hpp"

#include <utility>

namespace aemp::core {

mailbox::letter* mailbox::first_of(std::uint64_t key) const noexcept {
  if (empty()) return nullptr;
  const auto found = chains_->find(key);
  return found == chains_->end() ? nullptr : found->second.first;
}

mailbox::letter& mailbox::put(message content) {
  const std::uint64_t key = content.get()->key;
  if (chains_ == nullptr) chains_ = std::make_unique<decltype(chains_)::element_type>();
  const auto [place, is_new] = chains_->try_emplace(key);
  std::uint16_t size_class;
  auto* const l = ::new (detail::allocate(sizeof(letter), size_class))
      letter{nullptr, last_, nullptr, is_new ? nullptr : place->second.last, ++arrived_, std::move(content)};
  (last_ == nullptr ? first_ : last_->next) = l;
  last_ = l;
  (is_new ? place->second.first : place->second.last->next_of_key) = l;
  place->second.last = l;
  return *l;
}

message mailbox::take(letter& l) noexcept {
  (l.before == nullptr ? first_ : l.before->next) = l.next;
  (l.next == nullptr ? last_ : l.next->before) = l.before;
  const auto place = chains_->find(l.content.get()->key);
  chain& of = place->second;
  (l.before_of_key == nullptr ? of.first : l.before_of_key->next_of_key) = l.next_of_key;
  (l.next_of_key == nullptr ? of.last : l.next_of_key->before_of_key) = l.before_of_key;
  if (of.first == nullptr) chains_->erase(place);
  message content = std::move(l.content);
  std::destroy_at(&l);
  detail::deallocate_sized(&l, sizeof(letter));
  return content;
}

void mailbox::clear() noexcept {
  while (first_ != nullptr) (void)take(*first_);
}

}  // namespace aemp::core
