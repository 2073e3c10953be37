#include "mesh/estates.hpp"

#include <gtest/gtest.h>

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

class estate : public testing::Test {
 protected:
  estate() {
    all_.update("m", "g", {{"a#1", nullptr}, {"b#1", nullptr}});
    all_.update("m", "'l", {{"a", 1}, {"b", 2}});
    all_.update("m", "'g", {{"a", nullptr}});
  }
  std::string known(const std::string& family) {
    std::string text;
    for (const auto& [key, v] : all_.family(family)) text += key + " ";
    return text;
  }
  void change(const std::string& owner, const core::family_content& set, std::vector<std::string> deleted) {
    note(all_.update(owner, "g", set, deleted));
    estates_.claim("g", set, deleted);
  }
  void note(const core::family_change& c) {
    for (const auto& [key, v] : c.set) told_ += "+" + key + " ";
    for (const std::string& key : c.deleted) told_ += "-" + key + " ";
  }

  test_world w_;
  test_node& node_ = w_.add("me");
  core::database all_;
  std::string told_;
  removals gone_{node_.core.network_worker(), all_, [this](const core::family_change& c) { note(c); }};
  estates estates_{node_.core.network_worker(), all_, [this](const core::family_change& c) { note(c); },
                   gone_};
};

TEST_F(estate, keeps_what_a_source_has_told_until_it_ends) {
  estates_.open("m", estates::term::until_known);
  EXPECT_EQ("a#1 b#1 ", known("g"));
  EXPECT_EQ("", known("'g")) << "who is global is said by those who are connected";
  estates_.settle(estates::term::until_told);
  EXPECT_EQ("a#1 b#1 ", known("g"));
  told_.clear();
  estates_.settle(estates::term::until_known);
  EXPECT_EQ("", known("g"));
  EXPECT_EQ("-a -b -a#1 -b#1 ", told_);
  EXPECT_TRUE(estates_.empty());
}

TEST_F(estate, tells_nothing_of_what_another_source_says_and_does_not_outlive_its_word) {
  estates_.open("m", estates::term::until_known);
  told_.clear();
  change("n", {{"a#1", nullptr}}, {});
  EXPECT_EQ("", told_);
  change("n", {}, {"a#1", "b#1"});
  EXPECT_EQ("-a#1 -b#1 ", told_);
}

TEST_F(estate, loses_the_ports_of_a_node_with_it) {
  estates_.open("m", estates::term::until_known);
  estates_.bury("a");
  EXPECT_EQ("b#1 ", known("g"));
  EXPECT_EQ("b ", known("'l"));
}

TEST_F(estate, ends_for_one_family_or_in_its_time) {
  node_.act([&] { estates_.open("m", estates::term::for_a_time, std::chrono::seconds(4)); });
  estates_.settle("'l");
  EXPECT_EQ("", known("'l"));
  w_.run(3s);
  EXPECT_EQ("a#1 b#1 ", known("g"));
  w_.run(2s);
  EXPECT_EQ("", known("g"));
}

}  // namespace
}  // namespace aemp::mesh
