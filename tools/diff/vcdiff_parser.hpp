// tools/diff: chooses the steps of a VCDIFF window: the cheapest way through the new image that a search keeping a few
// states per byte finds. A state is what made the last byte: an ADD, a RUN, or a COPY with a certain shift (old place
// minus new place).
#pragma once

#include <functional>

#include "tools/diff/cover.hpp"
#include "tools/diff/vcdiff_prices.hpp"

namespace sb::diff {

struct VcdiffTuning {
    bool self_copies = true;      ///< look for copies from the window itself
    std::size_t states = 6;       ///< kept per byte
    std::size_t sure_bytes = 64;  ///< a match that goes on for so long is followed, without a look at others
    std::size_t look_bytes = 12;  ///< others are looked for so many bytes before a match ends
};

class VcdiffParser {
public:
    /// Requires: all outlive the parser.
    VcdiffParser(Bytes old, Bytes new_image, MatchTable& matches) : old_(old), new_(new_image), matches_(matches) {}

    [[nodiscard]] VcdiffSteps parse(const VcdiffFrame& frame, const VcdiffPrices& prices, const VcdiffTuning& tuning);

private:
    using Kind = VcdiffStep::Kind;
    static constexpr std::uint32_t none = ~0U;

    /// A step whose end is not known yet; steps of one way are linked backwards.
    struct Link {
        std::uint32_t before;
        Kind kind;
        std::size_t new_at;
        std::size_t from;
    };
    struct State {
        double base;   ///< without the price that depends on the step's size
        double price;  ///< of the way up to here
        std::uint32_t link;
        std::uint32_t added;  ///< bytes added just before the step
        std::size_t end;      ///< how far the copy or the run can go
    };
    struct Origin {
        Kind kind;
        std::int64_t shift;
        bool operator==(const Origin&) const = default;
    };
    struct Stretch {
        Origin origin{Kind::add, 0};
        std::size_t from = 0;
        std::size_t end = 0;
    };

    [[nodiscard]] Origin origin(const Link& link) const;
    [[nodiscard]] std::size_t reach(const Origin& origin, std::size_t new_at);
    [[nodiscard]] double price(const State& state, std::size_t at) const;
    [[nodiscard]] double address_price(const Origin& origin, std::size_t at, std::uint32_t link) const;
    void start(const Origin& origin, std::size_t at);
    void look_around(std::size_t at, bool everywhere);
    void look_back(std::size_t at);
    void remember(std::size_t at);
    void add_state(const State& state);
    void step(std::size_t at);
    void trim();
    [[nodiscard]] std::size_t skip(std::size_t at);
    void settle(std::uint32_t link, std::size_t end, VcdiffSteps& to) const;

    Bytes old_;
    Bytes new_;
    MatchTable& matches_;
    VcdiffFrame frame_;
    const VcdiffPrices* prices_ = nullptr;
    VcdiffTuning tuning_;
    std::vector<Link> links_;
    std::vector<State> states_;  // at the present byte, best first
    std::vector<State> next_;
    std::vector<Stretch> stretches_;
    std::vector<std::uint32_t> heads_;   // by hash of four bytes: place in the window, plus one
    std::vector<std::uint32_t> chains_;  // by place in the window: the one before with that hash, plus one
    std::size_t remembered_ = 0;
};

}  // namespace sb::diff
