// Hampel's outlier test: a sample further from the median of the last seven than k times their median absolute
// deviation is replaced by that median. After `give_in` rejections in a row the new level is believed.
#pragma once

#include <array>
#include <cstdint>

namespace app {

struct OutlierRule {
    std::int32_t k_tenths;     ///< 30 = three deviations
    std::int32_t least_width;  ///< differences up to this are never outliers
    std::uint8_t give_in;      ///< rejections in a row after which a step is taken for real
};

class OutlierFilter {
public:
    explicit OutlierFilter(const OutlierRule& rule) : rule_(&rule) {}

    [[nodiscard]] std::int32_t step(std::int32_t sample);
    [[nodiscard]] std::uint32_t rejected() const { return rejected_; }

private:
    static constexpr std::size_t window = 7;

    void remember(std::int32_t sample);

    const OutlierRule* rule_;
    std::array<std::int32_t, window> samples_{};
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::uint32_t rejected_ = 0;
    std::uint8_t in_a_row_ = 0;
};

}  // namespace app
