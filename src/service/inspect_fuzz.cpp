// Fuzzes what peers ask a node about itself, and which database keys they ask it to keep.
// See services_fuzz.hpp.
#include "service/services_fuzz.hpp"

namespace {

constexpr std::string_view templates[] = {
    R"(a ["","aemp::inspect","node",{},"a#reply"])",
    R"(a ["","aemp::inspect","ports",{"most":2,"after":"0.0"},"a#reply"])",
    R"(b ["","aemp::inspect","queue",{},"b#reply"])",
    R"(b ["","aemp::inspect","connections",{"most":1,"after":1},"b#reply"])",
    R"(a ["","aemp::inspect","groups",{"most":1,"after":"g"},"a#reply"])",
    R"(a ["","aemp::inspect","nothing",null,"b#reply"])",
    R"(a ["","AnyEvent::MP::Kernel::db_set","family","key",{"v":1}])",
    R"(b ["","AnyEvent::MP::Kernel::db_del","family","key"])",
    R"(a null)",
    R"(a true)",
    R"(= ["grp","victim#log","g"])",
    R"(= ["snd","far#x",1])",
    R"(+ 600)",
    R"(+ 3000)"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aemp::service::service_stage({{}, {{"mproto", "1"}}}).play({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  return aemp::mesh::mutate_script(templates, data, size, most, seed);
}
