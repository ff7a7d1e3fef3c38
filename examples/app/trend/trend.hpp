// Statistics by the quarter of an hour: least, most and mean of three channels over the last twelve hours, as
// food inspectors ask for them; and a little picture of them for the console.
#pragma once

#include <array>
#include <cstdint>

#include "base/ring.hpp"
#include "base/text.hpp"
#include "sensors/channels.hpp"

namespace app {

struct TrendBucket {
    std::int16_t least, most, mean;  ///< hundredths of the channel's unit
};

class Trend {
public:
    static constexpr std::uint32_t bucket_seconds = 900;
    static constexpr std::size_t buckets = 48;
    static constexpr std::array<Channel, 3> followed{Channel::air, Channel::product, Channel::humidity};

    /// Takes the values of this second.
    void step(const Channels& channels);
    void clear();

    /// Draws channel `i` of `followed` as a line of bars, then its figures.
    void draw(Sink& out, std::size_t i) const;
    [[nodiscard]] const Ring<TrendBucket, buckets>& history(std::size_t i) const { return histories_[i]; }

private:
    struct Running {
        std::int32_t least = 0, most = 0;
        std::int64_t sum = 0;
        std::uint32_t count = 0;
    };
    void close_bucket();

    std::array<Running, followed.size()> running_{};
    std::array<Ring<TrendBucket, buckets>, followed.size()> histories_{};
    std::uint32_t seconds_ = 0;
};

}  // namespace app
