// A service: functions in a shared object, which `aemp run` loads into its node. One of its source files has
//
//     #include <aemp/service.hpp>
//
//     AEMP_SERVICE(aemp::node& me) {
//       me.define("chat::serve", [](int room) { … });
//     }
//
// The object is named after the first part of its functions' names, chat.so; where it is looked for says
// docs/configuration.md, "Services". With "chat::serve" in the node's `services` the function is also called.
// In CMake: aemp_add_service(chat chat.cpp).
//
// AEMP_SERVICE is called on the main thread before the node runs, and again when SIGHUP has the node made
// anew, on the new one; what it defines may use the node as long as that lives. If it throws, `aemp run`
// fails; after a SIGHUP the node runs without what was not defined, and the log says so.
//
// The library's code is that of the program that loads the object. So the object must not be linked with it,
// and is refused when it was built for another version. It stays loaded until the process ends, since nobody
// can know when the last handler, message or thread-local object whose code is in it is gone; a new build of
// it takes a new process.
#pragma once

#include <aemp/aemp.hpp>

// The version of the library that these headers belong to.
#define AEMP_SERVICE_VERSION "0.1.0"

extern "C" {
[[gnu::visibility("default")]] extern const char aemp_service_version[];
[[gnu::visibility("default")]] void aemp_service(aemp::node& me);
}

// The text is looked for in the file before anything of it is loaded.
#define AEMP_SERVICE(node_parameter)                                                        \
  const char aemp_service_version[] = "aemp service for version " AEMP_SERVICE_VERSION ";"; \
  void aemp_service(node_parameter)
