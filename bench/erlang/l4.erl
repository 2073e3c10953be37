%% L4 in Erlang: a number round a ring of 100 processes, of which this one is the last.
-module(l4).
-export([main/1]).

main(Arguments) ->
    Hops = stopwatch:count(Arguments),
    Main = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> member(Next, Main) end) end, Main, lists:seq(2, 100)),
    Watch = stopwatch:start(),
    First ! {token, Hops},
    member(First, Main),
    stopwatch:print_rate(Hops, stopwatch:stop(Watch)).

member(Next, Main) ->
    receive
        {token, 0} -> Main ! done;
        {token, Left} -> Next ! {token, Left - 1}, member(Next, Main);
        done -> ok
    end.
