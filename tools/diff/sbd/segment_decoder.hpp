// tools/diff/sbd: sbd::RangeDecoder for a segment that is all in memory. `Noted` is told of each decision.
#pragma once

#include "core/delta/sbd/model.hpp"

namespace sb::diff {

/// Nothing is told.
struct NoNotes {
    void note(bool, std::uint32_t) {}
    void spend(sbd::Spent) {}
};

template <class Noted>
class SegmentDecoder : public sbd::WantsNothing {
public:
    explicit SegmentDecoder(Bytes in) : in_(in) {
        for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
    }

    bool bit(std::uint32_t p) {
        const std::uint32_t bound = (range_ >> 16) * (65536 - p);
        const bool one = code_ >= bound;
        noted.note(one, p);
        code_ -= one ? bound : 0;
        range_ = one ? range_ - bound : bound;
        while (range_ < 1U << 24) {
            range_ <<= 8;
            code_ = code_ << 8 | next();
        }
        return one;
    }
    void spend(sbd::Spent kind) { noted.spend(kind); }
    [[nodiscard]] bool used_up() const { return at_ >= in_.size() && (in_.empty() || in_.back() != 0); }

    [[no_unique_address]] Noted noted;

private:
    std::uint32_t next() { return at_ < in_.size() ? in_[at_++] : 0U; }

    Bytes in_;
    std::size_t at_ = 0;
    std::uint32_t range_ = 0xffffffff;
    std::uint32_t code_ = 0;
};

}  // namespace sb::diff
