// The compression function is a shift register of 89 + 16r words. The tree above it is kept as one
// half-filled node per level, so a hash of any length needs the same small memory.
#include "wire/md6.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace aemp::wire {
namespace {

constexpr std::size_t register_words = 89;
constexpr std::uint64_t leaf_size = 512;  // bytes
constexpr unsigned max_levels_field = 64;
constexpr unsigned steps_per_round = 16;

// The fractional part of the square root of six: nothing-up-my-sleeve words that fill the front of each
// block.
constexpr std::array<std::uint64_t, 15> q = {
    0x7311c2812425cfa0, 0x6432286434aac8e7, 0xb60450e9ef68b7c1, 0xe8fb23908d9f06f1, 0xdd2e76cba691e5bf,
    0x0cd0d63b2c30bc41, 0x1f8ccf6823058f8a, 0x54e5ed5b88e3775d, 0x4ad12aae0a6d6031, 0x3e7f16bb88222e0d,
    0x8af8671d3fb50c2c, 0x995ad1178bd25c31, 0xc878c1dd04c4b633, 0x3b72066c7a1552ac, 0x0d6f3522631effcb};

constexpr std::array<unsigned, steps_per_round> right_shift = {10, 5,  13, 10, 11, 12, 2, 7,
                                                               14, 15, 7,  13, 11, 7,  6, 12};
constexpr std::array<unsigned, steps_per_round> left_shift = {11, 24, 9,  16, 15, 9, 27, 15,
                                                              6,  2,  29, 8,  15, 5, 31, 9};

constexpr unsigned rounds_for(unsigned digest_bits) { return 40 + digest_bits / 4; }
constexpr std::size_t most_words = register_words + std::size_t{steps_per_round} * rounds_for(512);

}  // namespace

md6::md6(unsigned digest_bits) : digest_bits_(digest_bits) {
  if (digest_bits == 0 || digest_bits > 512 || digest_bits % 8 != 0) {
    throw std::invalid_argument("md6: the digest must have 8 to 512 bits in whole bytes");
  }
}

void md6::update(std::string_view bytes) {
  for (const char c : bytes) {
    // A full leaf waits until more arrives, as the last node of the tree is compressed differently.
    if (leaf_bytes_ == leaf_size) {
      add_to_parent(0, compress(0, 0, false));
      leaf_bytes_ = 0;
    }
    const auto shift = 56 - 8 * (leaf_bytes_ % 8);
    tree_[0].words[leaf_bytes_ / 8] |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
    ++leaf_bytes_;
  }
}

std::string md6::finish() {
  node_output output = compress(0, (leaf_size - leaf_bytes_) * 8, height_ == 1);
  for (std::size_t at = 1; at < height_; ++at) {
    add_to_parent(at - 1, output);
    output = compress(at, (block_words - tree_[at].used) * 64, at + 1 == height_);
  }
  std::string all;
  for (const std::uint64_t word : output) {
    for (int shift = 56; shift >= 0; shift -= 8) all.push_back(static_cast<char>(word >> shift & 0xff));
  }
  return all.substr(all.size() - digest_bits_ / 8);
}

void md6::add_to_parent(std::size_t at, const node_output& output) {
  const std::size_t up = at + 1;
  height_ = std::max(height_, up + 1);
  if (tree_[up].used == block_words) add_to_parent(up, compress(up, 0, false));
  std::copy(output.begin(), output.end(),
            tree_[up].words.begin() + static_cast<std::ptrdiff_t>(tree_[up].used));
  tree_[up].used += output_words;
}

// Compresses the node that is being filled at that level, and empties it for the next one.
md6::node_output md6::compress(std::size_t at, std::size_t padding_bits, bool is_root) {
  level& node = tree_[at];
  const unsigned rounds = rounds_for(digest_bits_);
  std::array<std::uint64_t, most_words> a;
  auto end = std::copy(q.begin(), q.end(), a.begin());
  end = std::fill_n(end, 8, 0);  // no key
  *end++ = std::uint64_t{at + 1} << 56 | node.index;
  *end++ = std::uint64_t{rounds} << 48 | std::uint64_t{max_levels_field} << 40 |
           std::uint64_t{is_root} << 36 | std::uint64_t{padding_bits} << 20 | digest_bits_;
  std::copy(node.words.begin(), node.words.end(), end);

  std::uint64_t s = 0x0123456789abcdef;
  std::size_t i = register_words;
  for (unsigned round = 0; round < rounds; ++round) {
    for (unsigned step = 0; step < steps_per_round; ++step, ++i) {
      std::uint64_t x = s ^ a[i - 89] ^ a[i - 17] ^ (a[i - 18] & a[i - 21]) ^ (a[i - 31] & a[i - 67]);
      x ^= x >> right_shift[step];
      a[i] = x ^ (x << left_shift[step]);
    }
    s = std::rotl(s, 1) ^ (s & q[0]);
  }

  node_output output;
  std::copy_n(a.begin() + static_cast<std::ptrdiff_t>(i - output_words), output_words, output.begin());
  node.words.fill(0);
  node.used = 0;
  ++node.index;
  return output;
}

std::string md6_256(std::string_view bytes) {
  md6 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string hmac_md6_64_256(std::string_view key, std::string_view data) {
  constexpr std::size_t block_size = 64;
  std::string block(key.size() > block_size ? md6_256(key) : std::string(key));
  block.resize(block_size, '\0');
  const auto masked = [&block](unsigned char mask) {
    std::string out = block;
    for (char& c : out) c = static_cast<char>(static_cast<unsigned char>(c) ^ mask);
    return out;
  };
  return md6_256(masked(0x5c) + md6_256(masked(0x36) + std::string(data)));
}

}  // namespace aemp::wire
