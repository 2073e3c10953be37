// What peers of version 1 say to their rendezvous ports: addresses, nodes, groups. See stage_fuzz.hpp.
#include "mesh/stage_fuzz.hpp"

namespace {

using namespace aemp;
using namespace aemp::mesh;

constexpr std::string_view templates[] = {
    R"(a ["","AnyEvent::MP::_spawn","a.r","AnyEvent::MP::Global::connect",0,"a"])",
    R"(b ["","AnyEvent::MP::_spawn","b.r","AnyEvent::MP::Global::connect",0,"b"])",
    R"(a ["a.r","addr",["10.0.0.9:1","[::1]:2"]])",
    R"(a ["a.r","nodes",{"b":["10.0.0.3:1"],"far":["10.0.0.9:9"]}])",
    R"(a ["a.r","set",{"g":["a#1","a#2"],"h":["b#x"]}])",
    R"(b ["b.r","reg1","g","b#1"])",
    R"(b ["b.r","reg0","g","b#1"])",
    R"(a ["a.r","setup"])",
    R"(a ["a.r","find","b"])",
    R"(a ["a.r","seedme1"])",
    R"(a ["a.r","seedme0"])",
    R"(a ["","kil","a.r"])",
    R"(a ["","mon1","a.r"])",
    R"(a ["","kil0","victim.r","tired"])",
    R"(b null)",
    R"(b true)",
    R"(= ["grp","victim#log","g"])",
    R"(= ["kil","victim#log"])",
    R"(= ["snd","far#x",1])",
    R"(+ 3000)",
    R"(+ 20000)"};

settings spoken() {
  settings s = plain_settings();
  s.global_1 = true;
  s.limits.max_registered = 2'000;
  return s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stage(spoken(), {{}, {}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return mutate_script(templates, data, size, most, seed);
}
