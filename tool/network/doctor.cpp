#include "tool/network/doctor.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <set>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/effective_config.hpp"
#include "api/file.hpp"
#include "api/names.hpp"
#include "api/secret.hpp"
#include "net/endpoint_list.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "tool/config/certificate.hpp"
#include "tool/network/question.hpp"
#include "tool/run/service_objects.hpp"
#include "tool/terminal/table.hpp"

namespace aemp::tool {
namespace {

using grade = finding::grade;

constexpr std::size_t short_secret = 16;
constexpr std::int64_t soon_in_days = 30;
constexpr double clock_tolerance = 1;  // seconds

// Returns why no listener can be opened there; empty if one can.
std::string cannot_listen(const net::endpoint& at) {
  sockaddr_storage place{};
  socklen_t size = 0;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&place);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&place);
  if (::inet_pton(AF_INET, at.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(at.port);
    size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, at.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(at.port);
    size = sizeof *v6;
  } else {
    return {};
  }
  const int s = ::socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  (void)::setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  std::string why;
  if (::bind(s, reinterpret_cast<const sockaddr*>(&place), size) != 0 || ::listen(s, 1) != 0)
    why = std::strerror(errno);
  ::close(s);
  return why;
}

// Each part of a list with what it resolves to.
struct part {
  std::string text;
  std::vector<net::endpoint> places;
  std::string error;
};

std::vector<part> resolved(const std::vector<std::string>& items) {
  std::vector<part> parts;
  for (const std::string& item : items) {
    const auto descriptors = net::split_descriptors(item, api::host_name());
    if (!descriptors) {
      parts.push_back({item, {}, descriptors.error().text});
      continue;
    }
    for (const net::descriptor& d : *descriptors) {
      const std::string service = d.service.empty() || d.service == "*" ? "0" : d.service;
      if (d.host == "*") {
        parts.push_back({item, {}, {}});
        continue;
      }
      auto places = net::resolve_name(d.host, service);
      parts.push_back(
          {item, places ? *places : std::vector<net::endpoint>(), places ? "" : places.error().text});
    }
  }
  return parts;
}

std::string joined(const std::vector<net::endpoint>& places) { return net::join(places); }

void check_profile(const std::string& name, const api::config_file& file, std::set<std::string>& said,
                   const tell& f) {
  api::config_remarks remarks;
  const auto effective = api::effective_config({.profile = name}, file, remarks);
  const std::string about = "profile " + name, advice = "aemp showprofile " + name;
  if (!effective) return f({grade::bad, about, effective.error().text, advice});
  if (const auto good = api::check_node_id(name); effective->nodeid.empty() && !good)
    f({grade::bad, about, good.error().text + "; so it needs a nodeid",
       "aemp profile '" + name + "' setnodeid ID"});
  for (const api::config_remark& r : remarks) {
    if (r.level <= 2 && said.insert(r.what).second) f({grade::doubtful, about, r.str(), advice});
  }
}

}  // namespace

void check_file(context& all, const tell& f) {
  const std::string path = all.config().path();
  const auto file = api::read_file(path);
  if (!file) {
    return f({grade::doubtful, "configuration", "there is no file " + path + ", so the defaults count",
              "aemp gensecret addseed HOST:PORT"});
  }
  const auto content = all.config().file();
  if (!content) return f({grade::bad, "configuration", content.error().text});
  if (file->others_may_use && content->holds_secret()) {
    f({grade::bad, "configuration", path + " holds a secret and can be used by others; nodes refuse it",
       "chmod 600 " + path});
  } else {
    f({grade::good, "configuration", path + " can be read; " + content->known_profiles()});
  }
  std::set<std::string> said;  // each remark once, however many profiles inherit it
  for (const api::config_remark& r : api::remarks_on_keys(*content)) {
    if (r.level <= 2 && said.insert(r.what).second)
      f({grade::doubtful, "configuration", r.what + ", and counts for nothing" + r.hint, "edit " + path});
  }
  for (const std::string& name : content->profiles()) check_profile(name, *content, said, f);
}

void check_secret(context& all, const config& effective, const tell& f) {
  const auto secret = api::find_secret(effective);
  if (!secret) return f({grade::bad, "secret", secret.error().text});
  if (!*secret || (*secret)->empty()) {
    if (!effective.cert.empty()) return f({grade::good, "secret", "there is none; certificates do without"});
    return f({grade::bad, "secret", "there is no secret and no certificate: no node will talk to this one",
              "aemp gensecret, or copy that of the network: aemp setsecret SECRET"});
  }
  const std::string size = std::to_string((*secret)->size()) + " characters";
  if ((*secret)->size() < short_secret) {
    return f({grade::doubtful, "secret", "it has only " + size + ", and who listens can try out guesses",
              "aemp gensecret, and the same on all nodes"});
  }
  f({grade::good, "secret",
     effective.secret ? size + ", from " + all.config().path() : size + ", from ~/.aemp-secret"});
}

void check_certificate(const config& effective, const tell& f) {
  if (effective.cert.empty()) return;
  net::tls_settings settings;
  settings.pem = effective.cert;
  if (const auto usable = net::check_tls(settings); !usable)
    return f({grade::bad, "certificate", usable.error().text, "aemp gencert, or aemp gencert CA-FILE"});
  const auto facts = facts_of(effective.cert);
  if (!facts) return f({grade::bad, "certificate", facts.error().text});
  std::string text = facts->name + ", signed by " + facts->issuer + ", valid until " + facts->until;
  for (std::size_t i = 0; i < facts->names.size(); ++i)
    text += (i == 0 ? ", for nodes " : ", ") + facts->names[i];
  if (facts->days_left < soon_in_days) {
    return f({grade::doubtful, "certificate",
              text + ": " + std::to_string(facts->days_left) + " days are left",
              "aemp gencert, or aemp gencert CA-FILE"});
  }
  f({grade::good, "certificate", text});
}

void check_binds(const config& effective, const tell& f) {
  for (const part& p : resolved(effective.binds.items())) {
    const std::string about = "bind " + p.text;
    if (!p.error.empty()) {
      f({grade::bad, about, p.error, "aemp setbinds LIST"});
      continue;
    }
    std::string why;
    int reason = 0;
    for (const net::endpoint& at : p.places) {
      errno = 0;
      if (std::string one = cannot_listen(at); !one.empty()) {
        reason = errno;
        why = at.str() + ": " + one;
      }
    }
    if (why.empty()) {
      f({grade::good, about,
         p.places.empty() ? "every address of this machine" : joined(p.places) + " is free"});
    } else if (reason == EADDRINUSE) {
      f({grade::doubtful, about, why + ": the node runs already, or somebody else is there",
         "ss -ltnp, to see who"});
    } else {
      f({grade::bad, about, why, "aemp setbinds LIST, with addresses of this machine"});
    }
  }
}

void check_services(context& all, const config& effective, const tell& f) {
  for (const message& service : effective.services) {
    const std::string about = "service " + service.tag(), name = object_name_of(service.tag());
    if (name.empty()) {
      f({grade::doubtful, about,
         "the name has no module, as in chat::serve, so the program that runs has to define it"});
    } else if (const auto file = find_service_object(name, service_folders(all))) {
      f({grade::good, about, "it is in " + *file});
    } else {
      f({grade::doubtful, about, file.error().text,
         "nothing, if the program that runs defines it itself; aemp run needs it"});
    }
  }
}

void check_seeds(context& all, const std::string& profile, const config& effective, const tell& f) {
  if (effective.seeds.items().empty()) {
    return f({grade::doubtful, "seeds",
              "there are none: this node meets others only if they have it as a seed",
              "aemp addseed HOST:PORT"});
  }
  for (const part& p : resolved(effective.seeds.items())) {
    const std::string about = "seed " + p.text;
    if (!p.error.empty()) {
      f({grade::bad, about, p.error, "aemp delseed " + p.text});
      continue;
    }
    std::string last_line;
    finding result{grade::bad, about, "no answer within " + all.option_or("--timeout", "5") + " s"};
    session probe(all, profile, p.text);
    set_log_level(7);
    set_log_sink([&last_line](int, std::string_view line) {
      if (line.starts_with("seed ")) last_line = line;
      if (line.find(" is up: ") != std::string_view::npos) last_line = line.substr(line.find(" is up: ") + 8);
    });
    (void)probe.run([&] {
      after(all.timeout(), [&] { probe.end(no_answer); });
      const auto found = [&](const std::string& node) {
        result = {grade::good, about, "node " + node + " at " + last_line};
        probe.ask(port_argument(node), {"time"})
            .then([&, node, begin = std::chrono::steady_clock::now()](double time) {
              const double took =
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
              const double now =
                  std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
              const double ahead = time + took / 2 - now;
              result.text += "; round trip " + in_time(took);
              // Perl nodes of 2.x tell the time of their event loop, which is only about right.
              if (std::abs(ahead) > clock_tolerance) {
                result.how = grade::doubtful;
                result.text += "; its clock is " + in_time(std::abs(ahead)) +
                               (ahead < 0 ? " behind" : " ahead of") + " ours";
                result.advice = "set the clocks, for example with timedatectl set-ntp true";
              }
              ask_node(
                  probe, node, "node",
                  [&](const findings& n) {
                    result.text += "; " + n.first["version"].to_string();
                    probe.end(done);
                  },
                  [&](const error&) {
                    result.text += "; it says no more about itself";
                    probe.end(done);
                  });
            });
      };
      mon_nodes([found, once = false](const std::string& node, bool up) mutable {
        if (up && !std::exchange(once, true)) found(node);
      });
    });
    if (result.how == grade::bad && !last_line.empty())
      result.text = last_line.substr(last_line.find(": ") + 2);
    set_log_sink({});
    f(result);
  }
}

namespace {

const char* mark_of(grade how) {
  switch (how) {
    case grade::good:
      return "ok   ";
    case grade::doubtful:
      return "hm   ";
    default:
      return "BAD  ";
  }
}

const char* name_of(grade how) {
  return how == grade::good ? "ok" : how == grade::doubtful ? "doubtful" : "bad";
}

int examine(context& all, const std::vector<value>& a) {
  const std::string profile = a.empty() ? all.option_or("--profile", "aemp") : a[0].to_string();
  int status = done;
  const tell print = [&](const finding& f) {
    if (f.how == grade::bad) status = failed;
    value::map json = {{"state", name_of(f.how)}, {"about", f.about}, {"text", f.text}};
    if (!f.advice.empty()) json.emplace("advice", f.advice);
    all.print(value(std::move(json)),
              mark_of(f.how) + f.about + ": " + f.text + (f.advice.empty() ? "" : "\n     try: " + f.advice));
  };
  all.save_config();
  check_file(all, print);
  const auto file = all.config().file();
  if (!a.empty() && !all.config().has_profile(profile))
    return all.fail(failed, no_such_profile(all, profile));
  const bool there = all.config().has_profile(profile);
  api::config_remarks told_already;
  auto effective = api::effective_config({.profile = there ? profile : ""}, *file, told_already);
  if (!effective) {
    print({grade::bad, "profile " + profile, effective.error().text});
    return failed;
  }
  if (all.has("--seed")) effective->seeds = string_list({all.option_or("--seed", {})});
  check_secret(all, *effective, print);
  check_certificate(*effective, print);
  check_binds(*effective, print);
  check_services(all, *effective, print);
  check_seeds(all, profile, *effective, print);
  return status;
}

}  // namespace

section doctor_section() {
  return {
      "When something is wrong",
      {{"doctor",
        {},
        "[PROFILE]",
        "look for what is wrong, and say what to type",
        "Looks at the configuration file, the secret and the certificate, at names and addresses, at what "
        "aemp run would load, and at each seed: whether "
        "it answers, takes us for one of its own, and which time it has. Ends with 1 when something is bad.",
        "doctor server",
        {"--seed", "--profile", "--services"},
        examine}}};
}

}  // namespace aemp::tool
