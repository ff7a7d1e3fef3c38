// core/install: marks of how far the rewriting of an image came, beside the patch that does it. Nothing reads them
// while there is a journal. When every record is lost they say where to go on: unlike other plans this one cannot be
// seen from the images, of which neither is whole.
#pragma once

#include <optional>

#include "core/install/making.hpp"

namespace sb {

class Marks final : public ProgressKeeper {
public:
    /// `area`: two erase units at least, each with room for a record. It is used in two halves by turns: the one that
    /// holds the newest mark that is sure is never erased. The first mark of a half is set twice: one that stands
    /// there alone may be what a cut left of it, and nothing was done since.
    explicit Marks(const Region& area);

    /// Sets a mark in the half that does not hold the newest one: behind that a cut may have left half of one. Errors:
    /// those of the flash.
    [[nodiscard]] Result<void> begin(const State& state) override;
    /// Sets one more. Requires begin() in this session.
    [[nodiscard]] Result<void> add(const State& state) override;

    /// The last one that was set.
    [[nodiscard]] std::optional<State> newest() const;

private:
    /// A mark that was found.
    struct Found {
        std::uint32_t at;
        std::uint32_t number;
        State state;
    };

    [[nodiscard]] std::uint32_t stride() const;
    [[nodiscard]] std::optional<Found> find_newest() const;
    [[nodiscard]] Result<void> turn_to(std::uint32_t half);
    [[nodiscard]] Result<void> put(const State& state);
    [[nodiscard]] bool begins_half(std::uint32_t at) const { return at == 0 || at == middle_; }

    Region area_;
    std::uint32_t middle_;      // where the second half begins
    std::uint32_t at_ = 0;      // where the next one goes
    std::uint32_t end_ = 0;     // of the half that is in use
    std::uint32_t number_ = 0;  // of the next one
};

}  // namespace sb
