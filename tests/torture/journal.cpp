#include "tests/torture/journal.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace torture {
namespace {

constexpr std::uint64_t most_slots = std::uint64_t{1} << 26;
constexpr std::size_t file_bytes = 64 + most_slots * 32;  // sparse: what is not used takes no room
constexpr std::size_t text_bytes = 28;                    // of a text in one slot, behind its kind

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::uint64_t now() noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

}  // namespace

journal::journal(const std::string& path, std::uint32_t node, std::uint32_t incarnation)
    : file_(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {
  if (file_ < 0) fail("the journal " + path);
  if (ftruncate(file_, static_cast<off_t>(file_bytes)) != 0) fail("the size of " + path);
  void* memory = mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory == MAP_FAILED) fail("mapping " + path);
  head_ = static_cast<head*>(memory);
  slots_ = reinterpret_cast<slot*>(static_cast<char*>(memory) + sizeof(head));
  head_->node = node;
  head_->incarnation = incarnation;
  std::memcpy(head_->magic, "AEMPJRN1", 8);
}

journal::~journal() {
  const std::uint64_t used = head_->used.load();
  munmap(head_, file_bytes);
  if (ftruncate(file_, static_cast<off_t>(sizeof(head) + used * sizeof(slot))) != 0)
    std::perror("torture_node: journal");
  close(file_);
}

journal::slot* journal::take(std::uint64_t count) noexcept {
  const std::uint64_t first = head_->used.fetch_add(count);
  if (first + count > most_slots) {
    std::fputs("torture_node: the journal is full; let the round be shorter\n", stderr);
    std::abort();
  }
  return slots_ + first;
}

void journal::fill(slot& s, kind k, const words& w, std::uint64_t time) noexcept {
  s.a = w.a;
  s.b = w.b;
  s.c = w.c;
  s.d = w.d;
  s.e = w.e;
  s.time = time;
  s.what.store(static_cast<std::uint32_t>(k), std::memory_order_release);
}

void journal::note(kind k, const words& w) noexcept { fill(*take(1), k, w, now()); }

void journal::note(kind k, words w, std::string_view text) noexcept {
  w.e = static_cast<std::uint32_t>(text.size());
  slot* s = take(1 + (text.size() + text_bytes - 1) / text_bytes);
  fill(*s, k, w, now());
  while (!text.empty()) {
    ++s;
    const std::string_view part = text.substr(0, text_bytes);
    std::memcpy(reinterpret_cast<char*>(s) + sizeof s->what, part.data(), part.size());
    s->what.store(static_cast<std::uint32_t>(kind::text), std::memory_order_release);
    text.remove_prefix(part.size());
  }
}

}  // namespace torture
