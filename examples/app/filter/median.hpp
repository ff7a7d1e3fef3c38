// Median of the last N samples (N odd, up to 7): takes out single spikes without smearing edges.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace app {

/// Median of `values`, which it sorts in place. Requires at least one value.
[[nodiscard]] std::int32_t median_of(std::span<std::int32_t> values);

class Median {
public:
    static constexpr std::size_t max_window = 7;

    explicit Median(std::size_t window = 3) : window_(window) {}

    /// Takes a sample in and gives the median of what the window holds so far.
    [[nodiscard]] std::int32_t step(std::int32_t sample);
    void reset() { count_ = next_ = 0; }

private:
    std::array<std::int32_t, max_window> samples_{};
    std::size_t window_;
    std::size_t count_ = 0;
    std::size_t next_ = 0;
};

}  // namespace app
