// tools/diff: exact matches in the last bytes of a stream, for the packer of tinyuz.
#pragma once

#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

struct WindowMatch {
    std::uint32_t distance = 0;
    std::uint32_t bytes = 0;
};

/// A search tree for each pair of bytes, of the places in the window where it stands, the latest one at its root.
class WindowMatches {
public:
    /// Matches are found up to `longest` bytes long. Requires: `text` outlives the finder and is below 4 GiB.
    WindowMatches(Bytes text, std::uint32_t window_bytes, std::uint32_t longest);

    /// Goes on to the next place, and finds for each reachable length of 2 bytes and more the nearest match there:
    /// longer and farther ones in turn. Valid until the next call.
    const std::vector<WindowMatch>& next();

private:
    static constexpr std::uint32_t none = ~0U;
    static constexpr unsigned deepest = 2048;
    struct Node {
        std::uint32_t less = none, greater = none;
    };
    [[nodiscard]] Node& node(std::uint32_t at) { return nodes_[at % nodes_.size()]; }

    Bytes text_;
    std::uint32_t longest_;
    std::uint32_t at_ = 0;
    std::vector<std::uint32_t> roots_;
    std::vector<Node> nodes_;
    std::vector<WindowMatch> found_;
};

/// How many bytes from `a` on are those from `b` on; at most `limit`.
/// Requires: a < b, b + limit <= text.size().
[[nodiscard]] std::uint32_t agreement(Bytes text, std::size_t a, std::size_t b, std::uint32_t limit);

}  // namespace sb::diff
