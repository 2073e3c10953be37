// The serving end of a contract (contract.hpp): a handler for each of its messages, which the compiler checks.
//
//     serve<calculator>(self(), add, [](int a, int b) { return a + b; },
//                               forget, [](port_id who) { … });
//
// The parameters of a handler are the arguments of its message; a std::string_view takes a std::string. To answer a
// request, a handler
// - returns the reply, or nothing if the reply is void; or
// - is a coroutine that returns task<reply>: it may wait first, while the port goes on with other messages; or
// - takes a reply_to as one more, last parameter, and returns nothing: it may keep that, or pass it on.
//
// An exception ends the port, and the caller gets its reason, as everywhere. What a handler expects to go wrong it tells
// by reply_to::fail, or in the type of the reply.
//
// Messages from outside are checked by the same types. A request whose arguments do not fit, or are too many or too few,
// fails with bad_request, which names the argument, if the last element is a port that can be told; a notice that does
// not fit is dropped and logged, as everywhere. Handlers of the port for other messages stay what they are.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include <aemp/contract.hpp>
#include <aemp/contract_check.hpp>
#include <aemp/entry.hpp>
#include <aemp/export.hpp>
#include <aemp/task.hpp>

namespace aemp {

namespace detail {

// Sends to the port of a call, and throws what snd throws; nothing when the node of the server is gone.
AEMP_API void answer(const node_identity& server, const port_id& to, block* reply);
// Makes the call fail.
AEMP_API void answer_failure(const node_identity& server, const port_id& to, const message& reason) noexcept;
// The sender of a request is told which argument did not fit. False: nobody can be told.
AEMP_API bool answer_bad_request(const node_identity& server, block& content, std::string_view name,
                                 std::size_t takes, const mismatch& why);

[[noreturn]] AEMP_API void throw_reply_out_of_range();

template <class R, class T>
block* reply_block(T&& reply) {
  R converted = convert_argument<R>(std::forward<T>(reply), [] { throw_reply_out_of_range(); });
  if constexpr (std::is_same_v<R, message>) {
    return enqueue_form(std::move(converted));
  } else {
    return make_block(std::move(converted));
  }
}

}  // namespace detail

// The right, and the duty, to answer one request. May be moved to anywhere, other threads included. One that is
// destroyed unanswered fails the call with no_reply.
template <class R>
class reply_to {
 public:
  // For the library.
  reply_to(const detail::node_identity& server, port_id to) noexcept : server_(&server), to_(std::move(to)) {}

  reply_to(reply_to&&) noexcept = default;
  reply_to& operator=(reply_to&& other) noexcept {
    std::swap(server_, other.server_);
    std::swap(to_, other.to_);
    return *this;
  }
  ~reply_to() {
    if (to_) detail::answer_failure(*server_, to_, message("no_reply", "the server dropped the request"));
  }

  // Sends the reply, once; later replies are dropped. Throws what snd throws, and std::out_of_range for a number that the
  // type of the reply cannot hold; then the request is unanswered.
  template <class T = R>
  requires(!std::is_void_v<R> && detail::argument_fits<R, T>()) void operator()(T&& reply) {
    if (!to_) return;
    detail::answer(*server_, to_, detail::reply_block<R>(std::forward<T>(reply)));
    to_ = {};
  }
  void operator()() requires std::is_void_v<R> {
    if (to_) detail::answer(*server_, std::exchange(to_, {}), detail::enqueue_form(message()));
  }
  // The call fails with this reason, whose first element is its name: fail("not_found", key).
  template <class... Reason>
  requires(sizeof...(Reason) > 0) void fail(Reason&&... reason) {
    if (to_)
      detail::answer_failure(*server_, std::exchange(to_, {}), message(std::forward<Reason>(reason)...));
  }

  // The port that waits for the reply.
  const port_id& port() const noexcept { return to_; }

 private:
  const detail::node_identity* server_;  // never freed
  port_id to_;
};

namespace detail {

template <class T>
struct result_in_task {
  using type = T;
};
template <class T>
struct result_in_task<task<T>> {
  using type = T;
};

// The parameters of a handler without the reply_to<R> at the end.
template <class R, class Parameters, class Taken = std::tuple<>>
struct split_parameters {
  using arguments = Taken;
  static constexpr bool with_reply_to = false;
};
template <class R, class P, class... More, class... Taken>
struct split_parameters<R, std::tuple<P, More...>, std::tuple<Taken...>>
    : split_parameters<R, std::tuple<More...>, std::tuple<Taken..., P>> {};
template <class R, class P, class... Taken>
requires std::is_same_v<P, reply_to<R>>
struct split_parameters<R, std::tuple<P>, std::tuple<Taken...>> {
  using arguments = std::tuple<Taken...>;
  static constexpr bool with_reply_to = true;
};

template <class M>
struct reply_of {
  using type = void;
};
template <message_name Name, class R, class... A>
struct reply_of<request<Name, R(A...)>> {
  using type = R;
};

template <class M, class F>
struct served_by {
  using reply = typename reply_of<M>::type;
  using returned = result_of<F>;
  using result = typename result_in_task<returned>::type;
  using split = split_parameters<std::conditional_t<is_request<M>, reply, M>, parameters_t<F>>;
  using arguments = typename split::arguments;
  static constexpr bool is_coroutine = is_task<returned>;
  static constexpr bool with_reply_to = split::with_reply_to;

  static constexpr bool check() {
    return check_parameters(static_cast<typename M::arguments*>(nullptr), static_cast<arguments*>(nullptr));
  }

 private:
  template <class... A, class... P>
  static constexpr bool check_parameters(std::tuple<A...>*, std::tuple<P...>*) {
    if constexpr (parameters_of_handler<M::label, sizeof...(A), sizeof...(P)>::ok) {
      if constexpr (is_coroutine) {
        static_assert(
            (outlives_wait<P> && ...),
            "a handler that is a coroutine takes its parameters by value: what a reference or a string_view "
            "refers to is gone as soon as the coroutine has waited");
      }
      return check_each<std::tuple<A...>, P...>(std::index_sequence_for<P...>());
    }
    return false;
  }
  template <class Arguments, class... P, std::size_t... I>
  static constexpr bool check_each(std::index_sequence<I...>) {
    if constexpr ((parameter_of_handler<M::label, I + 1, std::tuple_element_t<I, Arguments>, P>::ok && ...))
      return result_of_handler<M::label, std::conditional_t<with_reply_to, void, reply>, result>::ok;
    return false;
  }
};

// ---- how it is called ----

template <class R, class T>
task<> answer_later(task<T> work, port_id reply) {
  if constexpr (std::is_void_v<R>) {
    co_await std::move(work);
    send(reply, enqueue_form(message()));
  } else {
    T result = co_await std::move(work);
    send(reply, reply_block<R>(std::move(result)));
  }
}

template <class M, class F, class Parameters>
struct request_step;
template <class M, class F, class... P>
struct request_step<M, F, std::tuple<P...>> {
  using how = served_by<M, F>;
  using reply = typename how::reply;
  F& f;
  handler& h;

  void operator()(P... p, const port_id& to) {
    if constexpr (how::with_reply_to) {
      reply_to<reply> answer(home_of(this_node("serve")), to);
      if constexpr (how::is_coroutine) {
        begin_strand(f(std::forward<P>(p)..., std::move(answer)), &h);
      } else {
        f(std::forward<P>(p)..., std::move(answer));
      }
    } else if constexpr (how::is_coroutine) {
      begin_strand(answer_later<reply>(f(std::forward<P>(p)...), to), &h);
    } else if constexpr (std::is_void_v<reply>) {
      f(std::forward<P>(p)...);
      send(to, enqueue_form(message()));
    } else {
      send(to, reply_block<reply>(f(std::forward<P>(p)...)));
    }
  }
};

template <class M, class F>
struct request_handler : handler {
  using arguments = typename served_by<M, F>::arguments;
  F f;

  template <class G>
  explicit request_handler(G&& g) : f(std::forward<G>(g)) {}

  static outcome call(handler& h, block& b, std::size_t skip, mismatch* why) {
    constexpr std::size_t takes = std::tuple_size_v<arguments>;
    mismatch mine;
    if (size_of(b) == takes + 2 &&
        call_with(h, b, skip, mine, static_cast<arguments*>(nullptr)) != outcome::refused)
      return outcome::keep;
    if (answer_bad_request(home_of(this_node("serve")), b, M::text, takes, mine)) return outcome::keep;
    if (why != nullptr) *why = std::move(mine);
    return outcome::refused;
  }

 private:
  template <class... P>
  static outcome call_with(handler& h, block& b, std::size_t skip, mismatch& why, std::tuple<P...>*) {
    request_step<M, F, std::tuple<P...>> step{static_cast<request_handler&>(h).f, h};
    return caller<decltype(step), std::tuple<P..., const port_id&>>::call(step, b, skip, &why);
  }
};

template <class M, class F>
struct notice_handler : handler {
  F f;

  template <class G>
  explicit notice_handler(G&& g) : f(std::forward<G>(g)) {}

  static outcome call(handler& h, block& b, std::size_t skip, mismatch* why) {
    constexpr std::size_t takes = std::tuple_size_v<parameters_t<F>>;
    if (size_of(b) > takes + 1) {
      if (why != nullptr) *why = {takes + 1, "one too many", "none"};
      return outcome::refused;
    }
    F& f = static_cast<notice_handler&>(h).f;
    if constexpr (is_task<result_of<F>>) {
      task_starter<F, parameters_t<F>> start{f, h};
      return caller<decltype(start), parameters_t<F>>::call(start, b, skip, why);
    } else {
      return caller<F, parameters_t<F>>::call(f, b, skip, why);
    }
  }
};

template <class H>
void destroy_handler(handler& h) noexcept {
  const std::uint16_t size_class = h.size_class;
  std::destroy_at(static_cast<H*>(&h));
  deallocate(&h, size_class);
}
// As text, for who looks from outside: "add(int, int) -> int".
template <class... A>
std::string describe_types(std::tuple<A...>*) {
  std::string text;
  (text.append(text.empty() ? "" : ", ").append(type_name<A>()), ...);
  return text;
}
template <class M>
std::string describe_message() {
  using reply = typename reply_of<M>::type;
  std::string text(M::text);
  text += '(' + describe_types(static_cast<typename M::arguments*>(nullptr)) + ')';
  if constexpr (is_request<M> && std::is_void_v<reply>) text += " -> nothing";
  if constexpr (!std::is_void_v<reply>) text.append(" -> ").append(type_name<reply>());
  return text;
}

template <class H, class M>
inline constexpr handler_ops handler_table_of{H::call, destroy_handler<H>, describe_message<M>};

template <class H, class M, class F>
handler_ref new_handler(F&& f) {
  std::uint16_t size_class;
  void* memory = allocate(sizeof(H), size_class);
  auto* h = ::new (memory) H(std::forward<F>(f));
  h->ops = &handler_table_of<H, M>;
  h->size_class = size_class;
  return handler_ref(h);
}

template <class Contract, class M, class F>
void serve_message(handler_change* out, F&& f) {
  using closure = std::decay_t<F>;
  check_is_message<M>();
  if constexpr (is_message_type<M>) {
    if constexpr (message_of_contract<M::label, Contract::template has<M>>::ok &&
                  handler_of_message<M::label, closure>::ok) {
      if constexpr (served_by<M, closure>::check()) {
        using kind =
            std::conditional_t<is_request<M>, request_handler<M, closure>, notice_handler<M, closure>>;
        out[0] = {handler_change::kind::tag, symbol(M::text), {}, {}};  // what was there goes
        out[1] = {handler_change::kind::tag, symbol(M::text), {}, new_handler<kind, M>(std::forward<F>(f))};
      }
    }
  }
}

template <class Contract, class... All>
struct server {
  template <std::size_t I>
  using message_at = std::remove_cvref_t<std::tuple_element_t<2 * I, std::tuple<All...>>>;

  template <std::size_t... I>
  static void start(local_node& node, const port_id& port, std::tuple<All...> all,
                    std::index_sequence<I...>) {
    if constexpr (are_served(static_cast<typename Contract::messages*>(nullptr))) {
      std::array<handler_change, 2 * sizeof...(I)> changes;
      (serve_message<Contract, message_at<I>>(&changes[2 * I], std::get<2 * I + 1>(std::move(all))), ...);
      register_handlers(node, port, changes);
    }
  }

 private:
  template <class M, std::size_t... I>
  static constexpr bool has_handler(std::index_sequence<I...>) {
    return (std::is_same_v<M, message_at<I>> || ...);
  }
  template <class... M>
  static constexpr bool are_served(std::tuple<M...>*) {
    return (served_message<M::label, has_handler<M>(std::make_index_sequence<sizeof...(All) / 2>())>::ok &&
            ...);
  }
};

template <class Contract, class... All>
void serve_in(local_node& node, const port_id& port, All&&... all) {
  static_assert(sizeof...(All) % 2 == 0, "serve: behind each message comes its handler");
  if constexpr (sizeof...(All) % 2 == 0) {
    server<Contract, All&&...>::start(node, port, std::forward_as_tuple(std::forward<All>(all)...),
                                      std::make_index_sequence<sizeof...(All) / 2>());
  }
}

}  // namespace detail

// The functions of a node that know contracts. Base class of node.
class contract_functions : public node_functions {
 public:
  using node_functions::cal;
  using node_functions::node_functions;
  using node_functions::snd;

  // Sends a notice; or a request, with the port for the reply as last argument.
  template <class C, class M, class... A>
  void snd(const port_to<C>& to, const M&, A&&... a) {
    detail::send_typed<C, M>(core_, to, std::forward<A>(a)...);
  }
  // The same to a port whose contract is not known: only the arguments are checked.
  template <class M, class... A>
  requires detail::is_message_type<M>
  void snd(const port_id& to, const M& what, A&&... a) {
    snd(port_to<detail::contract_of<M>>(to), what, std::forward<A>(a)...);
  }
  // Sends a request. The call has within, then and co_await, as others have.
  template <class C, class M, class... A>
  auto cal(const port_to<C>& to, const M&, A&&... a) {
    return detail::call_typed<C, M>(*core_, to, std::forward<A>(a)...);
  }
  template <class M, class... A>
  requires detail::is_message_type<M>
  auto cal(const port_id& to, const M& what, A&&... a) {
    return cal(port_to<detail::contract_of<M>>(to), what, std::forward<A>(a)...);
  }

  // serve<contract>(port, message, handler, message, handler, …): a handler for each message of the contract, in any
  // order. They take the place of what the port had for these names. Returns the port. A port ID of this node that is
  // no port yet becomes one, as with rcv.
  template <class C, class... MessagesAndHandlers>
  port_to<C> serve(const port_id& port, MessagesAndHandlers&&... all) {
    detail::serve_in<C>(*core_, port, std::forward<MessagesAndHandlers>(all)...);
    return port_to<C>(port);
  }
};

// The same, for the node at hand.

template <class C, class M, class... A>
void snd(const port_to<C>& to, const M&, A&&... a) {
  detail::send_typed<C, M>(nullptr, to, std::forward<A>(a)...);
}
template <class C, class M, class... A>
auto cal(const port_to<C>& to, const M& what, A&&... a) {
  return contract_functions(detail::this_node("cal")).cal(to, what, std::forward<A>(a)...);
}

template <class M, class... A>
requires detail::is_message_type<M>
void snd(const port_id& to, const M& what, A&&... a) {
  snd(port_to<detail::contract_of<M>>(to), what, std::forward<A>(a)...);
}
template <class M, class... A>
requires detail::is_message_type<M>
auto cal(const port_id& to, const M& what, A&&... a) {
  return cal(port_to<detail::contract_of<M>>(to), what, std::forward<A>(a)...);
}
template <class C, class... MessagesAndHandlers>
port_to<C> serve(const port_id& port, MessagesAndHandlers&&... all) {
  return contract_functions(detail::this_node("serve"))
      .serve<C>(port, std::forward<MessagesAndHandlers>(all)...);
}

}  // namespace aemp
