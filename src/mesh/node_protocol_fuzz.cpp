// What connected peers tell the node port and ports, in the words of both versions. See stage_fuzz.hpp.
#include "mesh/stage_fuzz.hpp"

namespace {

using namespace aemp;
using namespace aemp::mesh;

constexpr std::string_view templates[] = {R"(a ["","mon1","log"])",
                                          R"(b ["","mon0","log"])",
                                          R"(a ["","kil0","x","reason","text"])",
                                          R"(b ["","kil","log"])",
                                          R"(a ["","kil1","victim.s","tired"])",
                                          R"(a ["","snd","victim#log","hello",1])",
                                          R"(a ["","snd","b#x","passed","on"])",
                                          R"(a ["","snd","a#x"])",
                                          R"(a ["","snd","victim#"])",
                                          R"(a ["","snd_multiple",["victim#log",1],["a#x",2]])",
                                          R"(a ["","info","a#x","token"])",
                                          R"(b ["","up_nodes","b#x"])",
                                          R"(a ["","known_nodes","a#x"])",
                                          R"(a ["","time","a#x"])",
                                          R"(a ["","can","eval","a#x"])",
                                          R"(a ["","eval","AnyEvent::MP::Kernel::up_nodes","a#x"])",
                                          R"(a ["","devnull",[{"k":[1,2.5,null]}]])",
                                          R"(a ["","AnyEvent::MP::_spawn","a.s","make",1,"two"])",
                                          R"(a ["","make",1,"two"])",
                                          R"(a ["a.s","message"])",
                                          R"(b ["log",{"a":[true,1.5,null]},-1])",
                                          R"(a "[\"\",\"snd\"")",
                                          R"(a null)",
                                          R"(a true)",
                                          R"(= ["mon","a#x"])",
                                          R"(= ["snd","a#x","hello"])",
                                          R"(= ["snd","nobody#x","hello"])",
                                          R"(= ["kil","victim#log","why"])",
                                          R"(= ["kil","a#x","why"])",
                                          R"(+ 3000)"};

class node_stage : public stage {
 public:
  node_stage() : stage(few(), {{}, {{"mproto", "1"}}}) {
    victim.act([&] { victim.api.define("make", [](int, std::string) {}); });
  }

 private:
  static settings few() {
    settings s = plain_settings();
    s.limits.max_monitors = 4;
    s.limits.max_wishes = 3;
    return s;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  node_stage().play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return mutate_script(templates, data, size, most, seed);
}
