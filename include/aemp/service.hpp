// A service is a shared object with functions, which `aemp run` loads into its node. One of its source files
// contains
//
//     #include <aemp/service.hpp>
//
//     AEMP_SERVICE(aemp::node& me) {
//       me.define("chat::serve", [](int room) { … });
//     }
//
// The file is named after the first part of its functions' names: chat.so. aemp.conf(5), "Services", says
// where it is looked for. When the node's `services` contain "chat::serve", the function is also called. In
// CMake: aemp_add_service(chat chat.cpp).
//
// AEMP_SERVICE runs on the main thread before the node runs. It runs again for the new node when SIGHUP makes
// the program start its node anew. What it defines may use the node as long as that lives. If it throws,
// `aemp run` fails; after a SIGHUP the node runs without what was not defined, and the log says so.
//
// The object must not be linked with the library: it uses the code of the program that loads it. An object
// that was built for another version is refused. A loaded one stays until the process ends, since nobody can
// know when the last handler, message or thread-local object with its code is gone. So a new build needs a
// new process.
#pragma once

#include <aemp/aemp.hpp>
#include <aemp/export.hpp>
#include <aemp/version.hpp>

extern "C" {
AEMP_API extern const char aemp_service_version[];
AEMP_API void aemp_service(aemp::node& me);
}

// The loader looks for this text in the file before it loads anything of it.
#define AEMP_SERVICE(node_parameter)                                                \
  const char aemp_service_version[] = "aemp service for version " AEMP_VERSION ";"; \
  void aemp_service(node_parameter)
