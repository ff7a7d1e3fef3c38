// core/install: marks of how far the rewriting of an image came, beside the patch that does it. Nothing reads them
// while there is a journal. When every record is lost they say where to go on: unlike other plans this one cannot be
// seen from the images, of which neither is whole.
#pragma once

#include <optional>

#include "core/install/making.hpp"

namespace sb {

class Marks final : public ProgressKeeper {
public:
    /// `area`: whole erase units, with room for a record at least.
    explicit Marks(const Region& area) : area_(area) {}

    /// Forgets all marks and sets one: what stood there, a cut may have left half programmed. Errors: those of the
    /// flash.
    [[nodiscard]] Result<void> begin(const State& state);
    /// Sets one more; when the area is full, in place of the others. Requires begin() in this session.
    [[nodiscard]] Result<void> add(const State& state) override;

    /// The last one that was set.
    [[nodiscard]] std::optional<State> newest() const;

private:
    [[nodiscard]] std::uint32_t stride() const;
    [[nodiscard]] Result<void> erase() const;

    Region area_;
    std::uint32_t at_ = 0;      // where the next one goes
    std::uint16_t number_ = 0;  // of the next one
};

}  // namespace sb
