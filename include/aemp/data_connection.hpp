// Raw bytes between two nodes, on a connection of their own (aemp-protocol F.1): for what is too much for
// messages, to C++ and to Perl nodes of version 1.x. The handshake, and TLS where nodes use it, are those of
// all connections.
//
//     define_data("upload", [](std::string name, data_connection from) {     // on node "store"
//       from.on_data([…](std::string_view bytes) { … });
//     });
//     connect_to("store", 10s, "upload", "notes.txt", [](data_connection to) { to.write(…); to.close(); });
//
// It belongs to a port, on this side the one that called connect_to(), and ends with it. On the other side, f
// runs in a new port, which ends with the connection. All callbacks run in that port, one at a time.
//
// An end is orderly when the other side has said it, by close(): between nodes of this library in words of
// their own (docs/protocol.md, `dataframes`), so that a process that was killed, a port that died and a line
// that broke are errors, in TLS and without it. A Perl node has no words for it: what its kernel sends is
// believed, and in TLS its goodbye is demanded.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <aemp/log_catcher.hpp>

namespace aemp {

// What a connection tells. Empty: nobody wants to know.
struct data_callbacks {
  std::function<void(std::string_view bytes)> data;
  std::function<void(const std::string& why)> closed;
  std::function<void()> drained;
};

// A handle: copying it is cheap, and dropping it changes nothing. May be used on any thread.
class data_connection {
 public:
  // What may wait on either side before there is back-pressure.
  static constexpr std::size_t enough = 256 * 1024;

  data_connection() noexcept = default;  // to nothing; every call is misuse
  explicit operator bool() const noexcept { return stream_ != nullptr; }
  std::string node() const;  // at the other end

  // f(bytes), valid during the call, whenever some arrive. Without a handler they wait, up to `enough`, and
  // then the other side has to. Empty: no handler.
  void on_data(std::function<void(std::string_view bytes)> f);
  // f(why), once, when the other side has closed (""), or else what became of the connection: "name: text".
  // The names are ended_early, timed_out (nothing was heard for monitor_timeout), aborted, broken,
  // bad_data_frame, internal_error. Not after our own close(). The end comes behind all bytes, and waits
  // until somebody listens: until there is a callback for bytes or for the end. An end that comes to somebody
  // who never had one for bytes does not wait for them to be taken.
  void on_closed(std::function<void(const std::string& why)> f);
  // Sets all of them at once. On other threads than the port's this is the way: between two calls there, an
  // end may pass.
  void listen(data_callbacks f);

  // Sends. False: more than `enough` waits to be sent by now; it is sent all the same, but who cares for
  // memory goes on when on_drained() tells.
  bool write(std::string_view bytes);
  std::size_t unsent() const noexcept;  // bytes
  // f(), each time that less than half of `enough` waits after write() was false.
  void on_drained(std::function<void()> f);
  // Reads no more until it is called with false.
  void pause(bool paused);

  // Sends what was written, and then ends. What still arrives is thrown away. No callback comes any more,
  // except f(why), once, if it is given: "" when the other side has everything, otherwise why that is not
  // known, as on_closed() says it. A node of this library has it when its callback has been called with all
  // of it; of a Perl node no more can be known than that its machine has it.
  //
  // node::stop() waits up to five seconds until what was closed before it has been sent and taken.
  void close(std::function<void(const std::string& why)> f = {});
  // At once. The other side is told that this was no orderly end.
  void abort() { handle_.cancel(); }

  // For the library; takes over a reference.
  explicit data_connection(detail::owned* stream) noexcept : stream_(stream), handle_(stream) {}

 private:
  detail::owned* stream_ = nullptr;
  handle handle_;
};

namespace detail {

void define_data_function(local_node& node, std::string name, handler_ref f);
void connect_data(local_node& node, const port_id& port, std::string where, std::chrono::nanoseconds limit,
                  std::string function, message initdata, std::function<void(data_connection)> ready);
data_connection accepted_connection();  // while a function of define_data begins

// f(initdata…, connection) as a handler of the initdata alone.
template <class F, class List, class Indices>
struct data_function;
template <class F, class List, std::size_t... I>
struct data_function<F, List, std::index_sequence<I...>> {
  F f;
  void operator()(std::tuple_element_t<I, List>... initdata) {
    f(std::forward<std::tuple_element_t<I, List>>(initdata)..., accepted_connection());
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

  // Lets other nodes, unless this one is `secure`, open data connections to f(initdata…, connection), which
  // runs on the worker that called define_data (outside callbacks: the first).
  template <class F>
  void define_data(std::string name, F&& f) {
    using closure = std::decay_t<F>;
    using list = detail::parameters_t<closure>;
    constexpr std::size_t last = std::tuple_size_v<list> - 1;
    static_assert(std::is_same_v<std::remove_cvref_t<std::tuple_element_t<last, list>>, data_connection>,
                  "the last parameter of a data function is its data_connection");
    using function = detail::data_function<closure, list, std::make_index_sequence<last>>;
    detail::define_data_function(*core_, std::move(name), detail::handler_of(function{std::forward<F>(f)}));
  }

  // connect_to(node, limit, "function", initdata…, f): opens a data connection to a function that was defined
  // there; f gets it. When that does not happen within the limit, the running port dies with the reason
  // `AnyEvent::MP::DataConn`, text. Throws std::logic_error outside a port, and std::invalid_argument when
  // `where` cannot be a node, or `function` a name. The connection is dialled by whichever side knows where
  // the other one listens.
  template <class... A>
  requires(sizeof...(A) > 0) void connect_to(const std::string& where, std::chrono::nanoseconds limit,
                                             std::string function, A&&... initdata_and_f) {
    auto all = std::forward_as_tuple(std::forward<A>(initdata_and_f)...);
    const port_id port = self();
    if (!port) detail::throw_outside_port("connect_to");
    detail::connect_data(*core_, port, where, limit, std::move(function),
                         detail::message_of_first(all, std::make_index_sequence<sizeof...(A) - 1>()),
                         std::get<sizeof...(A) - 1>(std::move(all)));
  }
};

// The same, for the node at hand.
template <class F>
void define_data(std::string name, F&& f) {
  data_functions(detail::this_node("define_data")).define_data(std::move(name), std::forward<F>(f));
}
template <class... A>
void connect_to(const std::string& where, std::chrono::nanoseconds limit, std::string function, A&&... a) {
  data_functions(detail::this_node("connect_to"))
      .connect_to(where, limit, std::move(function), std::forward<A>(a)...);
}

}  // namespace aemp
