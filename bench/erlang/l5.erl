%% L5 in Erlang: a process is made, gets one message, answers it and ends; then comes the next one.
-module(l5).
-export([main/1]).

main(Arguments) ->
    Processes = stopwatch:count(Arguments),
    Watch = stopwatch:start(),
    create(Processes, self()),
    stopwatch:print_rate(Processes, stopwatch:stop(Watch)).

create(0, _) -> ok;
create(Left, Self) ->
    spawn(fun() -> receive hello -> Self ! next end end) ! hello,
    receive next -> create(Left - 1, Self) end.
