// tools/diff: chooses covers for HDiffPatch's formats. All stretches of the old image that may serve a stretch of
// the new one are collected once; then the cheapest way through them is found for given prices, byte by byte (a
// shortest path whose states are "in no cover" and "in a cover on this diagonal").
#pragma once

#include "tools/diff/cover.hpp"

namespace sb::diff {

/// What things cost in packed bytes.
struct HdiffPrices {
    double fresh = 0.75;            ///< a byte in no cover
    double cover = 2.2;             ///< one more cover,
    double seek_byte = 0.7;         ///< and each byte of its seek
    double same = 0.004;            ///< a byte in a cover that is the old one
    double run = 0.8;               ///< the first of several bytes that differ
    std::array<double, 256> value;  ///< each byte in a cover that differs, by its difference

    HdiffPrices() { value.fill(0.8); }
};

class HdiffCoverChooser {
public:
    /// Collects the stretches. Requires: the images outlive the chooser. Memory: some ten bytes a byte of the new
    /// image.
    HdiffCoverChooser(Bytes old, Bytes new_image, MatchTable& matches,
                      const std::function<void(double fraction)>& progress = {});

    [[nodiscard]] Covers choose(const HdiffPrices& prices) const;

private:
    struct Stretch {
        std::size_t from, to;  // in the new image
        std::size_t diagonal;
        std::size_t notes_at;  // where its notes begin during choose()
    };
    class Collector;
    class Walk;

    Bytes old_, new_;
    std::vector<Stretch> stretches_;  // by `from`
    std::size_t notes_ = 0;
};

}  // namespace sb::diff
