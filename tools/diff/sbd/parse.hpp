// tools/diff/sbd: the optimising parse of an sbd patch. It says from where each byte of the new image is predicted, so
// that flags for predictions that hold, jumps of the source pointer and substituted bytes together cost the least. A
// narrow dynamic program goes over the new image with a set of diagonals; jumps lead away from the cheapest ones, and
// only where their predictions fail, as a decoder asks for a jump nowhere else.
#pragma once

#include <memory>

#include "tools/diff/sbd/block_map.hpp"
#include "tools/diff/sbd/match_finder.hpp"

namespace sb::diff {

/// Says which predictions hold. One oracle serves one thread; answers must not depend on what was asked before.
class HitOracle {
public:
    virtual ~HitOracle() = default;
    /// Bit k: new[new_at + k] is what S[source_at + k] predicts, for k < bytes; the other bits are 0.
    /// Requires: bytes <= 64; the source lies in one image and before what it predicts.
    [[nodiscard]] virtual std::uint64_t holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) = 0;
};
using MakeOracle = std::function<std::unique_ptr<HitOracle>()>;

/// A prediction holds where the bytes are equal.
class EqualBytes final : public HitOracle {
public:
    /// Requires: the finder outlives the oracle.
    explicit EqualBytes(const MatchFinder& finder) : text_(finder.text()), old_bytes_(finder.old_image().size()) {}
    [[nodiscard]] std::uint64_t holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) override;

private:
    Bytes text_;
    std::size_t old_bytes_;
};

/// Prices by how many bytes in a row came out alike just before: index 0: none, k: [2^(k-1), 2^k), the last: more.
using RowPrices = std::array<double, 12>;

/// What decisions cost, in bits. As the coder of sbd has them on the average of firmware pairs.
struct ParsePrices {
    RowPrices hit_behind_hits{0.45, 0.37, 0.22, 0.18, 0.11, 0.063, 0.033, 0.019, 0.008, 0.004, 0.002, 0.001};
    RowPrices hit_behind_misses{0.45, 0.70, 1.1, 1.4, 2.2, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6};
    RowPrices miss_behind_hits{1.9, 1.5, 1.8, 2.0, 2.3, 2.8, 3.5, 3.9, 4.5, 5.0, 5.4, 5.9};
    RowPrices miss_behind_misses{1.1, 1.1, 0.8, 0.8, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3};

    // a byte that is put in instead, behind a miss
    double literal = 7;
    double repeated_change = 2.2;  ///< that differs from its source by as much as one before did
    double unchanged = 1.6;        ///< that equals its source: only what it was rewritten to is wrong

    // a jump, behind a miss
    double old_jump = 7.8;         ///< to another place of the old image,
    double old_per_doubling = 1;   ///< and for each doubling of how far that is
    double self_jump = 6;          ///< into the new image,
    double self_per_doubling = 1;  ///< and for each doubling of how far back that is
    double map_jump = 5.3;         ///< to where the block map says
    double return_jump = 6;        ///< to the source of the first byte after the last run of hits
    double recent_jump = 8.6;      ///< to one of the last diagonals

    double promise = 3;  ///< what a byte that is left of a match is thought to save
};

struct ParseLimits {
    std::uint32_t states = 200;      ///< diagonals that are followed at a time
    std::uint32_t kept = 48;         ///< matches of one position that are looked at
    std::uint32_t keep_alive = 48;   ///< bytes that a diagonal is followed for beyond the end of its match
    double keep_within = 12;         ///< bits; a diagonal that is nearly the best is followed on
    std::uint32_t near_bytes = 256;  ///< how far around the present source, and back, short matches are looked for
    std::uint32_t sources = 8;       ///< ways that jumps lead away from at one position: the cheapest ones,
    double source_within = 12;       ///< bits; if they are as near to the best
    std::uint32_t window_bytes = std::uint32_t{1} << 17;  ///< parts that are parsed each for itself
    std::uint32_t overlap_bytes = 4096;                   ///< parts begin this much earlier, and are joined there
};

/// Limits that go together. As they stand: 1 to 3 us a byte of the new image, on one core, with EqualBytes.
struct ParseEffort {
    MatchLimits matches{};
    ParseLimits limits{};
};
[[nodiscard]] ParseEffort fast_parse();  ///< 0.3 to 0.6 us a byte; some 4 % are lost
[[nodiscard]] ParseEffort wide_parse();  ///< 10 to 15 us a byte; not quite 1 % is won

struct ParseRequest {
    ParsePrices prices{};
    ParseLimits limits{};
    std::span<const MapBlock> map{};  ///< in the order of the new image
    MakeOracle make_oracle{};         ///< one for each window; none: EqualBytes
    unsigned threads = 0;             ///< 0: two where there are two cores; the result does not depend on it
    std::function<void(double fraction)> progress{};
};

/// Runs that cover the whole new image, in its order, without empty ones. A source byte is in the old image (and can be
/// read there), or in the part of the new one that is written before. Where there is none of either, at the start of an
/// image that is made from nothing, the first run is of one byte from old_bytes, which no decoder can read.
/// Memory: some MB per thread, whatever the size of the image, and 12 bytes per run.
[[nodiscard]] std::vector<SourceRun> parse(const MatchFinder& finder, const ParseRequest& request);

}  // namespace sb::diff
