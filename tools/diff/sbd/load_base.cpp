#include "tools/diff/sbd/load_base.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace sb::diff {
namespace {

using sbd::Architecture;

/// Whether a function may begin at `at`: the stack pointer moves, or registers are saved.
bool begins_function(Bytes image, std::size_t at, Architecture architecture) {
    const auto word = load_le<std::uint32_t>(image, at);
    const std::uint32_t half = word & 0xffff;
    switch (architecture) {
        case Architecture::thumb:
            return (half & 0xff00) == 0xb500 || half == 0xe92d;  // push {…, lr}, push.w
        case Architecture::a64:
            return (word & 0xffc07fff) == 0xa9807bfd;  // stp x29, x30, [sp, …]!
        case Architecture::xtensa:
            return half == 0xc112 || (word & 0xfff) == 0x136;  // addi a1, a1; entry a1
        case Architecture::riscv:
            return (half & 0xef83) == 0x6101 || (half & 0xff03) == 0x1101;  // c.addi16sp, c.addi
        default:
            return false;
    }
}

/// Bases are multiples of this: what linkers and vector tables ask for.
std::uint32_t base_granule(Architecture architecture) {
    return architecture == Architecture::thumb ? 0x100 : 0x1000;
}

/// At most `most` of them, from everywhere.
template <class T>
void thin_out(std::vector<T>& values, std::size_t most) {
    if (values.size() <= most) return;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < most; ++k) values[kept++] = values[k * values.size() / most];
    values.resize(kept);
}

struct Block {
    std::uint32_t moved = 0;  ///< new place - old place, modulo 2^32
    std::uint32_t old_at = 0;
    std::uint32_t bytes = 0;
};

std::vector<Block> long_blocks(std::span<const SourceRun> runs, std::size_t old_bytes) {
    constexpr std::uint32_t long_enough = 32;
    std::vector<Block> blocks;
    for (const SourceRun& run : runs)
        if (run.bytes >= long_enough && run.source_at + std::uint64_t{run.bytes} <= old_bytes)
            blocks.push_back({run.new_at - run.source_at, run.source_at, run.bytes});
    std::ranges::sort(blocks, [](const Block& a, const Block& b) {
        return a.moved != b.moved ? a.moved < b.moved : a.old_at < b.old_at;
    });
    return blocks;
}

struct ChangedWord {
    std::uint32_t before = 0, after = 0;
    auto operator<=>(const ChangedWord&) const = default;
};

/// Different pairs of words that stand at multiples of 4 in both images and differ.
std::vector<ChangedWord> changed_words(Bytes old_image, Bytes new_image, std::span<const SourceRun> runs) {
    constexpr std::uint32_t lowest = 256;
    std::vector<ChangedWord> words;
    for (const SourceRun& run : runs) {
        if (run.diagonal() % 4 != 0) continue;
        for (std::size_t at = (run.new_at + std::size_t{3}) / 4 * 4; at + 4 <= std::size_t{run.new_at} + run.bytes;
             at += 4) {
            const std::size_t old_at = at - run.new_at + run.source_at;
            if (at + 4 > new_image.size() || old_at + 4 > old_image.size()) break;
            const ChangedWord word{load_le<std::uint32_t>(old_image, old_at), load_le<std::uint32_t>(new_image, at)};
            if (word.before != word.after && word.before >= lowest && word.before != 0xffffffff) words.push_back(word);
        }
    }
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    constexpr std::size_t most = 4000;
    thin_out(words, most);
    return words;
}

struct Edge {
    std::int64_t at = 0;
    int step = 0;  ///< +1: an interval of bases begins, -1: one has ended
    auto operator<=>(const Edge&) const = default;
};

/// The bases by which `word` points into a block that moved as it did; intervals that overlap count once.
void add_edges(const ChangedWord& word, std::span<const Block> blocks, std::vector<Edge>& edges) {
    const std::uint32_t moved = word.after - word.before;
    const auto first = std::ranges::lower_bound(blocks, moved, {}, &Block::moved);
    const auto last = std::ranges::upper_bound(blocks, moved, {}, &Block::moved);
    constexpr std::ptrdiff_t says_nothing = 64;
    if (last - first > says_nothing) return;
    // Blocks come in rising order, so their bases in falling order.
    std::int64_t free_below = std::int64_t{1} << 40;
    for (auto block = first; block != last; ++block) {
        const std::int64_t high = std::min(std::int64_t{word.before} - block->old_at, free_below - 1);
        const std::int64_t low = std::int64_t{word.before} - block->old_at - block->bytes;
        if (low > high) continue;
        edges.push_back({low, 1});
        edges.push_back({high + 1, -1});
        free_below = low;
    }
}

struct Peak {
    std::int64_t low = 0, high = 0;
    std::uint32_t votes = 0;
};

std::vector<Peak> sweep(std::vector<Edge>& edges) {
    std::ranges::sort(edges);
    std::vector<Peak> peaks;
    int votes = 0;
    for (std::size_t k = 0; k < edges.size(); ++k) {
        votes += edges[k].step;
        if (k + 1 < edges.size() && edges[k + 1].at != edges[k].at && votes >= static_cast<int>(fewest_votes))
            peaks.push_back({edges[k].at, edges[k + 1].at - 1, static_cast<std::uint32_t>(votes)});
    }
    std::ranges::stable_sort(peaks, std::ranges::greater{}, &Peak::votes);
    return peaks;
}

/// The number of [low, high] with most zero bits at its end. Requires: 0 <= low <= high < 2^32.
std::uint32_t roundest(std::int64_t low, std::int64_t high) {
    for (int zeros = 32; zeros > 0; --zeros)
        if (const std::int64_t round = high >> zeros << zeros; round >= low) return static_cast<std::uint32_t>(round);
    return static_cast<std::uint32_t>(high);
}

}  // namespace

std::uint32_t guess_base(Bytes image, Architecture architecture) {
    const std::uint32_t granule = base_granule(architecture);
    const std::uint32_t code_bit = architecture == Architecture::thumb ? 1 : 0;
    std::vector<std::vector<std::uint32_t>> begins(granule);  // by their place in a granule
    std::vector<std::uint32_t> all_begins, all_words;
    for (std::size_t at = 0; at + 4 <= image.size(); at += 2) {
        if (begins_function(image, at, architecture)) all_begins.push_back(static_cast<std::uint32_t>(at));
        if (at % 4 != 0) continue;
        const auto word = load_le<std::uint32_t>(image, at);
        if (word >= 0x100 && word < 0xf0000000 && (word & 1) == code_bit) all_words.push_back(word - code_bit);
    }
    std::ranges::sort(all_words);
    all_words.erase(std::ranges::unique(all_words).begin(), all_words.end());
    constexpr std::size_t enough = 8000;
    thin_out(all_begins, enough);
    thin_out(all_words, enough);
    for (const std::uint32_t at : all_begins) begins[at % granule].push_back(at);
    std::unordered_map<std::uint32_t, std::uint32_t> votes;
    for (const std::uint32_t word : all_words)
        for (const std::uint32_t at : begins[word % granule])
            if (word >= at) ++votes[word - at];
    BaseVotes best;
    std::uint32_t second = 0;
    for (const auto& [base, count] : votes) {
        if (count > best.votes || (count == best.votes && base < best.base)) {
            second = best.votes;
            best = {base, count};
        } else {
            second = std::max(second, count);
        }
    }
    constexpr std::uint32_t chance = 8;
    return best.votes >= chance && best.votes >= second + second / 4 ? best.base : 0;
}

std::vector<BaseVotes> vote_bases(Bytes old_image, Bytes new_image, std::span<const SourceRun> runs) {
    const std::vector<Block> blocks = long_blocks(runs, old_image.size());
    std::vector<Edge> edges;
    for (const ChangedWord& word : changed_words(old_image, new_image, runs)) add_edges(word, blocks, edges);
    std::vector<BaseVotes> bases;
    constexpr std::size_t most = 12;
    for (const Peak& peak : sweep(edges)) {
        const std::int64_t low = std::max<std::int64_t>(peak.low, 0);
        const std::int64_t high = std::min<std::int64_t>(peak.high, 0xffffffff);
        if (low > high) continue;
        const BaseVotes found{roundest(low, high), peak.votes};
        if (std::ranges::count(bases, found.base, &BaseVotes::base) != 0) continue;
        bases.push_back(found);
        if (bases.size() == most) break;
    }
    if (bases.empty()) return bases;
    // Of nearly as many votes the roundest is the likeliest.
    const std::uint32_t near_peak = bases.front().votes - bases.front().votes * 3 / 100;
    const auto roundness = [](const BaseVotes& b) { return std::countr_zero(b.base | 1U << 31); };
    const auto nearly = std::ranges::partition_point(bases, [&](const BaseVotes& b) { return b.votes >= near_peak; });
    std::ranges::stable_sort(bases.begin(), nearly, std::ranges::greater{}, roundness);
    return bases;
}

std::vector<std::uint32_t> base_candidates(Bytes old_image, Bytes new_image, std::span<const SourceRun> runs) {
    std::vector<std::uint32_t> bases;
    for (const BaseVotes& found : vote_bases(old_image, new_image, runs)) bases.push_back(found.base);
    return bases;
}

}  // namespace sb::diff
