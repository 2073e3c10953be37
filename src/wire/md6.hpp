// MD6, the hash that authenticates nodes of protocol version 1 (aemp-protocol C.7). It is implemented here
// since no library of the system has it any more: unkeyed, tree mode (L = 64), 40 + d/4 rounds, any digest of
// whole bytes up to 64.
//
// Cost: about 104 rounds of 16 steps per 512 bytes for d = 256, several microseconds for a pair of greeting
// lines. It runs twice per connection and never per message. No allocation except the returned strings. Not
// thread-safe per object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aemp::wire {

// One running hash. Feed bytes in any slices, then ask once for the digest.
class md6 {
 public:
  // digest_bits: 8 to 512 in steps of 8; anything else throws std::invalid_argument.
  explicit md6(unsigned digest_bits = 256);

  void update(std::string_view bytes);

  // Returns the raw bytes of the digest (digest_bits / 8 of them). The object cannot be used afterwards.
  [[nodiscard]] std::string finish();

 private:
  static constexpr std::size_t block_words = 64;   // what one node of the tree takes in
  static constexpr std::size_t output_words = 16;  // what it hands to its parent
  static constexpr std::size_t levels = 29;        // enough for 2^64 bytes with four children per node

  // One level of the tree: the words of the node being filled, and how many nodes were completed before it.
  struct level {
    std::array<std::uint64_t, block_words> words{};
    std::size_t used = 0;  // words
    std::uint64_t index = 0;
  };
  using node_output = std::array<std::uint64_t, output_words>;

  void add_to_parent(std::size_t at, const node_output& output);
  node_output compress(std::size_t at, std::size_t padding_bits, bool is_root);

  std::array<level, levels> tree_;
  std::size_t height_ = 1;      // levels in use
  std::size_t leaf_bytes_ = 0;  // bytes in tree_[0]
  unsigned digest_bits_;
};

// MD6 with 256 bits in one call: 32 raw bytes.
[[nodiscard]] std::string md6_256(std::string_view bytes);

// RFC 2104 HMAC over MD6-256 with a block of 64 bytes: 32 raw bytes. Agrees with Digest::HMAC_MD6 of the Perl
// nodes.
[[nodiscard]] std::string hmac_md6_64_256(std::string_view key, std::string_view data);

}  // namespace aemp::wire
