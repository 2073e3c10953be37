%% C2 in Erlang: a process receives {b} while others of another tag wait in its mailbox in front of it.
-module(c2).
-export([main/1]).

main(Arguments = [_, Waiting | _]) ->
    Messages = stopwatch:count(Arguments),
    Me = self(),
    Chooser = spawn(fun() -> chooser(Messages, Me) end),
    fill(Chooser, list_to_integer(Waiting)),
    Chooser ! {'begin'},
    receive {done, Seconds} -> stopwatch:print_rate(Messages, Seconds) end.

fill(_, 0) -> ok;
fill(To, N) -> To ! {a, N}, fill(To, N - 1).

chooser(Messages, Parent) ->
    receive {'begin'} -> ok end,
    Watch = stopwatch:start(),
    self() ! {b},
    choose(Messages),
    Parent ! {done, stopwatch:stop(Watch)}.

choose(0) -> ok;
choose(N) -> receive {b} -> self() ! {b}, choose(N - 1) end.
