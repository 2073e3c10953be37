// Every node of the captured sessions once, in the place of the real one (replay_test.hpp).
#include "mesh/replay_test.hpp"

namespace aemp::mesh {
namespace {

std::string no_eval(const std::string& node) {
  return "\"node " + node + " evaluates no code; only functions that it has defined can be called\"]";
}

// aemp-protocol B.2 to B.7, C.11, D.1 to D.3, E.1, E.4.
TEST(replay, of_two_nodes_of_version_1_as_the_accepting_one) {
  replay(
      {.session = "two_nodes_1x",
       .node = "seed1",
       .registered = {{"Nj1QKzGn.a", "echogrp"}},
       .differs =
           {{R"(["","kil0","JVDvSsJ2hGLO0uTA.h")",
             R"(["","kil0","JVDvSsJ2hGLO0uTA.h","no_such_function","function 'main::nosuch' is not defined on node seed1"])"},
            {R"(["NkJQLGka.a","known")", R"(["NkJQLGka.a","known","cli1"])"},
            {R"(["NkJQLGka.a","evalres")", R"(["NkJQLGka.a","evalres",)" + no_eval("seed1")},
            {R"(["NkJQLGka.a","evalerr")", R"(["NkJQLGka.a","evalerr",)" + no_eval("seed1")}}})
      .play();
}
TEST(replay, of_two_nodes_of_version_1_as_the_dialling_one) {
  replay({.session = "two_nodes_1x",
          .node = "cli1",
          .seeds = {"seed1"},
          .acts = true,
          .until = 19900ms,
          .monitor_timeout = 3s})
      .play();
}

// E.1 to E.4: full mesh, masters, what is forgotten and asked for when a node is lost.
TEST(replay, of_four_nodes_of_version_1_as_the_seed) {
  replay({.session = "mesh_four_nodes_1x",
          .node = "seedN",
          .seeds = {"seedN"},
          .registered = {{"PBhRQx17a.a", "all"}}})
      .play();
}
TEST(replay, of_four_nodes_of_version_1_as_the_first) {
  replay({.session = "mesh_four_nodes_1x",
          .node = "nodeA",
          .seeds = {"seedN"},
          .registered = {{"PBpRRNVx2.a", "all"}}})
      .play();
}
TEST(replay, of_four_nodes_of_version_1_as_the_second) {
  replay({.session = "mesh_four_nodes_1x",
          .node = "nodeB",
          .seeds = {"seedN"},
          .registered = {{"PBx0RRc0x0.a", "all"}},
          .until = 9400ms})
      .play();
}
TEST(replay, of_four_nodes_of_version_1_as_the_one_that_listens_nowhere) {
  replay({.session = "mesh_four_nodes_1x",
          .node = "nodeC",
          .seeds = {"seedN"},
          .registered = {{"PB5RRRx2d.a", "all"}},
          .until = 13900ms,
          .last = "nodeA"})
      .play();
}

// I.2 to I.5: global nodes and slaves.
TEST(replay, of_four_nodes_of_version_2_as_the_first_global_node) {
  replay({.session = "four_nodes_2x_json",
          .node = "gA",
          .seeds = {"gA", "gB"},
          .registered = {{"TYe39wOoab", "echogrp"}},
          .until = 11900ms,
          .global = true,
          // In which order the families of a lost node are deleted is that of a hash.
          .differs = {{R"(["","g_upd","myfam",{},["k2"]])", R"(["","g_upd","'l",{},["slave/7keIsOnCfL"]])"},
                      {R"(["","g_upd","'l",{},["slave/7keIsOnCfL"]])", R"(["","g_upd","myfam",{},["k2"]])"},
                      {R"(["TcgHwxyTIb","ev")", R"(["TcgHwxyTIb","ev",)" + no_eval("gA")},
                      {R"(["b","ev")", R"(["b","ev",)" + no_eval("gA")}}})
      .play();
}
TEST(replay, of_four_nodes_of_version_2_as_the_second_global_node) {
  replay({.session = "four_nodes_2x_json",
          .node = "gB",
          .seeds = {"gA", "gB"},
          .registered = {{"TZe3wbU96b", "echogrp"}},
          .until = 11900ms,
          .global = true})
      .play();
}
TEST(replay, of_four_nodes_of_version_2_as_a_slave) {
  replay({.session = "four_nodes_2x_json",
          .node = "s2",
          .seeds = {"gA"},
          .monitored = {"echogrp"},
          .acts = true,
          .until = 7900ms,
          .differs = {{R"(["","g_find","gA"])", ""}}})
      .play();
}
TEST(replay, of_four_nodes_of_version_2_as_another_slave) {
  replay({.session = "four_nodes_2x_json",
          .node = "slave/7keIsOnCfL",
          .seeds = {"gA"},
          .monitored = {"echogrp"},
          .acts = true,
          .until = 8900ms,
          .differs = {{R"(["","g_find","gA"])", ""}}})
      .play();
}

}  // namespace
}  // namespace aemp::mesh
