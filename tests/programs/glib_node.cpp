// A node on GLib's main loop, as a program with GTK has it: a GSource that watches the host. Prints one line each for
// a timer of GLib, a message to the node, and a timer of the node.
#include <glib-unix.h>
#include <glib.h>
#include <poll.h>

#include <iostream>

#include <aemp/aemp.hpp>
#include <aemp/polled_host.hpp>

namespace {

using namespace std::chrono_literals;

struct host_source {
  GSource base;
  aemp::polled_host* host;
};

gboolean prepare(GSource* source, gint* timeout) {
  *timeout = reinterpret_cast<host_source*>(source)->host->timeout();
  return *timeout == 0;
}

gboolean check(GSource* source) {
  const auto& own = *reinterpret_cast<host_source*>(source);
  pollfd p{own.host->descriptor(), POLLIN, 0};
  return own.host->timeout() == 0 || poll(&p, 1, 0) == 1;
}

gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
  reinterpret_cast<host_source*>(source)->host->run_pending();
  return G_SOURCE_CONTINUE;
}

GSourceFuncs functions = {prepare, check, dispatch, nullptr, nullptr, nullptr};

}  // namespace

int main() {
  GMainLoop* const loop = g_main_loop_new(nullptr, FALSE);
  aemp::polled_host host;
  GSource* const source = g_source_new(&functions, sizeof(host_source));
  reinterpret_cast<host_source*>(source)->host = &host;
  g_source_add_unix_fd(source, host.descriptor(), G_IO_IN);
  g_source_attach(source, nullptr);
  {
    aemp::config c;
    c.norc = true;
    aemp::node me(c, host);
    const aemp::port_id p = me.port("hello", [&](const std::string& from) {
      std::cout << "message from " << from << std::endl;
      me.after(10ms, [&] {
        std::cout << "timer of the node" << std::endl;
        me.stop();
        g_main_loop_quit(loop);
      });
    });
    struct both {
      aemp::node& node;
      const aemp::port_id& port;
    } known{me, p};
    g_timeout_add(
        10,
        [](gpointer data) -> gboolean {
          std::cout << "timer of GLib" << std::endl;
          const auto& to = *static_cast<both*>(data);
          to.node.snd(to.port, "hello", "GLib");
          return G_SOURCE_REMOVE;
        },
        &known);
    g_main_loop_run(loop);
  }
  g_source_destroy(source);
  g_source_unref(source);
  g_main_loop_unref(loop);
}
