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
    /// Those of a device: at the end of its patch region.
    explicit Marks(const FlashMap& map) : Marks(map.patch.from(map.patch_room())) {}

    /// Sets a mark in the half that does not hold the newest one: behind that a cut may have left half of one. Once it
    /// is sure, the other half is erased. Errors: those of the flash.
    [[nodiscard]] Result<void> begin(const State& state) override;
    /// Sets one more. Requires begin() in this session.
    [[nodiscard]] Result<void> add(const State& state) override;

    /// A mark, and where in the area it stands.
    struct Found {
        std::uint32_t at;
        std::uint32_t number;
        State state;
    };
    /// The last one that was set. Looked for once in a session: cells that a cut left weak may read otherwise the next
    /// time.
    const std::optional<Found>& look();

private:
    [[nodiscard]] std::uint32_t stride() const;
    [[nodiscard]] Result<void> erase(std::uint32_t half);
    [[nodiscard]] Result<void> turn_to(std::uint32_t half, const State& state);
    [[nodiscard]] Result<void> put(const State& state);
    [[nodiscard]] std::uint32_t end_of(std::uint32_t half) const { return half == 0 ? middle_ : area_.bytes(); }

    Region area_;
    std::optional<Found> found_;  // the newest
    bool looked_ = false;
    std::uint32_t middle_;      // where the second half begins
    std::uint32_t at_ = 0;      // where the next one goes
    std::uint32_t end_ = 0;     // of the half that is in use
    std::uint32_t number_ = 0;  // of the next one
};

}  // namespace sb
