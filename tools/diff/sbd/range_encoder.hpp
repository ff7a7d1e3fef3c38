// tools/diff/sbd: the encoder to core/delta/sbd/range_decoder.hpp, with carry propagation; and a coder that only
// counts.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/delta/sbd/model.hpp"

namespace sb::diff {

/// Bits spent, by kind.
using Spending = std::array<double, 6>;

class RangeEncoder {
public:
    void set_wanted(const sbd::Wanted& wanted) { wanted_ = wanted; }
    [[nodiscard]] const sbd::Wanted& wanted() const { return wanted_; }
    void want(std::uint32_t bits, std::uint32_t count = 1) {
        coming_ = coming_ << count | (bits & ((std::uint64_t{1} << count) - 1));
        coming_count_ += count;
    }
    /// Codes what was wanted.
    bool bit(std::uint32_t p) { return bit(p, (coming_ >> --coming_count_ & 1) != 0); }
    bool bit(std::uint32_t p, bool wanted) {
        spent_[kind_] += cost(wanted ? p : 65536 - p);
        const std::uint32_t bound = (range_ >> 16) * (65536 - p);
        if (wanted) {
            low_ += bound;
            range_ -= bound;
        } else {
            range_ = bound;
        }
        while (range_ < 1U << 24) {
            range_ <<= 8;
            shift();
        }
        return wanted;
    }

    void spend(sbd::Spent kind) { kind_ = static_cast<std::size_t>(kind); }
    [[nodiscard]] const Spending& spending() const { return spent_; }

    /// The segment's bytes, without zeros at their end, which the decoder reads anyway. The encoder is fresh after it.
    [[nodiscard]] std::vector<std::uint8_t> finish() {
        // of all numbers in [low, low + range) the one with most zeros at its end
        const std::uint64_t high = low_ + range_ - 1;
        for (unsigned zeros = 32;; zeros -= 8) {
            const std::uint64_t candidate = high >> zeros << zeros;
            if (candidate < low_) continue;
            low_ = candidate;
            break;
        }
        for (int i = 0; i < 5; ++i) shift();
        std::vector<std::uint8_t> made(out_.begin() + 1, out_.end());  // the first byte is always 0
        while (!made.empty() && made.back() == 0) made.pop_back();
        low_ = 0;
        range_ = 0xffffffff;
        cache_ = 0;
        pending_ = 1;
        out_.clear();
        return made;
    }

private:
    [[nodiscard]] static double cost(std::uint32_t p) { return 16 - std::log2(static_cast<double>(p)); }

    void shift() {
        if (low_ < 0xff000000U || low_ >> 32 != 0) {
            const auto carry = static_cast<std::uint8_t>(low_ >> 32);
            for (std::uint8_t byte = cache_; pending_ != 0; --pending_, byte = 0xff)
                out_.push_back(static_cast<std::uint8_t>(byte + carry));
            cache_ = static_cast<std::uint8_t>(low_ >> 24);
        }
        ++pending_;
        low_ = low_ << 8 & 0xffffffffU;
    }

    sbd::Wanted wanted_;
    std::uint64_t coming_ = 0;  // no number has more than 37 decisions
    std::uint32_t coming_count_ = 0;
    std::uint64_t low_ = 0;
    std::uint32_t range_ = 0xffffffff;
    std::uint8_t cache_ = 0;
    std::uint64_t pending_ = 1;
    std::vector<std::uint8_t> out_;
    Spending spent_{};
    std::size_t kind_ = 0;
};

}  // namespace sb::diff
