// A data connection carries raw bytes between two nodes on a connection of its own, for data that is too much
// for messages. It works between C++ nodes and with Perl nodes of version 1.x. Its handshake, and TLS where
// nodes use it, are those of all connections.
//
//     define_data("upload", [](std::string name, data_connection from) {     // on node "store"
//       from.on_data([…](std::string_view bytes) { … });
//     });
//     connect_to("store", 10s, "upload", "notes.txt", [](data_connection to) { to.write(…); to.close(); });
//
// A connection belongs to a port and ends with it: on this side the port that called connect_to(), on the
// other side a new one, in which f runs and which ends with the connection. All callbacks run in that port,
// one at a time.
//
// The end is orderly only when the other side has called close(). Nodes of this library say so explicitly
// (`dataframes` in aemp-protocol(7)), so that a killed process, a dead port and a broken line are errors,
// with and without TLS. A Perl node cannot say so: an end that its kernel sends counts as orderly, except
// that TLS requires its close_notify.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/log_catcher.hpp>
#include <aemp/task.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

// Callbacks of a connection. Empty ones are not called.
struct data_callbacks {
  std::function<void(std::string_view bytes)> data;
  std::function<void(const std::string& why)> closed;
  std::function<void()> drained;
};

// A handle: cheap to copy, and dropping it changes nothing. May be used on any thread.
class AEMP_API data_connection {
 public:
  // How many bytes may wait on either side before there is back-pressure.
  static constexpr std::size_t enough = 256 * 1024;

  data_connection() noexcept = default;  // to nothing; every call is an error
  explicit operator bool() const noexcept { return stream_ != nullptr; }
  std::string node() const;  // the other one

  // f(bytes), whenever some arrive; the view is valid during the call. Without a handler up to `enough` bytes
  // wait here, and then the other side has to wait. An empty f removes the handler.
  void on_data(std::function<void(std::string_view bytes)> f);
  // f(why), once: "" when the other side has closed, else "name: text". The names are ended_early, timed_out
  // (nothing was heard for monitor_timeout), aborted, broken, bad_data_frame and internal_error. Not called
  // after our own close(). The end comes after all bytes. It waits until there is a callback for bytes or for
  // the end; it does not wait for bytes to be taken when there never was a callback for bytes.
  void on_closed(std::function<void(const std::string& why)> f);
  // Sets all callbacks at once. Use this on threads other than the port's: between two separate calls there,
  // an end may slip through.
  void listen(data_callbacks f);

  // Sends the bytes. Returns false when more than `enough` bytes now wait to be sent. They are sent all the
  // same, but to bound memory, continue when on_drained() calls.
  bool write(std::string_view bytes);
  std::size_t unsent() const noexcept;  // bytes
  // f(), each time that less than half of `enough` waits after write() returned false.
  void on_drained(std::function<void()> f);
  // pause(true) stops reading until pause(false).
  void pause(bool paused);

  // Sends what was written, then ends. What still arrives is discarded, and no other callback is called any
  // more. If f is given, f(why) is called once: "" when the other side has everything, else why that is not
  // known, in the words of on_closed(). A node of this library has everything when its callback was called
  // with all of it. Of a Perl node no more can be known than that its machine has it.
  //
  // node::stop() waits up to five seconds until what was closed before it has been sent and taken.
  void close(std::function<void(const std::string& why)> f = {});
  // Ends at once. The other side is told that this was not an orderly end.
  void abort() { handle_.cancel(); }

  // For the library. Takes over a reference.
  explicit data_connection(detail::owned* stream) noexcept : stream_(stream), handle_(stream) {}

 private:
  detail::owned* stream_ = nullptr;
  handle handle_;
};

namespace detail {

AEMP_API void define_data_function(local_node& node, std::string name, handler_ref f);
AEMP_API void connect_data(local_node& node, const port_id& port, std::string where,
                           std::chrono::nanoseconds limit, std::string function, message initdata,
                           std::function<void(data_connection)> ready);
// Only while a function of define_data begins.
AEMP_API data_connection accepted_connection();

// Makes f(initdata…, connection) a handler of the initdata alone.
template <class F, class List, class Indices>
struct data_function;
template <class F, class List, std::size_t... I>
struct data_function<F, List, std::index_sequence<I...>> {
  F f;
  auto operator()(std::tuple_element_t<I, List>... initdata) {
    return f(std::forward<std::tuple_element_t<I, List>>(initdata)..., accepted_connection());
  }
};

template <class Tuple, std::size_t... I>
message message_of_first(Tuple&& all, std::index_sequence<I...>) {
  if constexpr (sizeof...(I) == 0) {
    return {};
  } else {
    return message(std::get<I>(std::forward<Tuple>(all))...);
  }
}

}  // namespace detail

class data_functions : public log_functions {
 public:
  using log_functions::log_functions;

  // Lets other nodes open data connections to f(initdata…, connection), unless this node is `secure`. f runs
  // on the worker that called define_data (outside callbacks: the first). It may be a coroutine, which returns task<>.
  template <class F>
  void define_data(std::string name, F&& f) {
    using closure = std::decay_t<F>;
    using list = detail::parameters_t<closure>;
    constexpr std::size_t size = std::tuple_size_v<list>;
    static_assert(size > 0, "the last parameter of a data function is its data_connection");
    if constexpr (size > 0) {
      static_assert(
          std::is_same_v<std::remove_cvref_t<std::tuple_element_t<size - 1, list>>, data_connection>,
          "the last parameter of a data function is its data_connection");
      using function = detail::data_function<closure, list, std::make_index_sequence<size - 1>>;
      detail::define_data_function(*core_, std::move(name), detail::handler_of(function{std::forward<F>(f)}));
    }
  }

  // connect_to(node, limit, "function", initdata…, f): opens a data connection to a function defined there
  // and passes it to f. If that takes longer than the limit, the running port dies with the reason
  // `AnyEvent::MP::DataConn`, text. Whichever side knows where the other listens dials. Throws
  // std::logic_error outside a port, and std::invalid_argument when `where` cannot be a node or `function` a
  // name. A coroutine awaits channel_to (data_channel.hpp) instead.
  template <class... A>
  requires(sizeof...(A) > 0) void connect_to(const std::string& where, time_span limit, std::string function,
                                             A&&... initdata_and_f) {
    auto all = std::forward_as_tuple(std::forward<A>(initdata_and_f)...);
    using last = std::decay_t<std::tuple_element_t<sizeof...(A) - 1, decltype(all)>>;
    static_assert(std::is_invocable_r_v<void, last&, data_connection>,
                  "connect_to: the last argument is a function that takes the data_connection");
    if constexpr (std::is_invocable_v<last&, data_connection>) {
      static_assert(!detail::is_task<std::invoke_result_t<last&, data_connection>>,
                    "connect_to: the function cannot wait; a coroutine awaits channel_to instead");
    }
    const port_id port = self();
    if (!port) detail::throw_outside_port("connect_to");
    detail::connect_data(*core_, port, where, limit, std::move(function),
                         detail::message_of_first(all, std::make_index_sequence<sizeof...(A) - 1>()),
                         std::get<sizeof...(A) - 1>(std::move(all)));
  }
};

// The same, for the node at hand (port.hpp).
template <class F>
void define_data(std::string name, F&& f) {
  data_functions(detail::this_node("define_data")).define_data(std::move(name), std::forward<F>(f));
}
template <class... A>
void connect_to(const std::string& where, time_span limit, std::string function, A&&... a) {
  data_functions(detail::this_node("connect_to"))
      .connect_to(where, limit, std::move(function), std::forward<A>(a)...);
}

}  // namespace aemp
