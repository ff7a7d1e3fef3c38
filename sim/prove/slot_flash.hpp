// sim/prove: a part that holds one record a granule, for the explorer: it shows one reading of an abstract region to
// the real journal and writes down what the journal does with it. Nothing is cut here; cuts are the explorer's.
#pragma once

#include <vector>

#include "core/flash/region.hpp"
#include "core/journal/record.hpp"
#include "sim/prove/abstract.hpp"

namespace sb::prove {

struct Operation {
    enum class Kind : std::uint8_t { erase, program, answer_commit, answer_idle } kind = Kind::erase;
    std::uint8_t slot = 0;  ///< program: the slot; erase: the first slot of the page
    Slot record;            ///< program: what is written; answers: .content is the state answered
};

class SlotFlash final : public Flash {
public:
    using Fill = void (*)(const Slot&, MutableBytes);

    SlotFlash(const Shape& shape, const Abstract& reading, Fill fill);
    SlotFlash(const SlotFlash&) = delete;
    SlotFlash& operator=(const SlotFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

    /// What the journal did; programs carry session and index, and the state in .content by way of its id.
    std::vector<Operation> log;

private:
    Shape shape_;
    EraseRun map_[1];
    Geometry geometry_;
    std::vector<std::uint8_t> bytes_;
};

}  // namespace sb::prove
