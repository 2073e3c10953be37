// What peers of version 2 say about groups and the database, as slaves, as global nodes, and as masters; and
// beside them one of version 1, so that what is told passes between the versions. See stage_fuzz.hpp.
#include "mesh/stage_fuzz.hpp"

namespace {

using namespace aemp;
using namespace aemp::mesh;

constexpr std::string_view templates[] = {
    R"(a ["","g_global"])",
    R"(a ["","g_slave",{"g":{"a#1":null},"'l":{"a":["10.0.0.2:1"]}}])",
    R"(b ["","g_slave"])",
    R"(a ["","g_set",{"g":{"a#1":null,"a#2":7},"'l":{"a":["10.0.0.2:1"]}}])",
    R"(a ["","g_upd","g",{"a#1":null},["a#2"]])",
    R"(b ["","g_upd","'l",{"b":["10.0.0.3:4"]},[]])",
    R"(b ["","g_mon1","g"])",
    R"(b ["","g_mon0","g"])",
    R"(a ["","g_find","b"])",
    R"(a ["","g_found","far",["10.0.0.9:1"],["b"]])",
    R"(a ["","g_db_family","g","id"])",
    R"(a ["","g_db_keys","g",1])",
    R"(a ["","g_db_values","g",1])",
    R"(a ["","g_reply","1",{"k":1}])",
    R"(a ["","g_chg1","g",{"a#1":null}])",
    R"(a ["","g_chg2","g",{"a#3":null},["a#1"]])",
    R"(c ["","AnyEvent::MP::_spawn","c.r","AnyEvent::MP::Global::connect",0,"c"])",
    R"(c ["c.r","set",{"g":["c#1"]}])",
    R"(a ["","g_set",{"g":{"a#4":null}},["g","a#4"]])",
    R"(a ["","g_set",{"h":{"a#5":1}},null,["g","a#4"]])",
    R"(a ["","g_slave",{"g":{"a#4":null}},["g","a#4"],["g",""]])",
    R"(a ["","g_more",["g","a#1"]])",
    R"(a ["","g_mon1","g","a#1"])",
    R"(a ["","g_chg1","g",{"a#3":null},null,"a#3","a#1"])",
    R"(a ["","g_reply","1",{"k":1},"k"])",
    R"(a ["","g_db_family","g","id","a#1"])",
    R"(a null)",
    R"(a true)",
    R"(= ["grp","victim#log","g"])",
    R"(= ["kil","victim#log"])",
    R"(= ["snd","far#x",1])",
    R"(+ 3000)",
    R"(+ 20000)"};

settings spoken() {
  settings s = plain_settings();
  s.global_1 = s.global_2 = true;
  s.limits.max_registered = 2'000;
  s.limits.max_subscriptions = 4;
  return s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const greeting_keys modern{{"mproto", "1"}, {"gproto", "1"}};
  stage(spoken(), {modern, modern, {}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return mutate_script(templates, data, size, most, seed);
}
