// A large text, or bytes, that arrives in pieces. The pieces are written where the finished value has them,
// so nothing is copied when it is complete. Memory grows with what has come, whatever size was announced: 1
// MiB at first, then at most twice what is there. The kernel moves larger memory (mremap) instead of copying
// it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include <aemp/value.hpp>

namespace aemp::detail {

// What a value of more than inline_size bytes refers to. The bytes follow it. From std::malloc.
struct shared_blob {
  std::atomic<std::uint32_t> refs{1};
  std::size_t size;
  const char* chars() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};

// Allocates memory for a blob of so many bytes, or resizes `former` if that is not null.
void* blob_memory(void* former, std::size_t bytes);
shared_blob* make_blob(void* memory, std::size_t size) noexcept;

class growing_blob {
 public:
  explicit growing_blob(std::size_t size) noexcept : size_(size) {}
  growing_blob(growing_blob&& other) noexcept;
  growing_blob& operator=(growing_blob&&) = delete;
  ~growing_blob() { std::free(memory_); }

  std::size_t missing() const noexcept { return size_ - come_; }
  // Appends a piece, which has at most the bytes that are missing.
  void append(std::string_view piece);
  // The alternative without a copy: place() returns where the next bytes belong, at most so many, and at
  // least one while some are missing; then tell how many were put there.
  std::span<char> place(std::size_t most);
  void placed(std::size_t bytes) noexcept { come_ += bytes; }
  std::string_view come() const noexcept;
  // Call it when nothing is missing. Makes a text or bytes, which own the memory from now on. Does not check
  // that text is UTF-8.
  value finish(value::kind as);

 private:
  void reserve(std::size_t bytes);

  std::size_t size_;
  std::size_t come_ = 0;
  std::size_t room_ = 0;
  void* memory_ = nullptr;
};

}  // namespace aemp::detail
