#include "tools/diff/tinyuz_matches.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace sb::diff {

std::uint32_t agreement(Bytes text, std::size_t a, std::size_t b, std::uint32_t limit) {
    std::uint32_t same = 0;
    const std::uint8_t* const left = text.data() + a;
    const std::uint8_t* const right = text.data() + b;
    static_assert(std::endian::native == std::endian::little);
    for (; same + 8 <= limit; same += 8) {
        std::uint64_t x = 0, y = 0;
        std::memcpy(&x, left + same, 8);
        std::memcpy(&y, right + same, 8);
        if (x != y) return same + static_cast<std::uint32_t>(std::countr_zero(x ^ y)) / 8;
    }
    while (same < limit && left[same] == right[same]) ++same;
    return same;
}

WindowMatches::WindowMatches(Bytes text, std::uint32_t window_bytes, std::uint32_t longest)
    : text_(text),
      longest_(longest),
      roots_(std::size_t{1} << 16, none),
      nodes_(std::min<std::size_t>(window_bytes, text.size()) + 1) {}

const std::vector<WindowMatch>& WindowMatches::next() {
    found_.clear();
    const std::uint32_t here = at_++;
    const auto limit = static_cast<std::uint32_t>(std::min<std::size_t>(longest_, text_.size() - here));
    if (limit < 2) return found_;
    std::uint32_t& root = roots_[load_le<std::uint16_t>(text_, here)];
    std::uint32_t other = std::exchange(root, here);
    std::uint32_t* less = &node(here).less;
    std::uint32_t* greater = &node(here).greater;
    std::uint32_t same_less = 2, same_greater = 2, best = 1;
    for (unsigned depth = 0; other != none && here - other < nodes_.size() && depth < deepest; ++depth) {
        std::uint32_t same = std::min(same_less, same_greater);
        same += agreement(text_, other + same, here + same, limit - same);
        if (same > best) found_.push_back({here - other, best = same});
        Node& its = node(other);
        if (same == limit) {  // it takes the other's place
            *less = its.less;
            *greater = its.greater;
            return found_;
        }
        if (text_[other + same] < text_[here + same]) {
            *less = other;
            less = &its.greater;
            other = its.greater;
            same_less = same;
        } else {
            *greater = other;
            greater = &its.less;
            other = its.less;
            same_greater = same;
        }
    }
    *less = none;
    *greater = none;
    return found_;
}

}  // namespace sb::diff
