// core/install: writes an image into a slot, front to back: erases each unit in this session before it programs it,
// programs whole granules from a small stage, reads everything back.
#pragma once

#include "core/base/reader.hpp"
#include "core/flash/region.hpp"

namespace sb {

class SlotWriter {
public:
    /// Largest program operation. A multiple of every granule that parts have (512: SD cards, some NAND-like NOR).
    static constexpr std::uint32_t stage_bytes = 512;

    /// Requires: stage.size() == stage_bytes.
    SlotWriter(const Region& slot, MutableBytes stage) : slot_(slot), stage_(stage) {}

    /// Begins an image of `image_bytes`, of which the first `kept` were written, read back and recorded earlier. When
    /// `kept` lies inside an erase unit the rest of that unit is programmed again with the same bytes, which the part
    /// must allow (Geometry::reprogram_same); all later units are erased before they are written, whatever they hold.
    /// Errors: out_of_range, unaligned.
    [[nodiscard]] Result<void> start(std::uint32_t image_bytes, std::uint32_t kept);

    /// Where the next bytes of the image go; empty when the image is complete. Ends at the end of an erase unit.
    [[nodiscard]] MutableBytes room();
    /// The first `count` bytes of room() were filled. Programs and reads back when the stage is full, at the end of a
    /// unit and at the end of the image (padded to the granule with the erased value).
    /// Errors: those of Flash; readback.
    [[nodiscard]] Result<void> advance(std::size_t count);

    [[nodiscard]] std::uint32_t bytes_written() const { return written_; }
    /// Bytes that wait in the stage.
    [[nodiscard]] std::uint32_t bytes_staged() const { return staged_; }
    [[nodiscard]] bool complete() const { return written_ == image_bytes_; }
    /// Whether a download can go on from bytes_written() after a reset: nothing is staged, and what follows in this
    /// erase unit can be written again.
    [[nodiscard]] bool resumable() const;
    /// Whether bytes_written() is the end of an erase unit.
    [[nodiscard]] bool at_unit_end() const { return written_ == erased_to_; }

    /// Reads what was written or waits in the stage. Errors: out_of_range, those of Flash.
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) const;

private:
    Result<void> flush();
    Result<void> read_back(Bytes expected) const;

    Region slot_;
    MutableBytes stage_;
    std::uint32_t image_bytes_ = 0;
    std::uint32_t written_ = 0;
    std::uint32_t staged_ = 0;
    std::uint32_t erased_to_ = 0;  // units below this are erased by this session, or kept from an earlier one
};

/// What a writer has got so far, for decoders that look back.
class WrittenImage final : public Reader {
public:
    explicit WrittenImage(const SlotWriter& writer) : writer_(&writer) {}
    [[nodiscard]] std::uint32_t bytes() const override { return writer_->bytes_written() + writer_->bytes_staged(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        return writer_->read(offset, out);
    }

private:
    const SlotWriter* writer_;
};

}  // namespace sb
