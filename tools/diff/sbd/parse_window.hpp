// tools/diff/sbd: the parse of one window of the new image: the dynamic program itself (parse.hpp says what it finds).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "tools/diff/sbd/parse.hpp"

namespace sb::diff::window {

/// Prices are whole numbers of 1/256 bit, so that all machines make the same parse.
using Price = std::int32_t;
constexpr double price_unit = 256;
constexpr Price far_too_much = 1 << 30;
constexpr std::uint32_t none = ~std::uint32_t{0};
/// Predictions are asked for in blocks of this many bytes.
constexpr std::uint32_t block_bytes = 64;
constexpr std::size_t recent_diagonals = 4;
/// How much of what is left of a match counts when ways are given up.
constexpr std::uint32_t promising_bytes = 32;

inline Price price_of(double bits) {
    return static_cast<Price>(std::lround(bits * price_unit));
}

/// log2(value) in 1/256, by straight lines between the powers of two.
inline Price log2_of(std::uint64_t value) {
    const int exponent = static_cast<int>(std::bit_width(value)) - 1;
    const std::uint64_t fraction = exponent >= 8 ? value >> (exponent - 8) : value << (8 - exponent);
    return exponent * 256 + static_cast<Price>(fraction - 256);
}

using RowTable = std::array<Price, std::tuple_size_v<RowPrices>>;

inline RowTable table_of(const RowPrices& bits) {
    RowTable table{};
    std::transform(bits.begin(), bits.end(), table.begin(), price_of);
    return table;
}

struct Prices {
    explicit Prices(const ParsePrices& bits)
        : hit{table_of(bits.hit_behind_hits), table_of(bits.hit_behind_misses)},
          miss{table_of(bits.miss_behind_hits), table_of(bits.miss_behind_misses)},
          literal(price_of(bits.literal)),
          repeated_change(price_of(bits.repeated_change)),
          unchanged(price_of(bits.unchanged)),
          old_jump(price_of(bits.old_jump)),
          self_jump(price_of(bits.self_jump)),
          map_jump(price_of(bits.map_jump)),
          return_jump(price_of(bits.return_jump)),
          recent_jump(price_of(bits.recent_jump)),
          promise(price_of(bits.promise)),
          old_slope(price_of(bits.old_per_doubling)),
          self_slope(price_of(bits.self_per_doubling)) {}

    [[nodiscard]] Price far_jump(std::uint32_t from, std::uint32_t to) const {
        const std::uint32_t apart = std::min(from - to, to - from);
        return old_jump + log2_of(std::uint64_t{apart} + 1) * old_slope / 256;
    }
    [[nodiscard]] Price far_self_jump(std::uint32_t distance) const {
        return self_jump + log2_of(std::uint64_t{distance} + 1) * self_slope / 256;
    }

    std::array<RowTable, 2> hit, miss;  ///< behind hits, behind misses
    Price literal, repeated_change, unchanged;
    Price old_jump, self_jump, map_jump, return_jump, recent_jump, promise;
    std::int32_t old_slope, self_slope;
};

inline std::size_t row_index(std::uint32_t bytes) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(bytes)), std::tuple_size_v<RowPrices> - 1);
}

/// A way through the image, as it stands on one diagonal.
struct State {
    std::uint32_t diagonal = 0;
    std::uint32_t end = 0;           ///< where its match ends
    std::uint32_t came_from = none;  ///< step before the present run
    std::uint32_t came_at = 0;       ///< where the present run begins
    std::uint32_t step = none;       ///< the present run as a step, once another way needs it
    std::uint32_t row_at = 0;        ///< where the present row of hits or of misses begins
    std::uint64_t hits = 0;          ///< which predictions hold, from the start of the block
    Price cost = 0;
    Price rank = 0;                        ///< scratch of make_room()
    std::array<std::uint8_t, 2> change{};  ///< the last change of a byte, at even and at odd positions
    bool missed = false;                   ///< the last prediction failed
};

/// Of equal ones the lower diagonal, so that the order of ways in memory does not matter.
inline bool is_cheaper(const State& a, const State& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.diagonal < b.diagonal;
}

/// One run of a way, behind the step before.
struct Step {
    std::uint32_t new_at = 0;
    std::uint32_t diagonal = 0;
    std::uint32_t before = none;
};

/// The parse of one window.
class WindowParse {
public:
    WindowParse(const MatchFinder& finder, const ParseRequest& request, HitOracle& oracle, std::uint32_t from,
                std::uint32_t to)
        : finder_(finder),
          limits_(request.limits),
          prices_(request.prices),
          map_(request.map),
          oracle_(oracle),
          from_(from),
          to_(to),
          old_bytes_(static_cast<std::uint32_t>(finder.old_image().size())),
          new_bytes_(static_cast<std::uint32_t>(finder.new_image().size())),
          keep_within_(price_of(limits_.keep_within)),
          source_within_(price_of(limits_.source_within)),
          found_(std::max<std::uint32_t>(limits_.kept, 1)) {}

    /// Runs of [from, to); they may go from the old image into the new one.
    std::vector<SourceRun> run();

private:
    void begin();
    void begin_block();
    [[nodiscard]] bool is_quiet() const;
    void pass_quiet_block();
    void leave_hidden();
    void drop_poor();
    void enter_matches(Matches which);
    void enter_known();
    void enter_near();
    void enter_pairs(std::uint32_t from, std::uint32_t to);
    void enter(std::uint32_t diagonal, std::uint32_t end);
    void relax();
    void relax_from(std::size_t which);
    void charge();
    void charge_hit(State& state, std::uint32_t at) const;
    void charge_miss(State& state) const;
    void make_room();

    [[nodiscard]] bool readable(std::uint32_t diagonal) const;
    [[nodiscard]] std::uint64_t hits_of(std::uint32_t diagonal) const;
    [[nodiscard]] Price jump_price(std::uint32_t to) const;
    [[nodiscard]] std::uint32_t next_miss() const;
    [[nodiscard]] std::uint32_t block_end() const { return std::min((at_ / block_bytes + 1) * block_bytes, to_); }
    [[nodiscard]] bool holds(const State& state) const { return (state.hits >> (at_ % block_bytes) & 1) != 0; }
    std::uint32_t step_of(State& state);
    void note_recent(std::uint32_t step);
    [[nodiscard]] std::uint32_t map_diagonal();
    [[nodiscard]] std::vector<SourceRun> trace();

    const MatchFinder& finder_;
    const ParseLimits& limits_;
    Prices prices_;
    std::span<const MapBlock> map_;
    HitOracle& oracle_;
    std::uint32_t from_, to_, old_bytes_, new_bytes_;
    Price keep_within_, source_within_;

    std::uint32_t at_ = 0;
    std::uint32_t lowest_old_ = 0;   ///< at at_
    std::uint32_t next_change_ = 0;  ///< where lowest_old_ ends to be it
    std::vector<State> states_{};
    std::size_t best_ = 0;
    std::size_t source_ = 0;              ///< the way that is jumped away from
    std::vector<std::size_t> sources_{};  ///< scratch of relax()
    std::vector<Step> steps_{};
    std::vector<DiagonalMatch> found_;
    std::size_t map_next_ = 0;
    std::uint32_t return_diagonal_ = none, map_diagonal_ = none;  ///< where the source may jump for less
    std::array<std::uint32_t, recent_diagonals> recent_{};        ///< and its last diagonals
    std::uint32_t recent_of_ = none;                              ///< the step that recent_ is of
};

}  // namespace sb::diff::window
