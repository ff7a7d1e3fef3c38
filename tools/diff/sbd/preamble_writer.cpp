#include "tools/diff/sbd/preamble_writer.hpp"

#include <bit>
#include <stdexcept>

#include "tools/diff/sbd/range_encoder.hpp"

namespace sb::diff {
namespace {

class PreambleWriter {
public:
    void byte(std::uint32_t value) { made.push_back(static_cast<std::uint8_t>(value)); }
    void varint(std::uint32_t value) {
        for (; value >= 0x80; value >>= 7) byte(value | 0x80U);
        byte(value);
    }
    void difference(std::uint32_t value) { varint(value << 1 ^ (0U - (value >> 31))); }
    void round(std::uint32_t value) {
        const int zeros = value == 0 ? 0 : std::countr_zero(value);
        byte(static_cast<std::uint32_t>(zeros));
        varint(value >> zeros);
    }
    void bytes(Bytes from) { made.insert(made.end(), from.begin(), from.end()); }

    std::vector<std::uint8_t> made;
};

void write_segments(PreambleWriter& out, const sbd::AddressSpace& space, std::uint32_t image_bytes,
                    const sbd::AddressSpace& other) {
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < space.segments().size(); ++i) {
        const sbd::LoadSegment& segment = space.segments()[i];
        out.difference(segment.offset - end);
        if (i < other.segments().size()) {
            out.difference(segment.address - other.segments()[i].address);
            out.difference(segment.bytes - other.segments()[i].bytes);
        } else {
            out.round(segment.address);
            out.difference(segment.bytes - (image_bytes - segment.offset));
        }
        end = segment.offset + segment.bytes;
    }
}

void write_ground(PreambleWriter& out, const sbd::Plan& plan) {
    const sbd::Ground& ground = plan.ground;
    const sbd::Spaces& spaces = ground.spaces;
    if (ground.architecture == sbd::Architecture::none) return;
    if ((plan.flags & sbd::own_spaces) == 0) {
        out.round(spaces.of[0].segments()[0].address);
    } else {
        out.round(spaces.ram_address);
        out.round(spaces.ram_bytes);
        for (const sbd::AddressSpace& space : spaces.of) out.byte(static_cast<std::uint32_t>(space.segments().size()));
        write_segments(out, spaces.of[0], ground.old_bytes(), {});
        write_segments(out, spaces.of[1], ground.new_bytes(), spaces.of[0]);
    }
    if (ground.architecture == sbd::Architecture::riscv) {
        out.round(spaces.global_pointer[0]);
        out.difference(spaces.global_pointer[1] - spaces.global_pointer[0]);
    }
}

void write_blocks(PreambleWriter& out, std::span<const sbd::MapBlock> blocks) {
    out.byte(static_cast<std::uint32_t>(blocks.size()));
    if (blocks.empty()) return;
    RangeEncoder coder;
    sbd::MapModel model{};
    std::uint32_t end = 0, moved_by = 0;
    for (const sbd::MapBlock& block : blocks) {
        static_cast<void>(model.code(coder, block, end, moved_by));
        end = block.new_at + block.bytes;
        moved_by = block.moved_by();
    }
    out.bytes(coder.finish());
}

}  // namespace

std::vector<std::uint8_t> write_preamble(const sbd::Plan& plan, std::span<const sbd::MapBlock> blocks) {
    PreambleWriter body;
    body.byte(plan.flags);
    body.varint(plan.ground.old_bytes());
    body.difference(plan.ground.new_bytes() - plan.ground.old_bytes());
    body.bytes(plan.old_digest);
    body.bytes(plan.new_digest);
    if (plan.segment_bytes != 0) body.varint(plan.segment_bytes);
    if ((plan.flags & sbd::in_place) != 0) {
        body.varint(plan.shift_bytes);
        body.byte(static_cast<std::uint32_t>(std::countr_zero(plan.erase_bytes)));
    }
    if ((plan.flags & sbd::in_blocks) != 0)
        body.byte(static_cast<std::uint32_t>(std::countr_zero(plan.pace.block_bytes) |
                                             std::countr_zero(plan.pace.block_run) << 4));
    const bool learned = plan.learned != sbd::shares_of(plan.budget).learned;
    if (learned) body.byte(plan.learned);
    if ((plan.flags & sbd::stored) == 0) {
        write_ground(body, plan);
        write_blocks(body, blocks);
    }

    PreambleWriter whole;
    whole.bytes(sbd::magic);
    whole.byte(std::uint32_t{sbd::version} << 4 | static_cast<std::uint32_t>(plan.budget) |
               (learned ? sbd::own_learned : 0U) | (plan.segment_bytes != 0 ? sbd::has_segments : 0U));
    whole.varint(static_cast<std::uint32_t>(body.made.size()));
    whole.bytes(body.made);
    if (whole.made.size() > sbd::max_preamble_bytes) throw std::length_error("the preamble of the patch is too large");
    return whole.made;
}

}  // namespace sb::diff
