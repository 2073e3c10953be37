#include "tool/config/config_editor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/relaxed_json.hpp"

using namespace aemp;
using namespace aemp::tool;

namespace {

struct scratch_file {
  scratch_file() {
    std::string folder = (std::filesystem::temp_directory_path() / "aemp.XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path = folder + "/conf";
  }
  ~scratch_file() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
  std::string read(const char* more = "") const {
    std::ifstream in(path + more);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string path;
};

}  // namespace

TEST(config_editor, writes_as_the_original_does) {
  const scratch_file file;
  auto editor = *config_editor::open(file.path);
  editor.set("p", "binds", value(value::array{"a:1", "b:2"}));
  editor.set("", "seeds", value(value::array{}));
  ASSERT_TRUE(editor.save());
  EXPECT_EQ(file.read(),
            "{\n   \"profile\" : {\n      \"p\" : {\n         \"binds\" : [\n            \"a:1\",\n          "
            "  \"b:2\"\n"
            "         ]\n      }\n   },\n   \"seeds\" : [],\n   \"version\" : 1\n}\n");
}

TEST(config_editor, keeps_what_it_does_not_know) {
  const scratch_file file;
  file.write(R"({ "version" : 2, "strange" : { "a" : [ 1.5, null, true ] }, "profile" : { "p" : null } })");
  auto editor = *config_editor::open(file.path);
  EXPECT_TRUE(editor.profiles().empty());
  editor.set("p", "nodeid", "n");
  ASSERT_TRUE(editor.save());
  EXPECT_EQ(
      *api::read_relaxed_json(file.read(), "f"),
      *value::from_json(R"({"version":2,"strange":{"a":[1.5,null,true]},"profile":{"p":{"nodeid":"n"}}})"));
}

TEST(config_editor, does_not_overwrite_what_somebody_else_has_written) {
  const scratch_file file;
  file.write("{}");
  auto editor = *config_editor::open(file.path);
  editor.set("", "nodeid", "ours");
  file.write(R"({"nodeid":"theirs"})");
  const auto saved = editor.save();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().name, "config_changed");
  EXPECT_EQ(file.read(), R"({"nodeid":"theirs"})");
  EXPECT_FALSE(std::filesystem::exists(file.path + "~new~"));
}

TEST(config_editor, refuses_what_json_cannot_hold) {
  const scratch_file file;
  auto editor = *config_editor::open(file.path);
  editor.set("", "nodeid", value::bytes_of("\xff\xfe"));
  EXPECT_FALSE(editor.save());
  EXPECT_FALSE(std::filesystem::exists(file.path));
}

RC_GTEST_PROP(config_editor, reads_back_what_it_has_written, ()) {
  const scratch_file file;
  auto editor = *config_editor::open(file.path);
  const auto changes =
      *rc::gen::container<std::vector<std::tuple<bool, std::string, std::int64_t>>>(rc::gen::tuple(
          rc::gen::arbitrary<bool>(), rc::gen::string<std::string>(), rc::gen::arbitrary<std::int64_t>()));
  for (const auto& [in_profile, text, number] : changes) {
    std::string key = "k";
    for (char c : text) key += static_cast<char>(c & 0x7f);
    editor.set(in_profile ? "p" : "", key, value(value::array{key, number, value::map{{key, nullptr}}}));
  }
  RC_ASSERT(static_cast<bool>(editor.save()));
  const auto again = config_editor::open(file.path);
  RC_ASSERT(static_cast<bool>(again));
  RC_ASSERT(again->profile("") == editor.profile(""));
  RC_ASSERT(again->profile("p") == editor.profile("p"));
}
