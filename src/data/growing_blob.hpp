// A large text, or bytes, that arrives in pieces: they are put where the finished value has them, so nothing
// is copied once it is complete. Memory is taken as it is filled: 1 MiB, and from there on at most twice what
// has come, whatever size was announced. Larger memory is the kernel's to move (mremap), not ours to copy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include <aemp/value.hpp>

namespace aemp::detail {

// What a value of more than inline_size bytes refers to; the bytes lie behind it. From std::malloc.
struct shared_blob {
  std::atomic<std::uint32_t> refs{1};
  std::size_t size;
  const char* chars() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};

// Memory for a blob with so many bytes: `former` if it is null, or that with another size.
void* blob_memory(void* former, std::size_t bytes);
shared_blob* make_blob(void* memory, std::size_t size) noexcept;

class growing_blob {
 public:
  explicit growing_blob(std::size_t size) noexcept : size_(size) {}
  growing_blob(growing_blob&& other) noexcept;
  growing_blob& operator=(growing_blob&&) = delete;
  ~growing_blob() { std::free(memory_); }

  std::size_t missing() const noexcept { return size_ - come_; }
  // At most what is missing.
  void append(std::string_view piece);
  // Or, without a copy: where the next bytes belong, at most that many, not none while some are missing; and
  // how many are there by now.
  std::span<char> place(std::size_t most);
  void placed(std::size_t bytes) noexcept { come_ += bytes; }
  std::string_view come() const noexcept;
  // Once nothing is missing: text or bytes, which own the memory from now on. Text is not looked at.
  value finish(value::kind as);

 private:
  void reserve(std::size_t bytes);

  std::size_t size_;
  std::size_t come_ = 0;
  std::size_t room_ = 0;
  void* memory_ = nullptr;
};

}  // namespace aemp::detail
