#include "tools/diff/sbd/block_map.hpp"

#include <queue>

namespace sb::diff {
namespace {

/// The blocks as a list in which any can be taken out.
class BlockList {
public:
    explicit BlockList(std::vector<MapBlock> blocks)
        : blocks_(std::move(blocks)), before_(blocks_.size()), after_(blocks_.size()), alive_(blocks_.size(), 1) {
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            before_[i] = i == 0 ? none : i - 1;
            after_[i] = i + 1 == blocks_.size() ? none : i + 1;
            sizes_.emplace(blocks_[i].bytes, i);
        }
        count_ = blocks_.size();
    }

    [[nodiscard]] std::size_t size() const { return count_; }

    /// Of equal ones the first goes. What stood on either side of it may now be one block.
    void drop_smallest() {
        while (true) {
            const auto [bytes, i] = sizes_.top();
            sizes_.pop();
            if (!alive_[i] || blocks_[i].bytes != bytes) continue;  // it has gone, or grown since
            const std::size_t left = before_[i], right = after_[i];
            unlink(i);
            if (left == none || right == none || blocks_[left].diagonal() != blocks_[right].diagonal()) return;
            blocks_[left].bytes = blocks_[right].new_at + blocks_[right].bytes - blocks_[left].new_at;
            sizes_.emplace(blocks_[left].bytes, left);
            unlink(right);
            return;
        }
    }

    [[nodiscard]] std::vector<MapBlock> take() const {
        std::vector<MapBlock> kept;
        for (std::size_t i = 0; i < blocks_.size(); ++i)
            if (alive_[i]) kept.push_back(blocks_[i]);
        return kept;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};
    using Size = std::pair<std::uint32_t, std::size_t>;  // bytes, index

    void unlink(std::size_t i) {
        alive_[i] = 0;
        --count_;
        if (before_[i] != none) after_[before_[i]] = after_[i];
        if (after_[i] != none) before_[after_[i]] = before_[i];
    }

    std::vector<MapBlock> blocks_;
    std::vector<std::size_t> before_, after_;
    std::vector<char> alive_;
    std::priority_queue<Size, std::vector<Size>, std::greater<>> sizes_;
    std::size_t count_ = 0;
};

}  // namespace

std::vector<MapBlock> block_map(std::span<const SourceRun> runs, std::uint32_t old_bytes,
                                const BlockMapLimits& limits) {
    std::vector<MapBlock> blocks;
    for (const SourceRun& run : runs) {
        if (run.source_at >= old_bytes || run.bytes < limits.min_bytes) continue;
        if (!blocks.empty() && blocks.back().diagonal() == run.diagonal())
            blocks.back().bytes = run.new_at + run.bytes - blocks.back().new_at;
        else
            blocks.push_back({run.new_at, run.source_at, run.bytes});
    }
    if (blocks.size() <= limits.blocks) return blocks;
    BlockList list(std::move(blocks));
    while (list.size() > limits.blocks) list.drop_smallest();
    return list.take();
}

}  // namespace sb::diff
