// One function per line that can arrive. feed() only splits lines and moves from phase to phase.
#include "wire/session.hpp"

#include <algorithm>
#include <stdexcept>

#include "wire/hash.hpp"

namespace aemp::wire {
namespace {

template <class List, class T>
bool contains(const List& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool can_make_psk(const session_config& config) {
  return !config.secret.empty() && config.psk != psk_wish::none;
}

// Whether this is the first byte of a TLS record that needs no keys: an alert or a handshake message. No line
// begins with such a byte.
bool is_tls(std::string_view bytes) {
  return !bytes.empty() && (bytes.front() == '\x15' || bytes.front() == '\x16');
}

greeting greeting_of(const session_config& config) {
  greeting g;
  g.protocol = config.protocol;
  g.version = "1";
  g.node_id = config.node_id;
  for (const auth_method method : auth_to_list(config)) g.auth.emplace_back(to_text(method));
  g.framings = config.framings;
  if (config.tls_available) g.keys.emplace_back("tls", "1.0");
  if (can_make_psk(config)) g.keys.emplace_back("psk", to_text(config.psk));
  g.keys.insert(g.keys.end(), config.more_keys.begin(), config.more_keys.end());
  if (!config.provider.empty()) g.keys.emplace_back("provider", config.provider);
  if (!config.peeraddr.empty()) g.keys.emplace_back("peeraddr", config.peeraddr);
  return g;
}

// The first framing that the peer reads and we write, storable last; empty if there is none.
std::string choose_framing(const std::vector<std::string>& readable,
                           const std::vector<std::string>& writable) {
  std::string last_resort;
  for (const std::string& name : readable) {
    if (!contains(writable, name)) continue;
    if (name != "storable") return name;
    last_resort = name;
  }
  return last_resort;
}

}  // namespace

std::vector<auth_method> auth_to_list(const session_config& config) {
  std::vector<auth_method> listed;
  for (const auth_method method : config.auth_accept) {
    if (is_possible(method, {config.secret, config.tls_available})) listed.push_back(method);
  }
  std::stable_partition(listed.begin(), listed.end(), needs_tls);
  return listed;
}

session::session(session_config config) : config_(std::move(config)) {
  if (config_.nonce.empty() || config_.nonce.find_first_of("\r\n") != std::string::npos) {
    throw std::invalid_argument("session: the nonce is empty or holds a line end; use make_nonce");
  }
  own_line_ = config_.captured_line ? *config_.captured_line : print_greeting(greeting_of(config_));
  output_ = own_line_ + '\n' + config_.nonce + '\n';
}

void session::forget_handshake() {
  const auto free = [](auto&... what) { (std::remove_reference_t<decltype(what)>().swap(what), ...); };
  [[maybe_unused]] const session_config config = std::move(config_);
  free(own_line_, line_, peer_nonce_, psk_, one_byte_secret_, peer_.line, peer_.auth, peer_.framings);
}

std::string session::take_output() { return std::exchange(output_, {}); }

session_step session::feed(std::string_view in) {
  if (phase_ == phase::choosing) {
    if (const auto event = choose(); event != session_event::none) return {0, event};
  }
  if (phase_ == phase::proven && auth_sent_) {
    phase_ = phase::ready;
    return {0, session_event::ready};
  }

  std::size_t consumed = 0;
  while (phase_ == phase::greeting || phase_ == phase::nonce || phase_ == phase::auth) {
    const std::string_view rest = in.substr(consumed);
    if (phase_ == phase::auth && encryption_ == encryption::none && line_.empty() && is_tls(rest)) {
      show_proof();
      return {in.size(), fail(session_error::greeting_changed, "it begins TLS where we expect none")};
    }
    const auto end = rest.find('\n');
    const std::string_view part = rest.substr(0, end);
    if (line_.size() + part.size() > max_line) return {in.size(), fail(session_error::line_too_long)};
    line_ += part;
    if (end == std::string_view::npos) return {in.size(), session_event::none};
    consumed += part.size() + 1;

    const auto event = phase_ == phase::greeting ? on_greeting()
                       : phase_ == phase::nonce  ? on_nonce()
                                                 : on_auth();
    line_.clear();
    if (event != session_event::none) return {consumed, event};
  }
  return {consumed, session_event::none};
}

session_event session::on_greeting() {
  auto parsed = parse_greeting(complete_line());
  if (!parsed) {
    phase_ = phase::failed;
    failure_ = {parsed.error().name, subject() + ": " + parsed.error().text};
    return session_event::failed;
  }
  peer_ = std::move(*parsed);
  if (!contains(config_.served_protocols, peer_.protocol)) {
    return fail(session_error::unknown_protocol, "it asks for " + quoted(peer_.protocol));
  }
  // Other protocols may have any number of connections, even with oneself.
  const bool ordinary = peer_.protocol == "aemp" && config_.protocol == "aemp";
  if (peer_.node_id.empty() || (ordinary && peer_.node_id == config_.node_id))
    return fail(session_error::talking_to_myself);
  phase_ = phase::nonce;
  return session_event::peer_named;
}

session_event session::on_nonce() {
  peer_nonce_ = complete_line();
  if (peer_nonce_ == config_.nonce) return fail(session_error::echo_attack);

  const psk_wish theirs = psk_wish_of(peer_);
  encryption_ = choose_encryption({config_.tls_available, can_make_psk(config_), config_.psk},
                                  {peer_.offers_tls(), theirs != psk_wish::none, theirs});
  switch (encryption_) {
    case encryption::none:
      break;
    case encryption::certificates:
      return start_tls(config_.nonce < peer_nonce_);
    case encryption::secret: {
      // The node ID decides, not the nonce: the arbiter waits before its proof, so it must be the side that
      // waits in TLS.
      const bool as_client = config_.node_id < peer_.node_id;
      psk_ = as_client ? make_psk(config_.secret, own_lines(), peer_lines())
                       : make_psk(config_.secret, peer_lines(), own_lines());
      return start_tls(as_client);
    }
    case encryption::impossible:
      return fail(session_error::encryption_required,
                  config_.psk == psk_wish::required ? "it offers no encryption" : "it demands encryption");
  }
  return choose();
}

session_event session::start_tls(bool as_client) {
  phase_ = phase::tls;
  return as_client ? session_event::start_tls_client : session_event::start_tls_server;
}

session_event session::choose() {
  if (!means().tls_active && config_.secret.empty()) return fail(session_error::no_secret_and_no_tls);
  const auto method = choose_auth(peer_.auth, config_.auth_offer, means());
  if (!method) return fail(session_error::no_common_auth);
  own_auth_ = *method;
  if (peer_.is_foreign_version_2()) one_byte_secret_ = one_byte_form(config_.secret);
  framing_to_write_ = choose_framing(peer_.framings, config_.framings);
  if (framing_to_write_.empty()) return fail(session_error::no_common_framing);
  phase_ = phase::auth;
  if (!held_) write_auth_line();
  return session_event::none;
}

session_event session::on_auth() {
  const auth_line line = parse_auth_line(complete_line());
  const auto method = auth_method_named(line.method);
  if (!method) return fail(session_error::unknown_auth_method, "it chose " + quoted(line.method));
  if (!contains(config_.auth_accept, *method) || !is_possible(*method, means())) {
    return fail(session_error::auth_method_not_accepted, "it chose " + std::string(line.method));
  }
  const bool data_expected = *method != auth_method::tls_anon;
  if (!line.data || (data_expected && line.data->empty())) return fail(session_error::missing_auth_data);
  if (!is_proof(*method, *line.data)) {
    show_proof();
    return fail(needs_tls(*method) ? session_error::wrong_tls_auth : session_error::wrong_secret);
  }
  if (!line.framing || !contains(config_.framings, *line.framing)) {
    return fail(session_error::unusable_framing, "it chose " + quoted(line.framing.value_or("")));
  }
  peer_auth_ = *method;
  framing_to_read_ = *line.framing;
  peer_acceptance_ = line.acceptance;
  phase_ = auth_sent_ ? phase::ready : phase::proven;
  return auth_sent_ ? session_event::ready : session_event::verified;
}

// A Perl node of 2.x uses the usual form of its secret if it has the secret as bytes, and the one-byte form
// if it has it as text. Its proof shows which, and then ours has the same form.
bool session::is_proof(auth_method method, std::string_view data) {
  const auto is_made_with = [&](std::string_view secret) {
    return equal_in_constant_time(data, auth_data(method, peer_lines(), own_lines(), secret));
  };
  const bool has_two_forms = method == auth_method::hmac_sha3_512 && !one_byte_secret_.empty();
  if (has_two_forms && is_made_with(one_byte_secret_)) return true;
  if (!is_made_with(config_.secret)) return false;
  if (has_two_forms) one_byte_secret_.clear();
  return true;
}

void session::hold_auth() { held_ = true; }

void session::send_auth(std::uint64_t acceptance) {
  held_ = false;
  if (peer_.key("arbiter") == "1") acceptance_ = acceptance;
  if (!auth_sent_ && (phase_ == phase::auth || phase_ == phase::proven)) write_auth_line();
}

void session::tls_ready() {
  if (phase_ == phase::tls) phase_ = phase::choosing;
}

aemp::error session::tls_failed(const aemp::error& why) {
  if (encryption_ != encryption::secret) return why;
  (void)fail(why.name == "wrong_key" ? session_error::wrong_secret : session_error::greeting_changed,
             why.text);
  return failure_;
}

// This proof cannot convince the peer, but lets its log say what is wrong.
void session::show_proof() {
  if (!auth_sent_) write_auth_line();
}

void session::write_auth_line() {
  const bool one_byte = own_auth_ == auth_method::hmac_sha3_512 && !one_byte_secret_.empty();
  const std::string& secret = one_byte ? one_byte_secret_ : config_.secret;
  output_ += to_text(own_auth_);
  output_ += ';' + auth_data(own_auth_, own_lines(), peer_lines(), secret) + ';' + framing_to_write_;
  if (acceptance_ != 0) output_ += ';' + std::to_string(acceptance_);
  output_ += '\n';
  auth_sent_ = true;
}

std::string_view session::complete_line() const {
  std::string_view line = line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string session::subject() const {
  std::string text = peer_.node_id.empty() ? "a peer" : "node " + peer_.node_id;
  if (!config_.peeraddr.empty()) text += " at " + config_.peeraddr;
  return text;
}

session_event session::fail(session_error code, std::string_view detail) {
  std::string particulars = subject();
  if (!detail.empty()) particulars.append(": ").append(detail);
  phase_ = phase::failed;
  failure_ = make_error(code, std::move(particulars));
  return session_event::failed;
}

}  // namespace aemp::wire
