#include "core/mailbox.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include <list>

namespace aemp::core {
namespace {

std::size_t size_of(const mailbox& m) {
  std::size_t n = 0;
  for (const mailbox::letter* l = m.first(); l != nullptr; l = l->next) ++n;
  return n;
}

std::string text_of(const mailbox::letter* l) { return l == nullptr ? "-" : l->content.to_json(); }

TEST(mailbox, finds_the_first_of_all_and_the_first_of_a_tag) {
  mailbox m;
  EXPECT_TRUE(m.empty());
  EXPECT_EQ(text_of(m.first_of(symbol_key("a"))), "-");
  m.put(message("a", 1));
  m.put(message("b", 2));
  m.put(message("a", 3));
  m.put(message(4));
  EXPECT_EQ(size_of(m), 4u);
  EXPECT_EQ(text_of(m.first()), R"(["a",1])");
  EXPECT_EQ(text_of(m.first_of(symbol_key("b"))), R"(["b",2])");
  EXPECT_EQ(text_of(m.first_of(symbol_key("a"))->next_of_key), R"(["a",3])");
  EXPECT_EQ(text_of(m.first_of(0)), "[4]");
}

// Against a list that is searched from its beginning.
TEST(mailbox, gives_what_a_plain_list_gives) {
  rc::check([](const std::vector<std::pair<bool, std::uint8_t>>& steps) {
    mailbox m;
    std::list<std::pair<std::string, int>> plain;
    int number = 0;
    for (const auto& [put, choice] : steps) {
      const std::string tag(1, static_cast<char>('a' + choice % 4));
      if (put) {
        m.put(message(tag, ++number));
        plain.emplace_back(tag, number);
        continue;
      }
      mailbox::letter* l = choice % 5 == 0 ? m.first() : m.first_of(symbol_key(tag));
      auto at = plain.begin();
      if (choice % 5 != 0)
        at = std::find_if(plain.begin(), plain.end(), [&](const auto& p) { return p.first == tag; });
      if (choice % 3 == 0 && l != nullptr && l->next_of_key != nullptr) {  // one from the middle
        l = l->next_of_key;
        const std::string same = at->first;
        do ++at;
        while (at->first != same);
      }
      RC_ASSERT((l == nullptr) == (at == plain.end()));
      if (l == nullptr) continue;
      const message taken = m.take(*l);
      RC_ASSERT(taken[1].to<int>() == at->second);
      plain.erase(at);
      RC_ASSERT(size_of(m) == plain.size());
    }
  });
}

}  // namespace
}  // namespace aemp::core
