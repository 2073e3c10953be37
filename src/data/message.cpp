#include <aemp/message.hpp>

#include <memory>
#include <ostream>

namespace aemp {

namespace detail {
namespace {

values_block& values_of(block& b) { return static_cast<values_block&>(b); }
const values_block& values_of(const block& b) { return static_cast<const values_block&>(b); }

}  // namespace

constinit const message_ops values_ops{
    nullptr,
    nullptr,
    0,
    false,
    true,
    [](block& b) noexcept {
      std::destroy_n(values_of(b).begin(), values_of(b).size);
      deallocate(&b, b.size_class);
    },
    nullptr,
    [](const block& b) noexcept { return values_of(b).begin()->text(); },
};

block* make_values_block(std::span<value> elements) {
  values_block* b = new_values_block(elements.size());
  std::uninitialized_move(elements.begin(), elements.end(), b->begin());
  b->size = static_cast<std::uint32_t>(elements.size());
  set_key(*b);
  return b;
}

block& empty_block() noexcept {
  static block* const empty = make_values_block({});
  return *empty;
}

block* make_shared_block(block* message) {
  auto* b = ::new (allocate_block<sizeof(shared_block)>()) shared_block;
  b->what = block::kind::shared;
  b->size_class = block_class_of(sizeof(shared_block));
  b->message = message;
  return b;
}

void destroy_others(block& b) noexcept {
  switch (b.what) {
    case block::kind::typed:
    case block::kind::values:
      return b.ops->dispose(b);
    case block::kind::shared:
      release(*static_cast<shared_block&>(b).message);
      break;
    case block::kind::task:
      b.work->destroy(b);
      break;
  }
  deallocate(&b, b.size_class);
}

}  // namespace detail

value message::operator[](std::size_t i) const { return i < size() ? detail::value_of(*block_, i) : value(); }

std::vector<value> message::elements() const {
  std::vector<value> out;
  out.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) out.push_back(detail::value_of(*block_, i));
  return out;
}

std::string message::tag() const {
  if (block_ == nullptr || block_->key == 0) return {};
  return std::string(block_->ops->tag(*block_));
}

std::string message::to_string() const {
  std::string out;
  for (std::size_t i = 0; i < size(); ++i) {
    if (i != 0) out += ' ';
    out += (*this)[i].to_string();
  }
  return out;
}

bool operator==(const message& a, const message& b) {
  if (a.block_ == b.block_) return true;
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

std::ostream& operator<<(std::ostream& out, const message& m) { return out << m.to_string(); }

}  // namespace aemp
