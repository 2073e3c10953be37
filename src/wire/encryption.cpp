#include "wire/encryption.hpp"

#include <algorithm>
#include <array>

#include "wire/hash.hpp"

namespace aemp::wire {
namespace {

constexpr std::array<std::string_view, 4> wishes = {"", "possible", "wanted", "required"};  // by psk_wish

}  // namespace

std::string_view to_text(psk_wish wish) { return wishes[static_cast<std::size_t>(wish)]; }

psk_wish psk_wish_of(const greeting& g) {
  const auto found = std::find(wishes.begin(), wishes.end(), g.key("psk").value_or(""));
  return found == wishes.end() ? psk_wish::none : static_cast<psk_wish>(found - wishes.begin());
}

encryption choose_encryption(const encryption_means& own, const encryption_means& peer) {
  if (own.certificate && peer.certificate) return encryption::certificates;
  const psk_wish stronger = std::max(own.wish, peer.wish);
  if (own.secret && peer.secret && stronger >= psk_wish::wanted) return encryption::secret;
  return stronger == psk_wish::required ? encryption::impossible : encryption::none;
}

std::string make_psk(std::string_view secret, const greeting_lines& tls_client,
                     const greeting_lines& tls_server) {
  return hkdf_sha256(secret, sha256(four_lines(tls_client, tls_server)), "aemp psk 1");
}

}  // namespace aemp::wire
