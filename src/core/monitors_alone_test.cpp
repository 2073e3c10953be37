// Monitors by themselves: the network is a fake that writes down what it is asked for, and presence is the test's, so
// what the network hears is in the test's hand, too. The node that has the workers is called "here".
#include "core/monitors.hpp"

#include "core/quiet_neighbours_test.hpp"
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class asked_gateway final : public quiet_gateway {
 public:
  void monitor(const port_id& port) override { asked("mon:" + port.str()); }
  void unmonitor(const port_id& port) override { asked("unmon:" + port.str()); }

  diary asked;
};

class watching : public testing::TestWithParam<unsigned> {
 protected:
  watching() { all.set_gateway(&net); }
  ~watching() override {
    for (detail::owned* o : made) {
      o->finish();
      all.unwatch(o);
      detail::release(o);
    }
    w.settle();
  }

  // A monitor that writes down its own name and the reason.
  detail::owned* make(const std::string& name, const port_id& port, std::uint32_t worker = 0) {
    auto* o = new detail::owned(
        detail::owned::kind::monitor, w.core(), worker, 0,
        detail::handler_ref(detail::make_handler([this, name](const message& reason) {
          EXPECT_EQ(0u, worker::current()->running_port());
          d(name + "(" + reason.to_string() + ")@" + std::to_string(worker::current()->index()));
        })));
    o->watched = port;
    made.push_back(o);
    return o;
  }
  // It is set and cancelled on the network worker.
  detail::owned* mon(const std::string& name, const std::string& port, std::uint32_t worker = 0) {
    detail::owned* const o = make(name, *port_id::parse(port), worker);
    w.inside([&] { all.watch(o); });
    return o;
  }
  void cancel(detail::owned* o) {
    o->finish();
    w.inside([&] { all.unwatch(o); });
  }
  template <class F>
  std::string fired(F&& f) {
    w.inside(std::forward<F>(f));
    EXPECT_EQ("", d.text()) << "nothing fires inside of a call";
    w.settle();
    return d.take();
  }
  std::string asked() { return net.asked.take(); }

  log_capture log;
  world w{GetParam()};
  presence nodes{w.core().workers()};
  monitors all{w.core().workers(), w.core().names(), nodes};
  asked_gateway net;
  diary d;
  std::vector<detail::owned*> made;
  const std::uint32_t last = GetParam() - 1;
};

// ---- what the other node is asked for ----

TEST_P(watching, asks_for_each_port_once_and_takes_back_when_the_last_monitor_of_it_goes) {
  detail::owned* const first = mon("first", "n#p");
  detail::owned* const second = mon("second", "n#p");
  detail::owned* const of_q = mon("q", "n#q");
  EXPECT_EQ("mon:n#p mon:n#q", asked());
  EXPECT_EQ(2u, all.watched_port_count("n"));
  EXPECT_EQ((std::vector{*port_id::parse("n#p"), *port_id::parse("n#q")}), all.watched_ports("n"));
  cancel(first);
  cancel(first);
  EXPECT_EQ("", asked());
  cancel(second);
  EXPECT_EQ("unmon:n#p", asked());
  EXPECT_EQ(1u, all.watched_port_count("n"));
  EXPECT_TRUE(all.is_watching("n"));
  cancel(of_q);
  EXPECT_EQ("unmon:n#q", asked());
  EXPECT_FALSE(all.is_watching("n"));
  EXPECT_EQ(0u, all.watched_port_count("n"));
  EXPECT_TRUE(all.watched_ports("n").empty());
}

TEST_P(watching, asks_for_nothing_when_the_monitor_was_cancelled_on_its_way) {
  detail::owned* const o = make("never", *port_id::parse("n#p"));
  all.watch(o);  // by another thread, so it comes later
  o->finish();
  all.unwatch(o);
  w.settle();
  EXPECT_EQ("", asked());
  EXPECT_FALSE(all.is_watching("n"));
}

TEST_P(watching, names_a_port_of_another_node_of_this_process_as_if_it_were_far_away) {
  world other(1, "other", "v");
  const port_id p = other.me.port();
  detail::owned* const o = make("p", p);
  w.inside([&] { all.watch(o); });
  EXPECT_EQ("mon:" + p.str(), asked());
  ASSERT_EQ(1u, all.watched_ports("other").size());
  EXPECT_EQ(nullptr, all.watched_ports("other")[0].identity());
  EXPECT_EQ("p(why)@0", fired([&] { all.remote_died(*port_id::parse(p.str()), message("why")); }));
}

TEST_P(watching, a_node_port_of_another_node_is_watching_that_node) {
  mon("node", "n");
  EXPECT_EQ("mon:n", asked());
  EXPECT_TRUE(all.is_watching("n"));
  EXPECT_FALSE(all.is_watching("n2"));
  EXPECT_EQ("", fired([&] { all.remote_died(*port_id::parse("n#p"), message("why")); }));
  EXPECT_EQ("node(gone)@0", fired([&] { all.node_lost("n", message("gone")); }));
}

// ---- what the network has heard ----

TEST_P(watching, ends_with_the_port_and_the_other_node_knows) {
  mon("p", "n#p", last);
  mon("p2", "n#p", last);
  mon("q", "n#q");
  mon("node", "n");
  asked();
  const std::string where = ")@" + std::to_string(last);
  EXPECT_EQ("p(by hand" + where + " p2(by hand" + where,
            fired([&] { all.remote_died(*port_id::parse("n#p"), message("by", "hand")); }));
  EXPECT_EQ("", fired([&] {
              all.remote_died(*port_id::parse("n#p"), message("again"));
              all.remote_died(*port_id::parse("unknown#p"), message("why"));
            }));
  EXPECT_EQ("", asked());
  EXPECT_EQ(2u, all.watched_port_count("n"));
  mon("p3", "n#p");
  EXPECT_EQ("mon:n#p", asked()) << "that is a new question";
}

TEST_P(watching, ends_with_the_node_for_the_node_first_and_then_for_each_of_its_ports_in_turn) {
  mon("q", "n#q");
  mon("q2", "n#q");
  mon("other", "m#p");
  mon("node", "n");
  asked();
  EXPECT_EQ("node(gone)@0 q(gone)@0 q2(gone)@0", fired([&] { all.node_lost("n", message("gone")); }));
  EXPECT_EQ("", fired([&] { all.node_lost("n", message("again")); }));
  EXPECT_EQ("", asked()) << "there is nobody to ask";
  EXPECT_FALSE(all.is_watching("n"));
  EXPECT_TRUE(all.is_watching("m"));
}

TEST_P(watching, is_told_of_a_lost_node_before_it_is_told_that_it_is_down) {
  auto* const o = new detail::owned(detail::owned::kind::node_monitor, w.core(), 0, 0,
                                    detail::handler_ref(detail::make_handler([this](const message& news) {
                                      d("news(" + news.to_string() + ")");
                                    })));
  made.push_back(o);
  w.inside([&] {
    nodes.watch(o);
    nodes.came("n");
  });
  w.settle();
  EXPECT_EQ("news(n true)", d.take());
  mon("p", "n#p");
  EXPECT_EQ("p(gone)@0 news(n false gone)", fired([&] { all.node_lost("n", message("gone")); }));
  EXPECT_FALSE(nodes.is_up("n"));
}

TEST_P(watching, that_ends_between_a_loss_and_its_news_does_not_fire_and_asks_for_nothing) {
  detail::owned* const o = mon("never", "n#p");
  mon("p", "n#p");
  asked();
  EXPECT_EQ("p(gone)@0", fired([&] {
              all.node_lost("n", message("gone"));
              cancel(o);
            }));
  EXPECT_EQ("", asked());
}

TEST_P(watching, a_port_to_which_a_message_could_not_be_sent_ends_and_is_taken_back) {
  mon("p", "n#p");
  mon("q", "n#q");
  mon("node", "n");
  asked();
  EXPECT_EQ("p(too large)@0", fired([&] { all.port_lost(*port_id::parse("n#p"), message("too", "large")); }));
  EXPECT_EQ("unmon:n#p", asked());
  EXPECT_EQ(2u, all.watched_port_count("n"));
  EXPECT_EQ("", fired([&] { all.port_lost(*port_id::parse("n#p"), message("again")); }));
  EXPECT_EQ("", asked()) << "nothing was watched";
}

// ---- local ports that the network watches ----

class watching_for_the_network : public watching {
 protected:
  void watch_local(const std::string& port) {
    handles.push_back(all.watch_local(port, [this, port](const message& reason) {
      d(port + "(" + reason.to_string() + ")@" + std::to_string(worker::current()->index()));
    }));
  }
  // On the last worker; it has no other name.
  std::string port() {
    return w.on(last, [&] { return w.me.port(); }).name();
  }

  std::vector<handle> handles;
};

TEST_P(watching_for_the_network, hears_of_the_end_of_a_port_on_the_network_worker) {
  const std::string p = port();
  w.on(last, [&] { w.me.rcv(*port_id::parse("here#lobby"), [] {}); });
  w.settle();
  EXPECT_EQ("", fired([&] {
              watch_local(p);
              watch_local("lobby");
            }));
  w.me.kil(*port_id::parse("here#" + p), "why");
  w.settle();
  EXPECT_EQ(p + "(why)@0", d.take());
  w.me.kil(*port_id::parse("here#lobby"));
  w.settle();
  EXPECT_EQ("lobby()@0", d.take());
}

TEST_P(watching_for_the_network, is_in_order_with_kills_that_the_network_delivers) {
  const std::string p = port(), q = port();
  w.settle();
  EXPECT_EQ(p + "(why)@0", fired([&] {
              watch_local(p);
              w.core().kill_local(p, message("why"));
            }));
  EXPECT_EQ(q + "(no_such_port cannot monitor nonexistent port here#" + q + ")@0", fired([&] {
              w.core().kill_local(q, message("why"));
              watch_local(q);
            }));
}

TEST_P(watching_for_the_network, is_in_order_with_spawns_that_the_network_delivers) {
  w.on(last, [&] { w.me.define("f", [] { rcv(self(), "end", [] { kil(self(), "asked to"); }); }); });
  const std::string n = "n";
  EXPECT_EQ("", fired([&] {
              w.core().functions().spawn("n.1", "f", {}, &n);
              watch_local("n.1");
            }));
  w.me.snd(*port_id::parse("here#n.1"), "end");
  w.settle();
  EXPECT_EQ("n.1(asked to)@0", d.take());
}

TEST_P(watching_for_the_network, hears_later_that_there_is_no_such_port) {
  for (const std::string name : {"nobody", "u.zzz"}) {
    EXPECT_EQ(name + "(no_such_port cannot monitor nonexistent port here#" + name + ")@0",
              fired([&] { watch_local(name); }));
  }
}

TEST_P(watching_for_the_network, hears_nothing_when_it_was_cancelled_nor_of_the_node_port) {
  const std::string p = port();
  w.settle();
  EXPECT_EQ("", fired([&] {
              watch_local(p);
              watch_local("");
            }));
  handles[0].cancel();
  w.me.kil(*port_id::parse("here#" + p), "why");
  w.settle();
  EXPECT_EQ("", d.take());
}

// ---- ports that ended when they were born ----

TEST_P(watching_for_the_network, hears_why_a_port_was_stillborn_of_the_newest_256) {
  const auto id = [](int i) { return *port_id::parse("here#n." + std::to_string(i)); };
  for (int i = 0; i <= 256; ++i) all.was_stillborn(id(i), message("reason", i));
  EXPECT_EQ("n.1(reason 1)@0", fired([&] { watch_local("n.1"); }));
  EXPECT_EQ("n.256(reason 256)@0", fired([&] { watch_local("n.256"); }));
  EXPECT_EQ("n.0(no_such_port cannot monitor nonexistent port here#n.0)@0",
            fired([&] { watch_local("n.0"); }));
  EXPECT_EQ("mine(reason 1)@0", fired([&] { mon("mine", "here#n.1"); })) << "it is kept for others";
}

// ---- the end ----

TEST_P(watching, ends_without_a_word_when_the_node_does) {
  mon("p", "n#p");
  mon("node", "here");
  mon("other", "n");
  w.settle();
  w.inside([&] { all.shut_down(); });
  for (const detail::owned* o : made) {
    EXPECT_TRUE(o->over);
    EXPECT_EQ(1u, o->refs) << o->watched.str();
  }
  EXPECT_EQ("", fired([&] { all.node_lost("n", message("gone")); }));
}

INSTANTIATE_TEST_SUITE_P(of, watching, ::testing::Values(1u, 3u));
INSTANTIATE_TEST_SUITE_P(of, watching_for_the_network, ::testing::Values(1u, 3u));

}  // namespace
}  // namespace aemp::core
