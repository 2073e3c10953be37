// Circuits: what both ends of one tell the node in the middle, which is the victim, and what a node in the
// middle tells the victim about circuits that end there. See stage_fuzz.hpp.
#include "mesh/stage_fuzz.hpp"

namespace {

using namespace aemp;
using namespace aemp::mesh;

constexpr std::string_view templates[] = {
    R"(a ["","relay","b","c1","open"])",
    R"(a ["","relay","b","c1","data",0,"YWVtcDs="])",
    R"(b ["","relay","a","c1","data",0,"YWVtcDs="])",
    R"(a ["","relay","b","c1","ack",4])",
    R"(b ["","relay","a","c1","end","enough"])",
    R"(a ["","circuit","far","c2","open"])",
    R"(a ["","circuit","far","c2","data",0,"YWVtcC0xLjA7YWVtcDtmYXI7"])",
    R"(a ["","circuit","far","c2","data",5,"eA=="])",
    R"(a ["","circuit","far","c2","ack",10])",
    R"(a ["","circuit","far","c2","ack",1000000])",
    R"(a ["","circuit","far","c2","end","enough"])",
    R"(a ["","snd","b#","circuit","a","c3","open"])",
    R"(a null)",
    R"(a true)",
    R"(= ["snd","far@10.0.0.2:4040#x","hello"])",
    R"(= ["mon","far@10.0.0.2:4040#x"])",
    R"(+ 3000)",
    R"(+ 31000)"};

settings few() {
  settings s = plain_settings();
  s.limits.max_circuits = 3;
  return s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stage(few(), {{{"relay", "1"}}, {}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return mutate_script(templates, data, size, most, seed);
}
