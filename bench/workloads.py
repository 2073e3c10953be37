"""What bench/run measures: the workloads, the systems in each, and what is to be reached (issue and README.md)."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    what: str
    unit: str
    count: int  # of messages, ports or round trips, for aemp
    systems: tuple  # in the order in which they run; the first is ours
    program: str = ""  # <program>_<system>; default: the name in small letters
    arguments: tuple = ()  # for ours, after the count
    peer_arguments: tuple = ()
    threads: dict = dataclasses.field(default_factory=dict)  # of CAF's and Erlang's schedulers, where one is not the best
    counts: dict = dataclasses.field(default_factory=dict)  # of systems that are much slower
    less_is_better: bool = False
    one_cpu: bool = False  # all processes of a run on one CPU
    touch_memory: bool = False  # before each run; where hundreds of megabytes wait in a queue
    # How many times better than a system we are to be. 1 / 1.2 stands for "at most 1.2 times its time".
    reach: dict = dataclasses.field(default_factory=dict)
    reach_value: float = 0  # what our own figure is to be; 0: nothing is said
    # Another workload of ours, what of both results ("median", "p99", "rate"), and how many times better than that we are to be.
    beside: tuple = ()
    # Whose instructions callgrind counts: a word for what they are for -> program, arguments before the count, messages in one.
    instructions: dict = dataclasses.field(default_factory=dict)

    def count_for(self, system, quick):
        count = self.counts.get(system, self.count)
        return max(1, count // 50) if quick else count


LOCAL = ("aemp", "bare", "caf", "erlang")
RATE = "messages/s"
TRIPS = "round trips/s"


def coding(framing):
    return {f"to {way}": ("framing_bench", (way, framing), 256) for way in ("encode", "decode")}


WORKLOADS = [
    Workload("L1", "two ports on one worker, one message in flight", RATE, 20_000_000, LOCAL,
             counts={"caf": 2_000_000, "erlang": 2_000_000}, reach={"caf": 10, "erlang": 15, "bare": 0.45},
             instructions={"a message": ("l1_aemp", (), 1)}),
    Workload("C1", "L1 with coroutines that receive", RATE, 20_000_000, ("aemp",), beside=("L1", "median", 0.6),
             instructions={"a message": ("c1_aemp", (), 1)}),
    Workload("C1m", "memory of ports that wait in a receive", "bytes/port", 1_000_000, ("aemp",), less_is_better=True,
             reach_value=400),
    Workload("C2-0", "a coroutine receives a tag while nothing else waits", RATE, 2_000_000, ("aemp", "erlang"), program="c2",
             arguments=("0",), peer_arguments=("0",)),
    Workload("C2", "the same while 1,000,000 messages of another tag wait", RATE, 2_000_000, ("aemp", "erlang"), program="c2",
             arguments=("1000000",), peer_arguments=("1000000",), counts={"erlang": 200}, beside=("C2-0", "median", 0.8),
             touch_memory=True),
    Workload("C3-0", "cal and its reply, without a contract", "requests/s", 5_000_000, ("aemp",), program="c3", arguments=("plain",)),
    Workload("C3", "request and reply of a contract; CAF's typed actors", "requests/s", 5_000_000, ("aemp", "caf"),
             counts={"caf": 1_000_000}, beside=("C3-0", "median", 0.95)),
    Workload("C4", "a child dies and its supervisor starts it again", "restarts/s", 200_000, ("aemp",)),
    Workload("H1-0", "L1 on our own loop", RATE, 20_000_000, ("aemp",), program="h1", arguments=("own",)),
    Workload("H1", "L1 on a loop with poll(2)", RATE, 20_000_000, ("aemp",), arguments=("poll",), beside=("H1-0", "median", 1 / 1.1)),
    Workload("H1a", "L1 on a loop of Boost.Asio", RATE, 20_000_000, ("aemp",), program="h1", arguments=("asio",),
             beside=("H1-0", "median", 1 / 1.1)),
    Workload("L2", "one producer, one consumer, no flow control", RATE, 5_000_000, LOCAL, threads={"caf": 2},
             touch_memory=True, reach={"caf": 12, "erlang": 6, "bare": 0.45}, instructions={"a message": ("l2_aemp", (), 1)}),
    Workload("L3", "100 producers, one consumer", RATE, 5_000_000, LOCAL, touch_memory=True, reach={"caf": 8, "bare": 0.4}),
    Workload("L4", "a ring of 100 ports", RATE, 2_000_000, LOCAL, reach={"caf": 10, "bare": 0.4}),
    Workload("L5", "a port is made, gets a message, dies", "ports/s", 1_000_000, ("aemp", "caf", "erlang"),
             counts={"caf": 200_000}, reach={"caf": 8}),
    Workload("L5m", "memory of idle ports", "bytes/port", 1_000_000, ("aemp", "caf", "erlang"), less_is_better=True,
             reach_value=160),
    Workload("L6-1", "1000 pairs, 1 worker", RATE, 60_000_000, ("aemp", "caf", "erlang"), program="l6", arguments=("1",),
             counts={"caf": 2_000_000, "erlang": 2_000_000}),
    Workload("L6", "1000 pairs, 2 workers", RATE, 60_000_000, ("aemp", "caf", "erlang"), program="l6",
             arguments=("2",), threads={"caf": 2, "erlang": 2}, counts={"caf": 2_000_000, "erlang": 2_000_000},
             beside=("L6-1", "median", 1.8)),
    Workload("L6x", "1000 pairs that cross workers", RATE, 20_000_000, ("aemp", "caf", "erlang"), program="l6",
             arguments=("2", "crossing"), threads={"caf": 2, "erlang": 2}, counts={"caf": 2_000_000, "erlang": 2_000_000},
             reach={"caf": 3}),
    Workload("R1", "round trip between processes on one CPU, median", "µs", 50_000,
             ("aemp", "raw", "asio", "zmq", "nng", "nats", "erlang"), one_cpu=True, less_is_better=True, reach={"asio": 1 / 1.2}),
    Workload("R1f", "the same, wherever the scheduler puts them", "µs", 50_000,
             ("aemp", "raw", "asio", "busy", "zmq", "nng", "nats", "erlang"), program="r1", less_is_better=True, reach={"raw": 1 / 1.05}),
    Workload("R1s", "the same, looking for work for 100 µs before sleeping", "µs", 50_000, ("aemp", "busy"), program="r1",
             arguments=("spin",), less_is_better=True, reach={"busy": 1 / 1.6}),
    Workload("R2", "small messages between processes, one way", RATE, 10_000_000,
             ("aemp", "raw", "zmq", "nng", "nats", "erlang"),
             counts={"raw": 100_000_000, "nng": 500_000, "nats": 5_000_000, "erlang": 1_000_000}, reach={"zmq": 3, "erlang": 50},
             instructions=coding("aemp1")),
    Workload("R2t", "the same in TLS 1.3; ZeroMQ with CURVE", RATE, 5_000_000, ("aemp", "zmq"), program="r2",
             arguments=("tls",), peer_arguments=("curve",), counts={"zmq": 1_000_000}, reach={"zmq": 10}),
    Workload("R2j", "R2 with json framing", RATE, 4_000_000, ("aemp",), program="r2", arguments=("json",), reach_value=4e6,
             instructions=coding("json")),
    Workload("R2c", "R2 with cbor framing", RATE, 6_000_000, ("aemp",), program="r2", arguments=("cbor",), reach_value=6e6,
             instructions=coding("cbor")),
    Workload("R3", "values of 1 MiB between processes", "MB/s", 10_000,
             ("aemp", "raw", "zmq", "nng", "nats", "erlang"), counts={"nng": 5_000, "nats": 2_000, "erlang": 2_000},
             reach={"raw": 0.9, "zmq": 1}),
    Workload("R3t", "the same in TLS 1.3", "MB/s", 5_000, ("aemp", "raw"), program="r3", arguments=("tls",),
             peer_arguments=("tls",), reach={"raw": 0.85}),
    Workload("R4-1", "one connection to a node, one message in flight", TRIPS, 100_000, ("aemp",), program="r4", arguments=("1",)),
    Workload("R4", "1000 connections, each with one message in flight", TRIPS, 200_000, ("aemp",),
             arguments=("1000",), beside=("R4-1", "median", 0.5)),
    Workload("R4m", "memory of a connection that is idle again", "bytes/connection", 200_000, ("aemp",), program="r4",
             arguments=("1000", "memory"), less_is_better=True, reach_value=24 * 1024),
    Workload("R4t", "the same in TLS 1.3", "bytes/connection", 50_000, ("aemp",), program="r4", arguments=("1000", "memory", "tls"),
             less_is_better=True),
    Workload("R5", "R1f while values of 1 MiB flow on the same connection", "µs", 5_000, ("aemp",), less_is_better=True,
             beside=("R1f", "p99", 1 / 5)),
]
